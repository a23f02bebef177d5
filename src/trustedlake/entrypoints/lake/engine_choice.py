"""Choose the engine that judges: the requested one, or the faster one. It is loaded when it is first used."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import click

from trustedlake.adapters.local.installed import has_spark, missing_for_sail
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.foreign_errors import require_own_packages
from trustedlake.entrypoints.lake.lazy import pyarrow_needed
from trustedlake.errors import MissingExtraError, TrustedLakeError
from trustedlake.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.adapters.spark.spark_engine import SparkEngine
    from trustedlake.adapters.spark.submitted_spark import SubmittedSpark
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.models.choices import EngineName
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

GATEWAY = "PYSPARK_GATEWAY_PORT"
"""Environment variable in which spark-submit passes the port of its Java process to the Python that it starts."""

MOST_FOR_SAIL = 2_000_000_000
"""Maximum raw bytes that `auto` gives to pysail. It gets them in shares, so its memory does not grow with the total:
1.2 GB for 1.2 GB of films, 1.4 GB for 0.17 GB of CSV (measured). More than this was never tried."""


class LazySpark:
    """Spark, built when it is started: a local session, or the one that spark-submit configured.

    Attributes:
        direct: whether Spark itself reaches the buckets.
    """

    reason = ""

    def __init__(self, settings: Settings, environ: Mapping[str, str], *, verbose: bool) -> None:
        self.direct = False
        self._settings = settings
        self._environ = environ
        self._verbose = verbose
        self._engine: SparkEngine | SubmittedSpark | None = None
        self._work: Path | None = None
        self._failed = False
        self._unwanted = False
        self._loading = Lock()

    @property
    def submitted(self) -> bool:
        """Whether spark-submit started this process, and Java with it."""
        return GATEWAY in self._environ

    @property
    def master(self) -> str | None:
        """The master that spark-submit was given; None if spark-submit did not start this process."""
        if not self.submitted:
            return None
        from trustedlake.adapters.spark.submitted_spark import submitted_master

        return submitted_master()

    @property
    def name(self) -> str:
        """Name and version, as the report shows it."""
        return self._loaded().name

    @property
    def session(self) -> SparkSession:
        """The session; it is started if it does not run yet."""
        with self.noticing_failure():
            return self._loaded().session

    @property
    def log(self) -> Path | None:
        """The file with the output of its virtual machine, if known."""
        return self._loaded().log

    def start(self, *, size: int = 0) -> None:
        """Start Spark, unless it was stopped before it was even loaded."""
        with self.noticing_failure():
            engine = self._loaded()
            if not self._unwanted:
                engine.start(size=size)

    def batch_size(self, size: int) -> int:
        """Return the batch size of the underlying Spark."""
        return self._loaded().batch_size(size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with Spark."""
        with self.noticing_failure():
            self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop Spark if it was started, print its log in verbose mode, and remove its work folder.

        After a failure Spark's log stays, since the error names it.
        """
        with self._loading:
            self._unwanted = self._engine is None
        if self._engine is None:
            return
        self._engine.stop()
        if self._verbose and self._engine.log is not None and self._engine.log.exists():
            click.echo(visible(self._engine.log.read_text(errors="replace")), err=True)
        if self._work is None:
            return
        leftovers = [path for path in self._work.iterdir() if path.is_dir()] if self._failed else [self._work]
        for folder in leftovers:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def noticing_failure(self) -> Iterator[None]:
        """Keep Spark's log if the block fails."""
        try:
            yield
        except TrustedLakeError:
            self._failed = True
            raise

    def _loaded(self) -> SparkEngine | SubmittedSpark:
        with self._loading:  # framing on executors may ask for the session while another thread starts it
            return self._engine or self._load()

    @property
    def is_installed(self) -> bool:
        """Whether there is a Spark to start."""
        return self.submitted or has_spark()

    def _load(self) -> SparkEngine | SubmittedSpark:
        if not self.is_installed:
            raise MissingExtraError("Spark", extra="local")
        with pyarrow_needed("local"):
            from trustedlake.adapters.spark.hadoop_aws import installed_jars
            from trustedlake.adapters.spark.spark_engine import SparkEngine
            from trustedlake.adapters.spark.submitted_spark import SubmittedSpark
        if self.submitted:
            self._engine = submitted = SubmittedSpark()
            return submitted
        more = installed_jars().settings if self.direct else {}
        with interrupt.deferred():  # `stop` removes the folder once it is known here
            self._work = Path(tempfile.mkdtemp(prefix="trustedlake-"))
            self._engine = own = SparkEngine(
                self._work, self._environ, driver_memory=self._settings.driver_memory, more=more
            )
        return own


class ChosenEngine:
    """Spark or pysail: as requested, or chosen by what is installed and how much there is to judge.

    Attributes:
        reason: why it was chosen; empty if it was requested.
        spark: the Spark that may be chosen, or that stands in if pysail fails.
    """

    def __init__(self, asked: EngineName, spark: LazySpark, *, verbose: bool) -> None:
        self.reason = ""
        self.spark = spark
        self._asked = asked
        self._verbose = verbose
        self._sail: SailEngine | None = None
        self._chosen: LazySpark | SailEngine | None = None

    @property
    def name(self) -> str:
        """Name and version of the chosen engine."""
        return self._choice().name

    def start(self, *, size: int = 0) -> None:
        """Choose an engine for this many raw bytes and start it; only a later table too large for it changes that."""
        chosen = self._choice(size)
        if self._verbose and self.reason:
            click.echo(f"engine: {chosen.name}, {self.reason}", err=True)
        chosen.start(size=size)

    def batch_size(self, size: int) -> int:
        """Return the batch size of the engine chosen for this many raw bytes."""
        return self._choice(size).batch_size(size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with the chosen engine."""
        self._choice(batch.size).judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop the engines that were started."""
        if self._sail is not None:
            self._sail.stop()
        self.spark.stop()

    def _choice(self, size: int = 0) -> LazySpark | SailEngine:
        if self._chosen is None or (self._asked == "auto" and self._chosen is self._sail and size > MOST_FOR_SAIL):
            if not self.spark.submitted:  # a cluster provides its own pyspark through PYTHONPATH
                require_own_packages()
            kind, self.reason = choose(self._asked, size, submitted=self.spark.submitted)
            self._chosen = self.spark if kind == "spark" else self._load_sail()
        return self._chosen

    def _load_sail(self) -> SailEngine:
        if missing := missing_for_sail():
            raise MissingExtraError(f"{missing}, for the engine sail,", extra="fast")
        with pyarrow_needed("fast"):
            from trustedlake.adapters.spark.sail_engine import SailEngine
        self._sail = self._sail or SailEngine()
        return self._sail


def choose(asked: EngineName, size: int, *, submitted: bool = False) -> tuple[Literal["spark", "sail"], str]:
    """Choose the engine for this many raw bytes, and say why; `submitted`: spark-submit started this process."""
    if asked != "auto":
        return asked, ""
    if submitted:
        return "spark", "since spark-submit started this"
    if missing := missing_for_sail():
        return "spark", f"since {missing}{'' if missing == 'pysail' else ', which pysail needs,'} is not installed"
    if size > MOST_FOR_SAIL:
        return (
            "spark",
            f"since {size >> 20} MB of raw files are more than pysail's limit of {MOST_FOR_SAIL >> 20} MB",
        )
    return "sail", f"since it is installed and {size >> 20} MB of raw files are few enough for it"
