"""The statements match the contracts: parsed as Athena's by another program, executed by DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from sqlglot import exp

from tests.support.published_lake import publish_rows
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.core.cataloging.catalog_tables import LONGEST_COMMENT, catalog_table, partition_widths, projected
from trustedlake.core.cataloging.compare import compare_partitions
from trustedlake.core.cataloging.ddl import athena_statements, duckdb_statements
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.catalog import DifferenceKind
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract

LOCATION = "s3://it's a bucket/lake/Trusted/TMDB/Parquet/Movies"
each_table = pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.table)


def parsed(contract: Contract, *, projection: bool) -> list[Any]:
    statements = athena_statements(contract, LOCATION, "filmes-db", projection=projection)
    return [sqlglot.parse_one(one, dialect="athena") for one in statements]


def types(contract: Contract) -> dict[str, str]:
    lineage = {"rescued": "map<string,string>", "file_path": "string", "record_index": "int"}
    return {column.name: str(column.type) for column in contract.columns} | lineage


@each_table
@pytest.mark.parametrize("projection", [True, False])
def test_the_athena_statements_have_the_columns_of_the_contract(contract: Contract, projection: bool) -> None:
    database, table, *_ = parsed(contract, projection=projection)
    assert (database.kind, database.this.name) == ("DATABASE", "filmes-db")
    assert (table.this.this.db, table.this.this.name) == ("filmes-db", contract.table)
    columns = {one.name: one for one in table.this.expressions}
    told = {name: one.kind.sql("hive").lower().replace(", ", ",") for name, one in columns.items()}
    assert told == {name.lower(): kind for name, kind in types(contract).items()}
    comments = {
        one.name: option.kind.this.this
        for one in columns.values()
        for option in one.constraints
        if isinstance(option.kind, exp.CommentColumnConstraint)
    }
    for column in contract.columns:
        assert comments[column.name.lower()] == column.description[:LONGEST_COMMENT]
    location = table.find(exp.LocationProperty)
    assert location.this.this == f"{LOCATION}/"
    keys = table.find(exp.PartitionedByProperty)
    named = [(one.name, one.kind.sql("hive").lower()) for one in keys.this.expressions] if keys else []
    assert named == ([(name, "string") for name in ("ano", "mes", "dia")] if contract.partitioned else [])


def test_the_athena_statements_declare_a_projection_or_load_partitions() -> None:
    movies = CONTRACTS["tmdb_movies"]
    properties = {
        one.this.this: one.args["value"].this
        for one in parsed(movies, projection=True)[1].find_all(exp.Property)
        if type(one) is exp.Property
    }
    assert properties["projection.enabled"] == "true"
    assert properties["projection.ano.type"] == "integer"
    assert (properties["projection.mes.digits"], properties["projection.dia.digits"]) == ("2", "2")
    assert properties["storage.location.template"] == f"{LOCATION}/ano=${{ano}}/mes=${{mes}}/dia=${{dia}}/"
    registered = athena_statements(movies, LOCATION, "filmes-db", projection=False)
    assert "MSCK REPAIR TABLE `filmes-db`.`tmdb_movies`" in registered
    assert not any("projection" in one for one in registered)
    csv = athena_statements(CONTRACTS["local_movies"], LOCATION, "filmes-db", projection=True)
    assert not any("projection" in one or "MSCK" in one or "VIEW" in one for one in csv)


def test_the_athena_view_is_quoted_like_an_athena_query() -> None:
    *_, view = athena_statements(CONTRACTS["tmdb_movies"], LOCATION, "filmes-db", projection=True)
    tree = sqlglot.parse_one(view, dialect="trino")
    assert (tree.this.db, tree.this.name) == ("filmes-db", "tmdb_movies_current")
    assert [(one.db, one.name) for one in tree.expression.find_all(exp.Table)] == [("filmes-db", "tmdb_movies")]
    assert [one.alias_or_name for one in tree.expression.expressions][-3:] == ["ano", "mes", "dia"]


def test_a_projection_is_extended_to_older_days() -> None:
    table = catalog_table(CONTRACTS["tmdb_movies"], LOCATION)
    assert projected(table, CONTRACTS["tmdb_movies"]).parameters["projection.ano.range"] == "2020,2040"
    old = projected(table, CONTRACTS["tmdb_movies"], ["ano=2019/mes=06/dia=17", "ano=2025/mes=06/dia=17"])
    assert old.parameters["projection.ano.range"] == "2019,2040"


def test_duckdb_executes_its_statements_and_reads_the_lake(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "it's a lake", ManualClock())
    day, later = "ano=2025/mes=06/dia=16", "ano=2025/mes=06/dia=17"
    publish_rows(store, {day: [{"movie_id": 1, "title": "Old"}], later: [{"movie_id": 1, "title": "New"}]})
    publish_rows(store, {day: [{"series_id": 1, "name": "S"}]}, table="tmdb_series")
    publish_rows(store, {"": [{"id": "tt1"}]}, table="local_movies")
    publish_rows(store, {"": [{"id": "tt2"}]}, table="local_series")
    with duckdb.connect(":memory:") as connection:
        for contract in CONTRACTS.values():
            location = store.address(default_paths(contract).trusted)
            for statement in duckdb_statements(contract, location, "filmes-db"):
                connection.execute(statement)
            found = connection.execute(f'DESCRIBE "filmes-db".{contract.table}').fetchall()
            keys = dict.fromkeys(("ano", "mes", "dia"), "VARCHAR") if contract.partitioned else {}
            assert {row[0]: row[1] for row in found} == {n: DUCKDB[t] for n, t in types(contract).items()} | keys
        sql = 'SELECT movie_id, title, mes, dia FROM "filmes-db".tmdb_movies_current'
        assert connection.execute(sql).fetchall() == [(1, "New", "06", "17")]
        assert connection.execute('SELECT id FROM "filmes-db".local_series').fetchall() == [("tt2",)]
        comments = dict(
            connection.execute(
                "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'tmdb_movies'"
            ).fetchall()
        )
    for column in CONTRACTS["tmdb_movies"].columns:
        assert comments[column.name] == column.description


DUCKDB = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "array<string>": "VARCHAR[]",
    "array<bigint>": "BIGINT[]",
    "map<string,string>": "MAP(VARCHAR, VARCHAR)",
}


def test_no_column_comment_is_too_long_for_a_catalog() -> None:
    for contract in CONTRACTS.values():
        for column in contract.columns:
            assert len(column.description) <= LONGEST_COMMENT, f"{contract.table}.{column.name}"


def test_a_projection_is_extended_to_later_days() -> None:
    contract = CONTRACTS["tmdb_movies"]
    wide = projected(catalog_table(contract, LOCATION), contract, ["ano=2015/mes=12/dia=31", "ano=2041/mes=01/dia=01"])
    assert wide.parameters["projection.ano.range"] == "2015,2041"


PUBLISHED_DAY = "ano=2025/mes=06/dia=07"


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, True),
        ({"projection.ano.range": "2025,2025"}, True),
        ({"projection.ano.range": "2026,2040"}, False),
        ({"projection.ano.range": "2010,2024"}, False),
        ({"projection.ano.range": "NOW-1YEARS,NOW", "projection.ano.type": "date"}, True),
        ({"projection.ano.range": "x"}, False),
        ({"projection.ano.interval": "2"}, False),
        ({"projection.ano.range": "2021,2040", "projection.ano.interval": "2"}, True),
        ({"projection.mes.range": "7,12"}, False),
        ({"projection.mes.digits": "1"}, False),
        ({"projection.dia.digits": "1"}, False),
        ({"projection.dia.range": "8,31"}, False),
        ({"projection.mes.type": "enum", "projection.mes.values": "05, 06"}, True),
        ({"projection.mes.type": "enum", "projection.mes.values": "5,6"}, False),
        ({"storage.location.template": "s3://elsewhere/ano=${ano}/mes=${mes}/dia=${dia}/"}, False),
        ({"storage.location.template": f"{LOCATION}/ano=${{ano}}/mes=${{mes}}/dia=${{dia}}"}, True),
    ],
)
def test_a_day_that_no_query_would_find_is_reported(changed: dict[str, str], found: bool) -> None:
    contract = CONTRACTS["tmdb_movies"]
    ours = catalog_table(contract, LOCATION)
    theirs = projected(ours, contract)
    theirs = theirs.model_copy(update={"parameters": theirs.parameters | changed})
    told = list(compare_partitions(ours, theirs, [], [PUBLISHED_DAY], [PUBLISHED_DAY], partition_widths(contract)))
    assert [one.kind for one in told] == ([] if found else [DifferenceKind.OUTSIDE_PROJECTION])
    assert all(PUBLISHED_DAY in one.message for one in told)


BESIDE = ["lake[1]", "lake1", "l*", "lx", "l?", "[!a]", "[a-z]", "**", "it's", "a[", "]", "{a,b}", "a", "ç %20#"]


def test_a_duckdb_view_shows_only_the_rows_of_its_own_lake(tmp_path: Path) -> None:
    for name in BESIDE:
        day = tmp_path / name / "Movies" / PUBLISHED_DAY
        day.mkdir(parents=True)
        pq.write_table(pa.table({"title": [name]}), day / "part-00000.parquet")
    with duckdb.connect() as connection:
        for name in BESIDE:
            schema, view, *_ = duckdb_statements(CONTRACTS["tmdb_movies"], f"{tmp_path / name}/Movies/", "db")
            connection.execute(schema)
            connection.execute(view)
            assert connection.sql('SELECT title, dia FROM "db".tmdb_movies').fetchall() == [(name, "07")]


def test_texts_are_shortened_and_cleaned_as_glue_requires() -> None:
    movies = CONTRACTS["tmdb_movies"]
    first, *others = movies.columns
    wordy = first.model_copy(update={"description": "TMDB's id.\nA number.\n"})
    told = {"description": "Films.\n" + "x" * 3_000, "columns": (wordy, *others)}
    table = catalog_table(movies.model_copy(update=told), "s3://lake/Trusted")
    assert table.columns[0].comment == "TMDB's id. A number."
    assert (len(table.description), table.description[:8]) == (2_048, "Films. x")
