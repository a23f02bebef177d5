"""Spark executes the statements printed for it, and reads back what the contract says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.published_lake import publish_rows
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.core.cataloging.ddl import spark_database, spark_statements
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyspark.sql import SparkSession

DATABASE = "filmes-db"


@pytest.fixture
def store(tmp_path: Path, spark: SparkSession) -> Iterator[LocalStore]:
    """A published lake; the tables are forgotten afterwards."""
    store = LocalStore(tmp_path / "it's a lake", ManualClock())
    day, later = "ano=2025/mes=06/dia=16", "ano=2025/mes=06/dia=17"
    publish_rows(store, {day: [{"movie_id": 1, "title": "Old"}], later: [{"movie_id": 1, "title": "New"}]})
    publish_rows(store, {day: [{"series_id": 1, "name": "S"}]}, table="tmdb_series")
    publish_rows(store, {"": [{"id": "tt1", "tituloPincipal": "Um"}]}, table="local_movies")
    publish_rows(store, {"": [{"id": "tt2"}]}, table="local_series")
    yield store
    spark.sql(f"DROP DATABASE IF EXISTS `{spark_database(DATABASE)}` CASCADE")


def test_spark_executes_the_statements_and_reads_the_columns_of_the_contract(
    spark: SparkSession, store: LocalStore
) -> None:
    schema = f"`{spark_database(DATABASE)}`"
    for contract in CONTRACTS.values():
        location = store.address(default_paths(contract).trusted)
        for _ in range(2):  # again changes nothing
            for statement in spark_statements(contract, location, DATABASE):
                spark.sql(statement)
        fields = spark.table(f"{schema}.{contract.table}").schema.fields
        told = {field.name: (field.dataType.simpleString(), field.metadata.get("comment")) for field in fields}
        for column in contract.columns:
            assert told.pop(column.name) == (column.kind.spark, column.description)
        keys = dict.fromkeys(("ano", "mes", "dia"), "string") if contract.partitioned else {}
        rest = {"rescued": "map<string,string>", "file_path": "string", "record_index": "int", **keys}
        assert {name: kind for name, (kind, _) in told.items()} == rest
    asked = {
        "SELECT title, ano, mes, dia FROM {}.tmdb_movies ORDER BY dia": [
            ("Old", "2025", "06", "16"),
            ("New", "2025", "06", "17"),
        ],
        "SELECT title, mes, dia FROM {}.tmdb_movies_current": [("New", "06", "17")],
        "SELECT name, mes FROM {}.tmdb_series_current": [("S", "06")],
        "SELECT id, tituloPincipal FROM {}.local_movies": [("tt1", "Um")],
        "SELECT id FROM {}.local_series": [("tt2",)],
    }
    for sql, rows in asked.items():
        assert [tuple(row) for row in spark.sql(sql.format(schema)).collect()] == rows, sql


def test_spark_makes_no_database_with_a_hyphen(spark: SparkSession) -> None:
    """This is why the hyphen becomes an underscore for Spark."""
    from pyspark.errors import AnalysisException  # noqa: PLC0415 - where Spark runs

    with pytest.raises(AnalysisException, match="filmes-db"):
        spark.sql("CREATE DATABASE `filmes-db`")
