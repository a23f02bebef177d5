"""Framing and judging directly in the bucket: the executors of a session read from it and write to it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, cast

from trustedlake.adapters.spark.executor_framing import able_to_frame, files_at_once, fits_a_row, frame_objects, literal
from trustedlake.adapters.spark.hadoop_aws import MISSING, jars_for
from trustedlake.adapters.spark.judged_batch import ADDRESS, FEW, shuffle_partitions, tidy, write_rows
from trustedlake.adapters.spark.local_spark import WRITING, changed, interpreted
from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.core.framing.explode import FACTS_INDEX
from trustedlake.core.judging.schema import framed_ddl, to_columns, trusted_ddl
from trustedlake.core.judging.verdict import Judged, judge, with_rivals
from trustedlake.errors import ConfigError, EngineError, RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from trustedlake.adapters.s3.direct_store import DirectStore
    from trustedlake.adapters.spark.hadoop_aws import Jars
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch, Framer, RawInput

S3, S3A = "s3", "s3a"

_CHANGED = ("PATH_NOT_FOUND", "FileNotFoundException", "RemoteFileChangedException", "FILE_NOT_EXIST")


class RunningSpark(Protocol):
    """A Spark that is running, or that starts when its session is requested."""

    @property
    def name(self) -> str:
        """Return `spark` and its version."""
        ...

    @property
    def session(self) -> SparkSession:
        """Return the session, a classic one; start it if there is none."""
        ...

    @property
    def log(self) -> Path | None:
        """Return the file with the virtual machine's output, if known."""
        ...

    def start(self, *, size: int = 0) -> None:
        """Start it."""
        ...


class DirectEngine:
    """Ports `Framer` and `Engine` of one run, on a session that reaches the bucket by itself.

    It writes below the store's open workspace, in the bucket. The staged Parquet is copied to the local folders for
    the proof. The executors need pyarrow and what pyspark's workers need, but not this package.

    Args:
        spark: provides the session.
        store: the bucket.
        here: frames the few files that don't fit into a Spark row on this machine.
        reason: why direct access was chosen.
    """

    def __init__(self, spark: RunningSpark, store: DirectStore, here: Framer, *, reason: str = "") -> None:
        self.reason = reason
        self._here = here
        self._spark = spark
        self._store = store

    @property
    def name(self) -> str:
        """Return `spark` and its version."""
        return self._spark.name

    def start(self, *, size: int = 0) -> None:
        """Start Spark if it is not running."""
        self._spark.start(size=size)

    def batch_size(self, size: int) -> int:
        """Take all at once: the executors share the work."""
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
        """See the port; the framed rows go to the bucket, to the key that `out` stands for. No file names a folder.

        Raises:
            InputError: a file has a line that doesn't fit into memory.
            RetriableError: a file changed or vanished while it was read.
            EngineError: Spark failed, or left a file out.
        """
        fitting = [file for file in files if fits_a_row(file)]
        facts = {one.path: one for one in self._frame_there(fitting, contract, out, others)} if fitting else {}
        for one in facts.values():
            progress(one)
        if large := [file for file in files if not fits_a_row(file)]:
            for some in self._here.frame(large, contract, out, progress=progress, others=others):
                facts |= {one.path: one for one in some}
            self._store.send_parquet(out)
        yield [facts[file.path] for file in files]

    def _frame_there(
        self, files: Sequence[RawInput], contract: Contract, out: Path, others: Sequence[Contract]
    ) -> Sequence[FileFacts]:
        session = self._spark.session
        objects = {self._address(file.key): file for file in files}
        settings = {"spark.sql.execution.arrow.maxRecordsPerBatch": str(files_at_once(files))}
        with (
            self._errors(f"framing {contract.table}"),
            changed(session, self._settings() | settings),
            able_to_frame(session),
        ):
            return frame_objects(session, objects, contract, self._address(self._store.staged_key(out)), others)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """See the port.

        Raises:
            EngineError: Spark failed.
        """
        session = self._spark.session
        quickly = interpreted(session) if batch.records <= FEW else nullcontext()
        with self._errors(f"judging {contract.table}"), changed(session, self._settings()), quickly:
            _judge(
                session,
                batch,
                contract,
                run_id=run_id,
                framed=self._address(self._store.staged_key(batch.framed)),
                trusted=self._address(self._store.staged_key(trusted)),
                quarantine=self._address(self._store.staged_key(quarantine)),
            )
        for zone in (trusted, quarantine):
            self._store.fetch_parquet(zone)
            tidy(zone)

    @cached_property
    def _scheme(self) -> str:
        """Return the scheme for Spark's addresses: `s3` if the platform provides it (Glue, EMR), else `s3a`.

        `s3a` must be told where the bucket is; a platform knows it already.
        """
        java = cast("Any", self._spark.session.sparkContext)._jsc
        return S3 if java.hadoopConfiguration().get("fs.s3.impl") else S3A

    def _jars(self) -> Jars:
        """Return the missing jars; the session knows its Hadoop version, wherever its jars are."""
        java = cast("Any", self._spark.session.sparkContext)._jvm
        return jars_for(str(java.org.apache.hadoop.util.VersionInfo.getVersion()))

    def _address(self, key: str) -> str:
        return self._scheme + self._store.address(key).removeprefix("s3")

    def _settings(self) -> dict[str, str]:
        return WRITING | (self._store.s3a_settings() if self._scheme == S3A else {})

    @contextmanager
    def _errors(self, doing: str) -> Iterator[None]:
        try:
            with engine_errors(self.name, doing, log=self._spark.log):
                yield
        except EngineError as error:
            said = f"{error.message} {error.__cause__}"
            if MISSING in said:
                raise ConfigError(
                    f"Spark can't reach {self._store.address('')}: it was started without hadoop-aws",
                    hint=f"add to spark-submit: {self._jars().submit_line} ; or use staged storage",
                ) from error
            if any(sign in said for sign in _CHANGED):
                raise RetriableError(
                    f"a raw file vanished or changed while it was read: {error.message}",
                    hint="nothing was published; run again once nothing writes to Raw",
                ) from error
            raise


def _judge(
    spark: SparkSession,
    batch: Batch,
    contract: Contract,
    *,
    run_id: str,
    framed: str,
    trusted: str,
    quarantine: str,
) -> None:
    """Do what `batches.judge_batch` does, on addresses; here the engine finds the leftover records too."""
    parts, most = shuffle_partitions(batch, contract), batch.rows_per_file
    framed_rows = literal(spark.read).schema(framed_ddl(contract)).parquet(framed)
    records = framed_rows.where(f"record_index != {FACTS_INDEX}")

    def judged(rows: DataFrame) -> Judged:
        return judge(rows, contract, run_id=run_id, shuffle_partitions=parts, unknown_keys=batch.unknown_keys)

    all_judged = judged(to_columns(records, contract))
    write_rows(all_judged.trusted, trusted, contract, most)
    if batch.records <= FEW:
        write_rows(all_judged.quarantined, quarantine, contract, most)
        return
    kept = literal(spark.read).schema(trusted_ddl(contract)).parquet(trusted)
    if kept.count() == batch.records:
        return
    leftover = records.join(kept.select(*ADDRESS), ADDRESS, "left_anti")
    rivals = with_rivals(to_columns(leftover, contract), kept, contract)
    write_rows(judged(rivals).quarantined, quarantine, contract, most)
