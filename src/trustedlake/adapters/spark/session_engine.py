"""The engine on a Spark session that the caller owns: in a job of Glue, in a notebook, through spark-submit."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from trustedlake.adapters.spark.judged_batch import judge_batch
from trustedlake.adapters.spark.local_spark import WRITING, changed, interpreted
from trustedlake.adapters.spark.spark_errors import engine_errors

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

_GLOB = re.compile(r"([{}\[\]*?\\])")


class SessionEngine:
    """Port `Engine` on a session that the caller owns, classic or Connect; we never stop it.

    Writing needs a few settings; they are restored afterwards.
    """

    reason = ""
    log: Path | None = None

    def __init__(self, session: SparkSession) -> None:
        """Use this session."""
        self.session = session

    @property
    def name(self) -> str:
        """Return `spark` and the session's version."""
        return f"spark {self.session.version}"

    def start(self, *, size: int = 0) -> None:
        """Do nothing: the session is already running."""

    def batch_size(self, size: int) -> int:
        """Take all at once: Spark spills to disk what doesn't fit into memory."""
        return size

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """See the port; the folders are local, and the session must be able to see them.

        Raises:
            EngineError: Spark failed.
        """
        with (
            engine_errors(self.name, f"judging {contract.table}", writes=[batch.framed]),
            changed(self.session, WRITING),
        ):
            judge_in_folders(
                self.session,
                batch,
                contract,
                run_id=run_id,
                trusted=trusted,
                quarantine=quarantine,
                for_few=lambda: interpreted(self.session),
            )


def _pattern(folder: Path) -> str:
    """Return the address to read a local folder, independent of the default file system; glob signs are escaped."""
    return "file://" + _GLOB.sub(r"\\\1", str(folder))


judge_in_folders = partial(judge_batch, read_address=_pattern, write_address=lambda folder: f"file://{folder}")
