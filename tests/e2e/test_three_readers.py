"""The demo lake read in three ways: by the command, by DuckDB through the views, and by Spark."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from trustedlake.core.cataloging.ddl import spark_database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DATABASE = "filmes-db"
TABLES = ("tmdb_movies", "tmdb_series", "tmdb_movies_current", "tmdb_series_current", "local_movies", "local_series")
COUNTS = (
    " UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM {table}" for table in TABLES) + " ORDER BY name"
)
JOINED = (
    "SELECT count(*) AS n, count(DISTINCT l.id) AS films, min(l.nomeArtista) AS artist"
    " FROM tmdb_movies_current AS m JOIN local_movies AS l ON l.id = m.imdb_id"
)
QUERIES = [
    COUNTS,
    JOINED,
    "SELECT ano, mes, dia, count(*) AS n FROM tmdb_movies GROUP BY ano, mes, dia ORDER BY ano, mes, dia",
    "SELECT movie_id, ano, mes, dia FROM tmdb_movies_current ORDER BY movie_id",
]

Rows = list[tuple[str, ...]]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make demo` makes."""
    folder = tmp_path_factory.mktemp("readers") / "demo-lake"
    run("demo", str(folder))
    return folder


@pytest.fixture
def session(spark: SparkSession, lake: Path) -> Iterator[SparkSession]:
    for statement in run("catalog", "--ddl", "spark", "--lake", str(lake)).split(";\n"):
        if statement.strip():
            spark.sql(statement)
    spark.sql(f"USE {spark_database(DATABASE)}")
    yield spark
    spark.sql("USE default")
    spark.sql(f"DROP DATABASE {spark_database(DATABASE)} CASCADE")


def run(*arguments: str) -> str:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=120, check=True).stdout


def text(rows: list[tuple[object, ...]]) -> Rows:
    return [tuple(str(value) for value in row) for row in rows]


def test_command_duckdb_and_spark_read_the_same_rows(lake: Path, session: SparkSession) -> None:
    answers: dict[str, Rows] = {}
    with duckdb.connect(":memory:") as connection:
        connection.execute(run("catalog", "--ddl", "duckdb", "--lake", str(lake)))
        connection.execute(f"SET schema = '{DATABASE}'")
        for sql in QUERIES:
            printed = run("query", sql, "--format", "csv", "--lake", str(lake))
            answers[sql] = [tuple(row) for row in csv.reader(io.StringIO(printed))][1:]
            assert text(connection.execute(sql).fetchall()) == answers[sql], sql
            assert text([tuple(row) for row in session.sql(sql).collect()]) == answers[sql], sql
    counted = {name: int(count) for name, count in answers[COUNTS]}
    assert counted.keys() == set(TABLES)
    assert counted["tmdb_movies"] > counted["tmdb_movies_current"] > 0
    ((rows, films, artist),) = answers[JOINED]
    assert int(rows) >= int(films) > 0, "films of TMDB have artists in the CSV, by IMDb's id"
    assert artist
