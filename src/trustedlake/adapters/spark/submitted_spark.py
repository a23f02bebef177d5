"""The Spark that spark-submit configured: it keeps its own master and settings."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from trustedlake.adapters.spark.session_engine import SessionEngine
from trustedlake.adapters.spark.spark_errors import engine_errors

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch


def submitted_master() -> str:
    """Return the master that spark-submit was given: `local[*]`, `spark://…`, `yarn`, `k8s://…`."""
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - loading it takes time

    SparkContext._ensure_initialized()
    return SparkConf().get("spark.master") or "local[*]"


class SubmittedSpark:
    """Port `Engine` on the session of a spark-submit; the session is created when first needed."""

    reason = ""
    log: Path | None = None

    def __init__(self) -> None:
        """Start nothing yet; only the Java that spark-submit brought is running."""
        self._session: SparkSession | None = None
        self._starting = Lock()

    @property
    def name(self) -> str:
        """Return `spark` and its version."""
        import pyspark  # noqa: PLC0415 - loading it is slow, and a run with nothing to do doesn't need it

        return f"spark {pyspark.__version__}"

    @property
    def session(self) -> SparkSession:
        """Return the session; create it if there is none."""
        self.start()
        assert self._session is not None  # noqa: S101 - for the type checker
        return self._session

    def start(self, *, size: int = 0) -> None:  # noqa: ARG002 - it always starts the same way
        """Create the session; on a cluster this requests the executors.

        Raises:
            EngineError: the cluster is not available.
        """
        from pyspark.sql import SparkSession  # noqa: PLC0415

        with self._starting:
            if self._session is None:
                with engine_errors(self.name, "starting as spark-submit configured it"):
                    self._session = SparkSession.builder.getOrCreate()

    def batch_size(self, size: int) -> int:
        """Take all at once: Spark spills to disk what doesn't fit into memory."""
        return size

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """See the port; the folders are local, so all of Spark must run on this machine."""
        SessionEngine(self.session).judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)

    def stop(self) -> None:
        """Stop the session; its Java ends with this process."""
        with self._starting:
            if self._session is not None:
                self._session.stop()
                self._session = None
