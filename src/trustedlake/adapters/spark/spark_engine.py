"""The engine on Apache Spark that starts a local session of its own."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from trustedlake.adapters.spark.java import find_java
from trustedlake.adapters.spark.local_spark import (
    LOG_NAME,
    break_start_off,
    interpreted,
    start_session,
    stop_session,
)
from trustedlake.adapters.spark.process_environment import own_spark
from trustedlake.adapters.spark.session_engine import judge_in_folders
from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.errors import EngineError, MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

LARGE = 400_000_000
"""Raw bytes from which Java's second compiler pays off. Measured: 250 MB of CSV, 700 MB of films."""

_LOOK_S = 0.05
"""Seconds between two checks whether the start we want to cancel has a virtual machine to end."""


class SparkEngine:
    """Port `Engine` on a local Spark that starts with the first batch, or with `start()`."""

    reason = ""

    def __init__(
        self,
        work: Path,
        environ: Mapping[str, str],
        *,
        master: str = "local[*]",
        driver_memory: str = "2g",
        more: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the settings for a later start.

        Args:
            work: folder for Spark's log, spill files and the Java launcher; created when needed.
            environ: the process environment, to find Java.
            master: Spark's master.
            driver_memory: heap of the virtual machine, `2g`.
            more: extra settings.
        """
        self._work = work
        self._environ = environ
        self._master = master
        self._driver_memory = driver_memory
        self._more = more
        self._session: SparkSession | None = None
        self._starting = Lock()
        self._broken_off = False

    @property
    def name(self) -> str:
        """Return `spark` and the installed version."""
        return f"spark {_pyspark_version()}"

    @property
    def log(self) -> Path:
        """Return the file with the virtual machine's output."""
        return self._work / LOG_NAME

    def start(self, *, size: int = 0) -> None:
        """Start Java and Spark; may run in its own thread. Below LARGE raw bytes it is tuned for small jobs.

        Raises:
            MissingExtraError: pyspark is not installed.
            ConfigError: there is no usable Java.
            EngineError: Spark doesn't start.
        """
        with self._starting:
            if self._session is None:
                try:
                    self._session = self._started(size)
                except EngineError:
                    if not self._broken_off:
                        raise

    def _started(self, size: int) -> SparkSession | None:
        """Return a session; None if the start was cancelled before there was a virtual machine to end."""
        _pyspark_version()
        java = find_java(self._environ, cache=self._work)
        if self._broken_off:
            return None
        with engine_errors(self.name, f"starting on Java {java.version} from {java.source}", log=self.log):
            return start_session(
                self._work,
                java.home,
                master=self._master,
                driver_memory=self._driver_memory,
                quick=size < LARGE,
                more=self._more,
            )

    def batch_size(self, size: int) -> int:
        """Take all at once: Spark spills to disk what doesn't fit into memory."""
        return size

    @property
    def session(self) -> SparkSession:
        """Return the running session; start it if there is none."""
        self.start()
        assert self._session is not None  # noqa: S101 - for the type checker
        return self._session

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """See the port.

        Raises:
            EngineError: Spark failed; the error names its log and gives a hint.
        """
        session = self.session
        writes = (batch.framed, self._work)
        with engine_errors(self.name, f"judging {contract.table}", log=self.log, writes=writes), own_spark({}):
            judge_in_folders(
                session,
                batch,
                contract,
                run_id=run_id,
                trusted=trusted,
                quarantine=quarantine,
                for_few=lambda: interpreted(session),
            )

    def stop(self) -> None:
        """Stop Spark and its virtual machine; do nothing if none runs.

        If another thread is starting Spark, cancel that start.
        """
        ended = False
        while not self._starting.acquire(timeout=_LOOK_S):
            self._broken_off = True
            ended = break_start_off() or ended
        try:
            if self._session is not None and not ended:
                stop_session(self._session)
            self._session, self._broken_off = None, False
        finally:
            self._starting.release()


def _pyspark_version() -> str:
    try:
        import pyspark  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise MissingExtraError("pyspark, the default engine,", extra="local") from error
    return str(pyspark.__version__)
