"""The method of the job that this project replaces, as a process to measure.

`python -m tests.benchmarks.peers.source_job movies|csv LAKE`: text lines through `from_json(array<struct>)`, the date
by a regular expression from the path, a partitioned append; CSV by Spark's own reader, all columns text. Nothing is
typed beyond what the schema says, nothing checked, counted or proven.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from tests.benchmarks.generator import CSV, MOVIES
from tests.benchmarks.peers import TRUSTED_CSV, TRUSTED_MOVIES
from trustedlake.adapters.spark.java import find_java
from trustedlake.adapters.spark.local_spark import stop_session
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.settings import environment as environ

if TYPE_CHECKING:
    from collections.abc import Callable

FILMS = (
    "array<struct<movie_id: bigint, title: string, overview: string, release_date: string, popularity: double,"
    " vote_average: double, vote_count: bigint, collection: string, genres: array<string>, keywords: array<string>>>"
)


def movies(spark: SparkSession, lake: Path) -> None:
    """One-line arrays of films -> Parquet by ingestion date."""
    lines = spark.read.option("recursiveFileLookup", "true").text(f"file://{lake / MOVIES}")
    films = lines.select(
        F.explode(F.from_json("value", FILMS)).alias("film"),
        F.input_file_name().alias("path"),
    )
    dated = films.select(
        "film.*",
        *(
            F.regexp_extract("path", r"/(\d{4})/(\d{2})/(\d{2})/[^/]*$", group).alias(name)
            for group, name in enumerate(("ano", "mes", "dia"), start=1)
        ),
    )
    dated.write.mode("append").partitionBy("ano", "mes", "dia").parquet(f"file://{lake / TRUSTED_MOVIES}")


def csv(spark: SparkSession, lake: Path) -> None:
    """The pipe-separated file -> Parquet, every column text."""
    reader = spark.read.option("header", "true").option("sep", "|").option("recursiveFileLookup", "true")
    reader.csv(f"file://{lake / CSV}").write.mode("append").parquet(f"file://{lake / TRUSTED_CSV}")


JOBS: dict[str, Callable[[SparkSession, Path], None]] = {"movies": movies, "csv": csv}


def main(job: str, lake: str) -> None:
    """Run the job on a Spark with as many cores and as much memory as the command's, else with Spark's own settings."""
    with tempfile.TemporaryDirectory() as work:
        java = find_java(environ(), cache=Path(work))
        session = _start(Path(work), java.home)
        JOBS[job](session, Path(lake).absolute())
        stop_session(session)


def _start(work: Path, java_home: Path) -> SparkSession:
    variables = {"JAVA_HOME": str(java_home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    config: dict[str, bool | float | int | str | None] = {
        "spark.driver.memory": Settings().driver_memory,
        "spark.local.dir": str(work),
        "spark.sql.warehouse.dir": str(work / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    with environment(variables):
        return SparkSession.builder.master("local[*]").config(map=config).getOrCreate()


if __name__ == "__main__":
    main(*sys.argv[1:])
