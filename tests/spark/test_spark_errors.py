"""A Spark error becomes one sentence with the cause and a hint, also when the Java VM dies."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from py4j.protocol import Py4JNetworkError
from pyspark.errors import PySparkRuntimeError

from trustedlake.adapters.spark.spark_errors import engine_errors
from trustedlake.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

JAVA_TRACE = """An error occurred while calling o1.parquet.
: org.apache.spark.SparkException: Job aborted.
\tat org.apache.spark.Some.where(Some.scala:1)
Caused by: org.apache.spark.SparkException: Task failed while writing rows.
Caused by: java.io.IOException: {reason}
\tat java.base/java.io.FileOutputStream.writeBytes(Native Method)
"""


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("No space left on device", "the disk is full"),
        ("java.net.UnknownHostException: box: Name or service not known", "/etc/hosts"),
        ("javax.security.auth.login.LoginException: invalid null input: name", "a user with a name"),
        ("Permission denied", "check its permissions"),
        ("org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: none", "from AWS_ACCESS_KEY_ID"),
        ("java.nio.file.AccessDeniedException: s3a://b: getFileStatus", "the rights"),
        ("ModuleNotFoundError: No module named 'pyarrow'", "spark.pyspark.python"),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has different version", "spark.pyspark.python"),
        ("ExecutorLostFailure (executor 1 exited)", "--executor-memory"),
        ("[unresolved dependency: org.apache.hadoop#hadoop-aws;3.4.2: not found]", "is the network up"),
        ("something else", "report it"),
    ],
)
def test_the_error_has_the_innermost_cause_and_a_hint(reason: str, hint: str) -> None:
    with pytest.raises(EngineError) as raised, engine_errors("spark 4", "judging films"):
        raise Py4JNetworkError(JAVA_TRACE.format(reason=reason))

    assert raised.value.message == f"spark 4 failed while judging films: java.io.IOException: {reason}"
    assert hint in raised.value.hint
    assert isinstance(raised.value.__cause__, Py4JNetworkError)


def test_a_denied_access_names_the_place_instead_of_the_innermost_cause() -> None:
    denied = "java.nio.file.AccessDeniedException: s3a://films/Raw/a.json: getFileStatus on s3a://films/Raw/a.json"
    trace = (
        f"An error occurred while calling o1.load.\n: {denied}\n\tat S3AUtils.java\nCaused by: S3Exception: Forbidden"
    )
    with pytest.raises(EngineError) as raised, engine_errors("spark 4", "framing films"):
        raise Py4JNetworkError(trace)
    assert raised.value.message == f"spark 4 failed while framing films: {denied}"
    assert "the rights" in raised.value.hint


def test_the_cause_is_taken_from_the_log_if_the_exception_has_none(tmp_path: Path) -> None:
    log = tmp_path / "spark.log"
    log.write_text("WARN something\njava.lang.OutOfMemoryError: Java heap space\nLast words\n\n")

    with pytest.raises(EngineError) as raised, engine_errors("spark 4", "judging films", log=log):
        raise Py4JNetworkError("Answer from Java side is empty")

    assert "more memory" in raised.value.hint
    assert raised.value.hint.endswith(f"{log}; its last line: Last words")


def test_other_errors_are_raised_unchanged() -> None:
    with pytest.raises(ZeroDivisionError), engine_errors("spark 4", "judging films"):
        raise ZeroDivisionError
    with pytest.raises(PySparkRuntimeError), engine_errors("spark 4", "judging films", but=PySparkRuntimeError):
        raise PySparkRuntimeError("x")


PROGRAM = """
import os, sys
from pathlib import Path
from pyspark import SparkContext
from tests.support.frames import batch_of, framed_row
from trustedlake.adapters.spark.spark_engine import SparkEngine
from trustedlake.errors import EngineError
from trustedlake.models.built_in import CONTRACTS

work, movies = Path(sys.argv[1]), CONTRACTS["tmdb_movies"]
batch = batch_of(work / "framed", movies, [framed_row(movies, {"movie_id": "1", "title": "Heat"})])
for memory in ("many", "512m"):
    engine = SparkEngine(work / memory, os.environ, driver_memory=memory)
    try:
        engine.start()
        SparkContext._gateway.proc.kill()
        engine.judge(batch, movies, run_id="r", trusted=work / "t", quarantine=work / "q")
    except EngineError as error:
        print(error.message, "|", error.hint)
"""


def test_a_java_vm_that_fails_to_start_or_dies_is_an_engine_error(tmp_path: Path) -> None:
    environ = os.environ  # noqa: TID251 - Java is found as the tests find it
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        env=dict(environ),
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )

    start, death = run.stdout.splitlines()
    assert "failed while starting on Java" in start
    assert str(tmp_path / "many" / "spark.log") in start
    assert "failed while judging tmdb_movies: " in death
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
