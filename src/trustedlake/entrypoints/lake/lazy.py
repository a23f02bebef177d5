"""Framer, acceptor, reader and direct engine, loaded when they are first needed."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

from trustedlake.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustedlake.adapters.s3.direct_store import DirectStore
    from trustedlake.adapters.spark.direct_engine import DirectEngine, RunningSpark
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.ports import (
        Acceptor,
        Batch,
        Framer,
        ObjectStore,
        RawInput,
        StagedReader,
    )


@contextmanager
def pyarrow_needed(extra: str) -> Iterator[None]:
    """If the block fails because pyarrow is missing, name the extra that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise MissingExtraError("pyarrow", extra=extra) from error


@contextmanager
def boto_needed(what: str) -> Iterator[None]:
    """If the block fails because boto3 is missing, name the extra that installs it; `what` needs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"boto3", "botocore"}:
            raise
        raise MissingExtraError(f"boto3, which {what} needs,", extra="s3") from error


def lazy_framer(store: ObjectStore, *, workers: int | None, arrow: bool, own_process: bool) -> Framer:
    """Return a framer that is loaded, together with pyarrow, when there is something to frame.

    `arrow`: write for the accept lane. `own_process`: the process is the command's own; a caller's may use pandas.
    """

    def load() -> Framer:
        with pyarrow_needed("spark"):
            _pyarrow(own_process=own_process)
            from trustedlake.adapters.local.framer import ProcessFramer
        return ProcessFramer(store, workers=workers, arrow=arrow)

    return _loaded_later(load)


def lazy_acceptor(*, own_process: bool) -> Acceptor:
    """Return an accept lane that is loaded when there is something to accept; `own_process` as in the framer."""

    def load() -> Acceptor:
        with pyarrow_needed("spark"):
            _pyarrow(own_process=own_process)
            from trustedlake.adapters.parquet.acceptor import ParquetAcceptor
        return ParquetAcceptor()

    return _loaded_later(load)


def lazy_reader() -> StagedReader:
    """Return a reader of staged Parquet that is loaded when there is something to prove."""

    def load() -> StagedReader:
        with pyarrow_needed("spark"):
            from trustedlake.adapters.parquet.staged_reader import ParquetStagedReader
        return ParquetStagedReader()

    return _loaded_later(load)


def _pyarrow(*, own_process: bool) -> None:
    if own_process:
        from trustedlake.adapters.local.without_pandas import without_pandas

        without_pandas()


Port = TypeVar("Port")


def _loaded_later(load: Callable[[], Port]) -> Port:
    return cast("Port", _Later(load))


class _Later:
    """Stands in for an object until one of its methods is first asked for."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = cache(load)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the object has
        return getattr(self._load(), name)


class LazyDirect:
    """Implements the ports `Framer` and `Engine` with a Spark that reads and writes the bucket.

    Args:
        spark: the Spark.
        store: the bucket.
        here: framer on this machine, for what Spark can't frame.
        reason: why the bucket is reached directly.
        failing: context for each operation, which notices failures.
        verbose: whether to print which engine it is.
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
        """Start Spark if it doesn't run yet."""
        if self._verbose:
            import click  # the extractor, in AWS Lambda, goes without it

            click.echo(f"engine: {self.name}, {self.reason}", err=True)
        self._loaded().start(size=size)

    def batch_size(self, size: int) -> int:
        """Take everything at once: Spark distributes it to the executors."""
        return size

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> Generator[Sequence[FileFacts], None, None]:
        """Frame raw files on the executors."""
        with self._failing():
            facts = list(self._loaded().frame(files, contract, out, progress=progress, others=others))
        yield from facts

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows on the executors."""
        with self._failing():
            self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def _loaded(self) -> DirectEngine:
        if self._engine is None:
            with pyarrow_needed("spark"):
                from trustedlake.adapters.spark.direct_engine import DirectEngine
            self._engine = DirectEngine(self._spark, self._store, self._here, reason=self.reason)
        return self._engine
