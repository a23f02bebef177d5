"""Which engine judges: the one that was asked for, or the one that is quicker; loaded when it is first used."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import click

from trustedlake.adapters.local.installed import has_spark, missing_for_sail
from trustedlake.entrypoints.lake.lazy import pyarrow_needed
from trustedlake.entrypoints.surprises import require_own_packages
from trustedlake.errors import MissingExtraError, TrustedLakeError
from trustedlake.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

    from trustedlake.adapters.sail import SailEngine
    from trustedlake.adapters.spark.session import SparkEngine
    from trustedlake.adapters.spark.submitted_spark import SubmittedSpark
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

GATEWAY = "PYSPARK_GATEWAY_PORT"
"""Variable of the environment by which spark-submit tells the Python that it starts where its Java is."""

EngineName = Literal["auto", "spark", "sail"]

MOST_FOR_SAIL = 2_000_000_000
"""Raw bytes that pysail is given unasked. It is given them in shares, so its memory does not grow with them: 1.2 GB
for 1.2 GB of films, 1.4 GB for 0.17 GB of CSV (measured). Of more than this nobody has tried it."""


class LazySpark:
    """Spark, built when it is started: a local one of our own, or the one that spark-submit configured.

    Attributes:
        direct: whether it is to reach buckets by itself.
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
        """Where spark-submit was told to run; None where it started nothing."""
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
        """The session; started when there is none."""
        with self.noticing_failure():
            return self._loaded().session

    @property
    def log(self) -> Path | None:
        """What its virtual machine prints, if that is known."""
        return self._loaded().log

    def start(self, *, size: int = 0) -> None:
        """Start Spark, unless it was stopped before it was even loaded."""
        with self.noticing_failure():
            engine = self._loaded()
            if not self._unwanted:
                engine.start(size=size)

    def batch_size(self, size: int) -> int:
        """As the Spark that it stands for."""
        return self._loaded().batch_size(size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with Spark."""
        with self.noticing_failure():
            self._loaded().judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop Spark if it was started, show what it said if that was asked for, and remove its work folder.

        After a failure Spark's log stays: the error names it.
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
        """Keep Spark's log if what is done with it in the block fails."""
        try:
            yield
        except TrustedLakeError:
            self._failed = True
            raise

    def _loaded(self) -> SparkEngine | SubmittedSpark:
        with self._loading:  # framing on executors asks for the session while another thread starts it
            if self._engine is None:
                self._engine = self._load()
            return self._engine

    @property
    def is_installed(self) -> bool:
        """Whether there is a Spark to start."""
        return self.submitted or has_spark()

    def _load(self) -> SparkEngine | SubmittedSpark:
        if not self.is_installed:
            raise MissingExtraError("Spark", extra="local")
        with pyarrow_needed("local"):
            from trustedlake.adapters.spark.hadoop_aws import installed_jars
            from trustedlake.adapters.spark.session import SparkEngine
            from trustedlake.adapters.spark.submitted_spark import SubmittedSpark
        if self.submitted:
            return SubmittedSpark()
        more = installed_jars().settings if self.direct else {}
        self._work = Path(tempfile.mkdtemp(prefix="trustedlake-"))
        return SparkEngine(self._work, self._environ, driver_memory=self._settings.driver_memory, more=more)


class ChosenEngine:
    """Spark or pysail: as asked, or by what is installed and how much there is to judge, once that is known.

    Attributes:
        reason: why it is this one; empty if it was asked for.
        spark: the Spark that may be the choice, or stand in for it.
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
        """Choose for so many raw bytes, and start; a later table changes the choice only if it is too large for it."""
        chosen = self._choice(size)
        if self._verbose and self.reason:
            click.echo(f"engine: {chosen.name}, {self.reason}", err=True)
        chosen.start(size=size)

    def batch_size(self, size: int) -> int:
        """As the engine that is chosen for so many raw bytes."""
        return self._choice(size).batch_size(size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge framed rows with the chosen engine."""
        self._choice(batch.size).judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop what was started."""
        if self._sail is not None:
            self._sail.stop()
        self.spark.stop()

    def _choice(self, size: int = 0) -> LazySpark | SailEngine:
        if self._chosen is None or (self._asked == "auto" and self._chosen is self._sail and size > MOST_FOR_SAIL):
            if not self.spark.submitted:  # a cluster's own pyspark comes by PYTHONPATH
                require_own_packages()
            kind, self.reason = choose(self._asked, size, submitted=self.spark.submitted)
            self._chosen = self.spark if kind == "spark" else self._load_sail()
        return self._chosen

    def _load_sail(self) -> SailEngine:
        if missing := missing_for_sail():
            raise MissingExtraError(f"{missing}, for the engine sail,", extra="fast")
        with pyarrow_needed("fast"):
            from trustedlake.adapters.sail import SailEngine
        self._sail = self._sail or SailEngine()
        return self._sail


def choose(asked: EngineName, size: int, *, submitted: bool = False) -> tuple[Literal["spark", "sail"], str]:
    """The engine for so many raw bytes, and why it is that one; `submitted`: spark-submit started this."""
    if asked != "auto":
        return asked, ""
    if submitted:
        return "spark", "since spark-submit started this"
    if missing := missing_for_sail():
        return "spark", f"since {missing}{'' if missing == 'pysail' else ', which pysail needs,'} is not installed"
    if size > MOST_FOR_SAIL:
        return (
            "spark",
            f"since {size >> 20} MB of raw files are above the {MOST_FOR_SAIL >> 20} MB that pysail is given",
        )
    return "sail", f"since it is installed and {size >> 20} MB of raw files are few enough for it"
