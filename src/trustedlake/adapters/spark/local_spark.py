"""A Spark session on this machine, and the settings that our plans need on any session."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TYPE_CHECKING

from trustedlake.adapters.spark.process_environment import own_spark
from trustedlake.threads import done_anyway, run_apart

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import BinaryIO

    from py4j.java_gateway import JavaGateway
    from pyspark import SparkConf
    from pyspark.sql import SparkSession


WRITING = {
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",  # 3.5 refuses dates before 1582 without it
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # the default INT96 has no order and no zone
}
"""Settings that make every reader understand the dates and timestamps we write."""

_HADOOP = "spark.hadoop."


@contextmanager
def changed(session: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """Give the session these settings in the block.

    A Hadoop setting (`fs.s3a.…`) is left out if the session was started with its own (`spark.hadoop.fs.s3a.…`).
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
"""File in the work folder that gets everything the virtual machine prints."""

_JAVA_OPTIONS = (
    "-XX:+UseParallelGC",  # throughput, not pauses
    "-XX:-DontCompileHugeMethods",  # many columns make Spark generate huge methods, which Java never compiles
)

_QUICK = "-XX:TieredStopAtLevel=1"
"""No second JIT compiler: it doubles the work for 2,000 records and only pays off far above 200,000."""

_PORT_S = 30.0
"""Longest wait for the port of a virtual machine that must end again."""

_LAST_S = 2.0
"""Seconds that a virtual machine gets to shut down cleanly."""

_INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}


def settings(work: Path, *, driver_memory: str, quick: bool) -> dict[str, str]:
    """Return the configuration of a local session; its temporary files go to `work`."""
    return {
        "spark.driver.extraJavaOptions": " ".join([*_JAVA_OPTIONS, *([_QUICK] if quick else [])]),
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.memory": driver_memory,
        "spark.local.dir": str(work / "spill"),
        "spark.python.sql.dataFrameDebugging.enabled": "false",  # it costs two thirds of a plan's calls
        "spark.sql.adaptive.enabled": "false",  # we know the shuffle's size in advance
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
    """Start Spark, or join the session that this process already has.

    `quick` makes small jobs twice as fast and large jobs slower. Both outputs of the virtual machine go to
    `work / LOG_NAME`; their first lines come before any logging is set up. `more` are extra settings.

    Raises:
        pyspark.errors.PySparkException: Spark doesn't start.
    """
    from pyspark import SparkConf, SparkContext  # noqa: PLC0415 - loading it is slow, and most commands don't need it
    from pyspark.sql import SparkSession  # noqa: PLC0415

    config = settings(work, driver_memory=driver_memory, quick=quick) | dict(more or {})
    variables = {"JAVA_HOME": str(java_home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    with own_spark(variables):  # another Spark on this machine has its own jars, settings and folders
        if SparkContext._gateway is None:  # only for our own gateway can we choose where it prints
            work.mkdir(parents=True, exist_ok=True)
            launch = SparkConf(loadDefaults=False).setAll([("spark.master", master), *config.items()])
            with (work / LOG_NAME).open("ab") as log:
                SparkContext._ensure_initialized(gateway=_launched(launch, log))
        builder = SparkSession.builder.appName("trustedlake").master(master)
        for name, value in config.items():
            builder = builder.config(name, value)
        return builder.getOrCreate()


def _launched(launch: SparkConf, log: BinaryIO) -> JavaGateway:
    """Start the virtual machine; on Ctrl-C, end it again.

    The virtual machine ends when its input ends, but only once it has reported its port. So it is started in a thread
    of its own, and this thread, which gets Ctrl-C, waits for the port before it ends the machine.
    """
    from pyspark.java_gateway import launch_gateway  # noqa: PLC0415 - loading it is slow

    launching: Future[JavaGateway] = Future()
    try:
        run_apart(lambda: launch_gateway(launch, {"stdout": log, "stderr": log}), launching)  # type: ignore[no-untyped-call]
        return launching.result()
    except BaseException:
        if gateway := done_anyway(launching, _PORT_S):
            _end(gateway)
        raise


@contextmanager
def interpreted(session: SparkSession) -> Iterator[None]:
    """Let the session run plans without generating and compiling Java code: faster for few records.

    A platform that doesn't allow such settings goes on with compiled plans.
    """
    ours = all(session.conf.isModifiable(name) for name in _INTERPRETED)
    with changed(session, _INTERPRETED if ours else {}):
        yield


def stop_session(session: SparkSession) -> None:
    """Stop Spark and its virtual machine, so that the next session starts a new one."""
    from pyspark import SparkContext  # noqa: PLC0415 - loaded by then

    session.stop()
    gateway = SparkContext._gateway
    SparkContext._gateway = SparkContext._jvm = None
    if gateway is not None:
        _end(gateway)


def _end(gateway: JavaGateway) -> None:
    gateway.shutdown()
    process = getattr(gateway, "proc", None)
    if process is not None:
        process.stdin.close()  # the virtual machine ends when its input does
        process.wait()


def break_start_off() -> bool:
    """Stop the virtual machine on which another thread is starting a session; return False if there is none yet.

    The other thread gets an error; the next session starts a new virtual machine.
    """
    context = sys.modules.get("pyspark.core.context")  # the other thread imports it; don't wait for that import
    gateway = getattr(getattr(context, "SparkContext", None), "_gateway", None)
    process = getattr(gateway, "proc", None)
    if context is None or process is None:
        return False
    process.terminate()  # not kill: it removes its temporary folders first
    try:
        process.wait(_LAST_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    context.SparkContext._gateway = context.SparkContext._jvm = None
    return True
