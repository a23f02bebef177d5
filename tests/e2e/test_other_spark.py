"""The installed command where the environment points to another Spark, and jobs in environments not activated."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.trials import MOVIES, Trial, films
from trustedlake.adapters.spark.sail_engine import SailEngine

BIN = Path(sys.executable).parent
DAY = f"{MOVIES}/2025/06/17"

OTHERS = {
    "SPARK_HOME": "/opt/spark-old",
    "SPARK_REMOTE": "sc://127.0.0.1:1",
    "SPARK_CONNECT_MODE_ENABLED": "1",
    "SPARK_API_MODE": "connect",
    "SPARK_LOCAL_DIRS": "/proc/none",
    "SPARK_LOCAL_IP": "203.0.113.9",
    "PYSPARK_SUBMIT_ARGS": "--master local[2]",
    "PYSPARK_PYTHON": "/opt/python2",
    "PYSPARK_DRIVER_PYTHON": "ipython",
    "MASTER": "spark://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:9",
}


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    env = {name: value for name, value in inherited if not name.startswith(("TRUSTEDLAKE_", "SPARK_", "PYSPARK_"))}
    return subprocess.run(arguments, cwd=cwd, env=env | variables, capture_output=True, text=True, check=False)


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    Trial(tmp_path / "lake", SailEngine()).put(f"{DAY}/filmes_001.json", films(3))
    return tmp_path


@pytest.mark.parametrize("engine", ["spark", "sail"])
def test_the_command_starts_its_own_engine_despite_settings_for_another_spark(lake: Path, engine: str) -> None:
    conf = lake / "conf"
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text("spark.eventLog.enabled true\nspark.eventLog.dir hdfs://none:8020/\n")
    (conf / "core-site.xml").write_text(
        "<configuration><property><name>fs.defaultFS</name><value>hdfs://none:8020</value></property></configuration>"
    )
    variables = OTHERS | {"SPARK_CONF_DIR": str(conf), "HADOOP_CONF_DIR": str(conf)}
    call = (
        str(BIN / "trustedlake"),
        "to-trusted",
        "--source",
        "tmdb",
        "--lake",
        "lake",
        "--engine",
        engine,
        "--lanes",
        "off",
    )
    done = run(*call, cwd=lake, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert list((lake / "lake" / "Trusted").rglob("*.parquet"))


def test_doctor_names_the_variables_set_for_another_spark(lake: Path) -> None:
    done = run(str(BIN / "trustedlake"), "doctor", "--lake", "lake", cwd=lake, **OTHERS)
    (line,) = [line for line in done.stdout.splitlines() if "other spark:" in line]
    assert all(name in line for name in OTHERS if name != "http_proxy")
    assert done.returncode == 0


def test_command_and_doctor_name_another_pyspark_on_pythonpath(lake: Path) -> None:
    (lake / "old" / "pyspark" / "sql").mkdir(parents=True)
    (lake / "old" / "pyspark" / "__init__.py").write_text('__version__ = "2.4.8"')
    (lake / "old" / "pyspark" / "sql" / "__init__.py").touch()
    old = {"PYTHONPATH": str(lake / "old")}
    call = (str(BIN / "trustedlake"), "to-trusted", "--source", "tmdb", "--lake", "lake", "--lanes", "off")
    done = run(*call, cwd=lake, **old)
    assert done.returncode == 2
    assert "PYTHONPATH: the pyspark in" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    told = run(str(BIN / "trustedlake"), "doctor", "--lake", "lake", cwd=lake, **old)
    assert (told.returncode, "missing PYTHONPATH: the pyspark in" in told.stdout) == (1, True)


JOB = """
from pathlib import Path
from pyspark.sql import SparkSession
from trustedlake import CONTRACTS, read_records
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
records = read_records(spark, Path("lake/Raw/TMDB/JSON/Movies"), CONTRACTS["tmdb_movies"])
print("records:", records.count(), spark.sparkContext.pythonExec)
"""


def test_a_job_frames_in_an_environment_that_is_not_activated(lake: Path) -> None:
    empty = lake / "bin"  # a python3 without any package comes first
    empty.mkdir()
    (empty / "python3").write_text(f'#!/bin/sh\nexec {BIN / "python"} -S -E "$@"\n')
    (empty / "python3").chmod(0o755)
    path = os.pathsep.join([str(empty), "/usr/bin", "/bin"])
    done = run(str(BIN / "python"), "-c", JOB, cwd=lake, PATH=path)
    assert done.stdout == "records: 3 python3\n", done.stderr
