"""A Spark session on this machine, and the settings that our plans need on any."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trustedlake.adapters.spark.process_environment import own_spark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pyspark.sql import SparkSession


WRITING = {
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",  # 3.5 refuses dates before 1582 without it
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # else INT96, which has no order and no zone
}
"""What dates and moments need to be written as every reader takes them."""

_HADOOP = "spark.hadoop."


@contextmanager
def changed(session: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """Let the session have these settings in the block.

    What Hadoop is told (`fs.s3a.…`) gives way to what the session was started with (`spark.hadoop.fs.s3a.…`).
    """
    wanted = {name: value for name, value in settings.items() if session.conf.get(_HADOOP + name, None) is None}
    before: dict[str, str | None] = {name: session.conf.get(name, None) for name in wanted}
    for name, wants in wanted.items():
        session.conf.set(name, wants)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                session.conf.unset(name)
            else:
                session.conf.set(name, value)


LOG_NAME = "spark.log"
"""File in the work folder that everything the virtual machine prints goes to."""

_JAVA_OPTIONS = (
    "-XX:+UseParallelGC",  # throughput, not pauses
    "-XX:-DontCompileHugeMethods",  # Spark writes a method of many columns, which would be interpreted for ever
)

_QUICK = "-XX:TieredStopAtLevel=1"
"""No second compiler: it doubles the work of 2,000 records and pays off far above 200,000."""

_LAST_S = 2.0
"""Time that a virtual machine is given to end in order."""

_INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def settings(work: Path, *, driver_memory: str, quick: bool) -> dict[str, str]:
    """The configuration of a local session; what it writes besides results lies in `work`."""
    return {
        "spark.driver.extraJavaOptions": " ".join([*_JAVA_OPTIONS, *([_QUICK] if quick else [])]),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": driver_memory,
        "spark.local.dir": str(work / "spill"),
        "spark.python.sql.dataFrameDebugging.enabled": "false",  # two thirds of the calls that a plan takes
        "spark.sql.adaptive.enabled": "false",  # the shuffle's size is known beforehand
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        **WRITING,
    }


def start_session(
    work: Path,
    java_home: Path,
    *,
    master: str = "local[*]",
    driver_memory: str = "2g",
    quick: bool = True,
    more: Mapping[str, str] | None = None,
) -> SparkSession:
    """Start Spark, or join the session that this process has already.

    `quick` does small work in half the time, and large work slower. Both outputs of the virtual machine, whose
    first lines come before any logging is set up, go to `work / LOG_NAME`. `more` are other settings.

    Raises:
        pyspark.errors.PySparkException: it doesn't start.
    """
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - loading it takes time that most commands don't have
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415
    from pyspark.sql import SparkSession  # noqa: PLC0415

    config = settings(work, driver_memory=driver_memory, quick=quick) | dict(more or {})
    variables = {"JAVA_HOME": str(java_home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    with own_spark(variables):  # a machine's other Spark has its own jars, settings and folders
        if SparkContext._gateway is None:  # only a gateway of our own can be told where to print
            work.mkdir(parents=True, exist_ok=True)
            launch = SparkConf(loadDefaults=False).setAll([("spark.master", master), *config.items()])
            with (work / LOG_NAME).open("ab") as log:
                gateway = launch_gateway(launch, {"stdout": log, "stderr": log})  # type: ignore[no-untyped-call]
            SparkContext._ensure_initialized(gateway=gateway)
        builder = SparkSession.builder.appName("trustedlake").master(master)
        for name, value in config.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


@contextmanager
def interpreted(session: SparkSession) -> Iterator[None]:
    """Let the session run plans as they are, without writing and compiling Java for them: quicker for few records."""
    for name, value in _INTERPRETED.items():
        session.conf.set(name, value)
    try:
        yield
    finally:
        for name in _INTERPRETED:
            session.conf.unset(name)


def stop_session(session: SparkSession) -> None:
    """Stop Spark and end its virtual machine, so that the next session starts a new one."""
    from pyspark import SparkContext  # noqa: PLC0415 - loaded by then

    session.stop()
    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is None:
        return
    gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()  # the virtual machine ends when its input does
        process.wait()


def break_start_off() -> bool:
    """End the virtual machine that another thread is starting a session on; False while there is none to end.

    That thread gets an error; the next session starts a new machine.
    """
    context = sys.modules.get("pyspark.core.context")  # that thread imports it, and here is no time to wait for that
    gateway = getattr(getattr(context, "SparkContext", None), "_gateway", None)
    process = getattr(gateway, "proc", None)
    if context is None or process is None:
        return False
    process.terminate()  # and not killed: it removes its temporary folders first
    try:
        process.wait(_LAST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    context.SparkContext._gateway = context.SparkContext._jvm = None
    return True
