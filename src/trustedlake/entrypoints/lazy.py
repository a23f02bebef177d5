"""Adapters that are loaded when they are first used: a run with nothing to do needs neither pyarrow nor Spark."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustedlake.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustedlake.adapters.spark import SparkEngine
    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch, Contents, Framer, ObjectStore, RawInput, StagedReader


class LazyEngine:
    """The local Spark, built when it is started."""

    def __init__(self, settings: Settings, environ: Mapping[str, str], *, verbose: bool) -> None:
        self._settings = settings
        self._environ = environ
        self._verbose = verbose
        self._engine: SparkEngine | None = None
        self._work: Path | None = None

    @property
    def name(self) -> str:
        """Name and version, as the report shows it."""
        return self._loaded().name

    def start(self) -> None:
        """Start Spark."""
        self._loaded().start()

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with Spark."""
        self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop Spark if it was started, show what it said if that was asked for, and remove its work folder."""
        if self._engine is None or self._work is None:
            return
        self._engine.stop()
        if self._verbose and self._engine.log.exists():
            click.echo(self._engine.log.read_text(errors="replace"), err=True)
        shutil.rmtree(self._work, ignore_errors=True)

    def _loaded(self) -> SparkEngine:
        if self._engine is None:
            try:
                from trustedlake.adapters.spark import SparkEngine
            except ImportError as error:
                raise MissingExtraError("pyarrow", extra="local") from error
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
        try:
            from trustedlake.adapters.framer import ProcessFramer
        except ImportError as error:
            raise MissingExtraError("pyarrow", extra="spark") from error
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
        try:
            from trustedlake.adapters.staged_reader import ParquetStagedReader
        except ImportError as error:
            raise MissingExtraError("pyarrow", extra="spark") from error
        reader: StagedReader = ParquetStagedReader()
        return reader
