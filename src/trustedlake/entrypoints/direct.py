"""The engine in the bucket itself, loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.lazy import pyarrow_needed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustedlake.adapters.engines.direct import DirectEngine, RunningSpark
    from trustedlake.adapters.stores.s3_direct import DirectStore
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch, Framer, RawInput


class LazyDirect:
    """Ports `Framer` and `Engine` on a Spark that reads and writes the bucket.

    Args:
        spark: the Spark.
        store: the bucket.
        here: frames on this machine what Spark can't.
        reason: why it is reached in this way.
        failing: entered while something is done, to notice that it failed.
        verbose: whether to say which engine it is.
    """

    def __init__(
        self,
        spark: RunningSpark,
        store: DirectStore,
        here: Framer,
        *,
        reason: str,
        failing: Callable[[], AbstractContextManager[None]],
        verbose: bool,
    ) -> None:
        self.reason = reason
        self._spark = spark
        self._store = store
        self._here = here
        self._failing = failing
        self._verbose = verbose
        self._engine: DirectEngine | None = None

    @property
    def name(self) -> str:
        """Name and version of the Spark."""
        return self._spark.name

    def start(self, *, size: int = 0) -> None:
        """Start Spark where it doesn't run."""
        if self._verbose:
            click.echo(f"engine: {self.name}, {self.reason}", err=True)
        self._loaded().start(size=size)

    def batch_size(self, size: int) -> int:
        """All at once: it is shared out among executors."""
        return size

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> Sequence[FileFacts]:
        """Frame raw files on the executors."""
        with self._failing():
            return self._loaded().frame(files, contract, out, progress=progress, others=others)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows on the executors."""
        with self._failing():
            self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def _loaded(self) -> DirectEngine:
        if self._engine is None:
            with pyarrow_needed("spark"):
                from trustedlake.adapters.engines.direct import DirectEngine
            self._engine = DirectEngine(self._spark, self._store, self._here, reason=self.reason)
        return self._engine
