"""Framer, acceptor, reader and direct engine, loaded when they are first needed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from trustedlake.errors import MissingExtraError
from trustedlake.ports import NONE_NEWER

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustedlake.adapters.s3.direct_store import DirectStore
    from trustedlake.adapters.spark.direct import DirectEngine, RunningSpark
    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.ports import (
        Accepted,
        Acceptor,
        Batch,
        Contents,
        EarlierColumn,
        Framer,
        Newer,
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


def _pyarrow(*, own_process: bool) -> None:
    if own_process:
        from trustedlake.adapters.local.without_pandas import without_pandas

        without_pandas()


class LazyFramer:
    """The framer, loaded together with pyarrow when there is something to frame.

    `arrow`: write for the accept lane. `own_process`: the process is the command's own; a caller's may use pandas.
    """

    def __init__(self, store: ObjectStore, *, workers: int | None, arrow: bool, own_process: bool) -> None:
        self._store = store
        self._workers = workers
        self._arrow = arrow
        self._own_process = own_process

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> Generator[Sequence[FileFacts], None, None]:
        """Frame raw files in a few processes."""
        with pyarrow_needed("spark"):
            _pyarrow(own_process=self._own_process)
            from trustedlake.adapters.local.framer import ProcessFramer
        framer: Framer = ProcessFramer(self._store, workers=self._workers, arrow=self._arrow)
        return framer.frame(files, contract, out, progress=progress, others=others)


class LazyAcceptor:
    """The accept lane, loaded when there is something to accept; `own_process` as in the framer."""

    def __init__(self, *, own_process: bool) -> None:
        self._own_process = own_process
        self._loaded: Acceptor | None = None

    def batch_size(self, size: int) -> int:
        """Return the batch size of the loaded acceptor."""
        return self._acceptor().batch_size(size)

    def accept(self, batch: Batch, contract: Contract, *, rest: Path) -> Accepted:
        """Accept the clearly valid records."""
        return self._acceptor().accept(batch, contract, rest=rest)

    def _acceptor(self) -> Acceptor:
        if self._loaded is None:
            with pyarrow_needed("spark"):
                _pyarrow(own_process=self._own_process)
                from trustedlake.adapters.parquet.acceptor import ParquetAcceptor
            self._loaded = ParquetAcceptor()
        return self._loaded


class LazyReader:
    """The reader of staged Parquet, loaded when there is something to prove."""

    def rows(self, file: Path) -> int:
        """Count the rows of a Parquet file."""
        return self._loaded().rows(file)

    def earlier(self, file: Path, contract: Contract, column: str) -> EarlierColumn:
        """Read a column of a Trusted file."""
        return self._loaded().earlier(file, contract, column)

    def contents(
        self,
        trusted: Sequence[Path],
        quarantine: Sequence[Path],
        contract: Contract,
        headers: Mapping[str, list[str]],
        newer: Newer = NONE_NEWER,
    ) -> Contents:
        """Summarize the staged files of one partition."""
        return self._loaded().contents(trusted, quarantine, contract, headers, newer)

    def count(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, headers: Mapping[str, list[str]]
    ) -> Mapping[str, FileCounts]:
        """Count, per raw file, the records that the staged files have of it."""
        return self._loaded().count(trusted, quarantine, contract, headers)

    def _loaded(self) -> StagedReader:
        with pyarrow_needed("spark"):
            from trustedlake.adapters.parquet.staged_reader import ParquetStagedReader
        reader: StagedReader = ParquetStagedReader()
        return reader


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
                from trustedlake.adapters.spark.direct import DirectEngine
            self._engine = DirectEngine(self._spark, self._store, self._here, reason=self.reason)
        return self._engine
