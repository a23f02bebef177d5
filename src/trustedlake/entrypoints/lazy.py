"""Adapters that are loaded when they are first used: a run with nothing to do needs neither pyarrow nor Spark."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustedlake.errors import MissingExtraError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trustedlake.adapters.engines.spark import SparkEngine
    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch, Contents, Framer, ObjectStore, RawInput, StagedReader


@contextmanager
def _pyarrow_needed(extra: str) -> Iterator[None]:
    """Tell that pyarrow is missing, and no other reason for an import to fail, by the extra that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise MissingExtraError("pyarrow", extra=extra) from error


class LazyEngine:
    """The local Spark, built when it is started."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], *, verbose: bool) -> None:
        self._settings = settings
        self._environ = environ
        self._verbose = verbose
        self._engine: SparkEngine | None = None
        self._work: Path | None = None
        self._failed = False

    @property
    def name(self) -> str:
        """Name and version, as the report shows it."""
        return self._loaded().name

    def start(self, *, size: int = 0) -> None:
        """Start Spark."""
        with self._noticing_failure():
            self._loaded().start(size=size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with Spark."""
        with self._noticing_failure():
            self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop Spark if it was started, show what it said if that was asked for, and remove its work folder.

        After a failure Spark's log stays: the error names it.
        """
        if self._engine is None or self._work is None:
            return
        self._engine.stop()
        if self._verbose and self._engine.log.exists():
            click.echo(self._engine.log.read_text(errors="replace"), err=True)
        leftovers = [path for path in self._work.iterdir() if path.is_dir()] if self._failed else [self._work]
        for folder in leftovers:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _noticing_failure(self) -> Iterator[None]:
        try:
            yield
        except TrustedLakeError:
            self._failed = True
            raise

    def _loaded(self) -> SparkEngine:
        if self._engine is None:
            with _pyarrow_needed("local"):
                from trustedlake.adapters.engines.spark import SparkEngine
            self._work = Path(tempfile.mkdtemp(prefix="trustedlake-"))
            self._engine = SparkEngine(self._work, self._environ, driver_memory=self._settings.driver_memory)
        return self._engine


class LazyFramer:
    """The framer, and pyarrow with it, loaded when there is something to frame."""

    def __init__(self, store: ObjectStore, *, workers: int | None) -> None:
        self._store = store
        self._workers = workers

    def frame(
        self, files: Sequence[RawInput], contract: Contract, out: Path, *, progress: Callable[[FileFacts], None]
    ) -> Sequence[FileFacts]:
        """Frame raw files in a few processes."""
        with _pyarrow_needed("spark"):
            from trustedlake.adapters.files.framer import ProcessFramer
        framer: Framer = ProcessFramer(self._store, workers=self._workers)
        return framer.frame(files, contract, out, progress=progress)


class LazyReader:
    """The reader of staged Parquet, loaded when there is something to prove."""

    def rows(self, file: Path) -> int:
        """Rows in a Parquet file."""
        return self._loaded().rows(file)

    def contents(self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract) -> Contents:
        """What the staged files of one partition hold."""
        return self._loaded().contents(trusted, quarantine, contract)

    def count(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, headers: Mapping[str, list[str]]
    ) -> Mapping[str, FileCounts]:
        """Per raw file: what the staged files hold of it."""
        return self._loaded().count(trusted, quarantine, contract, headers)

    def _loaded(self) -> StagedReader:
        with _pyarrow_needed("spark"):
            from trustedlake.adapters.files.staged_reader import ParquetStagedReader
        reader: StagedReader = ParquetStagedReader()
        return reader
