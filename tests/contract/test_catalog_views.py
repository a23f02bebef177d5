"""The views of the latest ingestions in Glue, in the form that Athena reads."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
import sqlglot

from tests.support.strict_glue import strict_glue  # noqa: F401 - a fixture
from trustedlake.adapters.aws.entry_format import presto_type, sql_of
from trustedlake.adapters.aws.glue_catalog import GlueCatalog
from trustedlake.app.cataloging import register_view
from trustedlake.core.cataloging.catalog_tables import current_view
from trustedlake.core.cataloging.compare import compare_views
from trustedlake.errors import ConfigError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.catalog import DifferenceKind, Registration, RegistrationStatus
from trustedlake.models.ledger import PublishedTable

if TYPE_CHECKING:
    from tests.support.strict_glue import StrictGlue

DATABASE, VIEW = "filmes-db", "tmdb_movies_current"


@pytest.fixture
def glue(strict_glue: StrictGlue) -> StrictGlue:  # noqa: F811 - a fixture
    GlueCatalog(strict_glue, DATABASE).ensure_database()
    strict_glue.calls.clear()
    return strict_glue


def apply(glue: StrictGlue, table: str = "tmdb_movies") -> Registration | None:
    published = PublishedTable(contract=CONTRACTS[table], folder="", partitions={})
    return register_view(GlueCatalog(glue, DATABASE), published, DATABASE)


def status(glue: StrictGlue) -> RegistrationStatus:
    done = apply(glue)
    assert done is not None
    return done.status


def entry(glue: StrictGlue, name: str = VIEW) -> dict[str, Any]:
    found: dict[str, Any] = glue.get_table(DatabaseName=DATABASE, Name=name)["Table"]
    return found


def athenas(sql: str, **more: Any) -> dict[str, Any]:
    """A view as Athena makes one."""
    said = {"originalSql": sql, "catalog": "awsdatacatalog", "schema": DATABASE, "columns": []}
    return {
        "Name": VIEW,
        "TableType": "VIRTUAL_VIEW",
        "Parameters": {"comment": "Presto View", "presto_view": "true"},
        "ViewOriginalText": f"/* Presto View: {base64.b64encode(json.dumps(said).encode()).decode()} */",
        "ViewExpandedText": "/* Presto View */",
        "StorageDescriptor": {"Columns": [{"Name": "movie_id", "Type": "bigint"}], "Location": "", "SerdeInfo": {}},
    } | more


def differences(glue: StrictGlue) -> list[DifferenceKind]:
    ours, found = current_view(CONTRACTS["tmdb_movies"], DATABASE), GlueCatalog(glue, DATABASE).table(VIEW)
    assert ours is not None
    return [one.kind for one in compare_views(ours, found.table if found else None)]


@pytest.mark.parametrize("table", ["tmdb_movies", "tmdb_series"])
def test_the_view_entry_has_the_form_athena_reads(glue: StrictGlue, table: str) -> None:
    done = apply(glue, table)
    assert done == Registration(table=f"{table}_current", location="", status=RegistrationStatus.CREATED)
    found = entry(glue, f"{table}_current")
    assert (found["TableType"], found["ViewExpandedText"]) == ("VIRTUAL_VIEW", "/* Presto View */")
    assert found["Parameters"].items() >= {"presto_view": "true", "comment": "Presto View"}.items()
    text = found["ViewOriginalText"]
    assert text.startswith("/* Presto View: ")
    said = json.loads(base64.b64decode(text.removeprefix("/* Presto View: ").removesuffix(" */")))
    assert (said["catalog"], said["schema"]) == ("awsdatacatalog", DATABASE)
    names = [column["name"] for column in said["columns"]]
    query = sqlglot.parse_one(said["originalSql"], dialect="athena")
    assert [one.alias_or_name for one in query.args["expressions"]] == names
    assert names == [column["Name"] for column in found["StorageDescriptor"]["Columns"]]
    assert names[-3:] == ["ano", "mes", "dia"]
    types = {column["name"]: column["type"] for column in said["columns"]}
    assert types[CONTRACTS[table].key[0]] == "bigint"
    assert types["genres"] == "array(varchar)"
    assert types["rescued"] == "map(varchar,varchar)"
    assert types["record_index"] == "integer"


def test_the_view_query_returns_the_latest_row_of_each_film(glue: StrictGlue) -> None:
    apply(glue)
    with duckdb.connect(":memory:") as connection:
        connection.execute('CREATE SCHEMA "filmes-db"')
        columns = ", ".join(f'"{one["Name"]}" VARCHAR' for one in entry(glue)["StorageDescriptor"]["Columns"])
        connection.execute(f'CREATE TABLE "filmes-db".tmdb_movies ({columns})')
        rows = [("1", "old", "2024", "12", "31"), ("1", "new", "2025", "01", "02"), ("2", "only", "2024", "01", "01")]
        insert = 'INSERT INTO "filmes-db".tmdb_movies (movie_id, title, ano, mes, dia) VALUES (?, ?, ?, ?, ?)'
        connection.executemany(insert, rows)
        latest = connection.execute(f"SELECT movie_id, title FROM ({sql_of(entry(glue))}) ORDER BY 1").fetchall()
    assert latest == [("1", "new"), ("2", "only")]


def test_a_table_without_ingestion_dates_has_no_view(glue: StrictGlue) -> None:
    assert apply(glue, "local_movies") is None
    assert glue.calls == []


def test_registering_the_view_again_writes_nothing_and_keeps_foreign_parameters(glue: StrictGlue) -> None:
    apply(glue)
    glue.calls.clear()
    assert status(glue) == RegistrationStatus.UNCHANGED
    assert glue.writes == []
    parameters = entry(glue)["Parameters"] | {"owner": "films"}
    glue.update_table(DatabaseName=DATABASE, TableInput=athenas("SELECT 1", Parameters=parameters))
    assert differences(glue)[0] is DifferenceKind.VIEW
    assert status(glue) == RegistrationStatus.UPDATED
    assert entry(glue)["Parameters"]["owner"] == "films"
    assert differences(glue) == []


def test_a_view_made_in_athena_is_taken_over_only_if_its_query_is_the_same(glue: StrictGlue) -> None:
    ours = current_view(CONTRACTS["tmdb_movies"], DATABASE)
    assert ours is not None
    laid_out = sqlglot.transpile(ours.sql, read="athena", write="athena", pretty=True)[0]
    assert laid_out != ours.sql
    glue.create_table(DatabaseName=DATABASE, TableInput=athenas(laid_out.replace(" AS ranked", " ranked")))
    assert DifferenceKind.VIEW not in differences(glue)
    assert status(glue) == RegistrationStatus.UPDATED
    glue.update_table(DatabaseName=DATABASE, TableInput=athenas("SELECT movie_id FROM x"))
    with pytest.raises(ConfigError, match="a view tmdb_movies_current that trustedlake did not make"):
        apply(glue)


def test_a_table_with_the_name_of_the_view_is_left_alone(glue: StrictGlue) -> None:
    table = {"Name": VIEW, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": {"Columns": [], "Location": "s3://b/x"}}
    glue.create_table(DatabaseName=DATABASE, TableInput=table)
    assert differences(glue)[0] is DifferenceKind.VIEW
    with pytest.raises(ConfigError, match="a table tmdb_movies_current that trustedlake did not make"):
        apply(glue)
    assert "update_table" not in glue.calls


def test_the_second_writer_starts_from_what_the_first_wrote(glue: StrictGlue) -> None:
    def meanwhile() -> None:
        apply(glue)

    glue.before["create_table"] = meanwhile
    assert status(glue) == RegistrationStatus.UNCHANGED


@pytest.mark.parametrize(
    ("hive", "presto"),
    [
        ("string", "varchar"),
        ("int", "integer"),
        ("bigint", "bigint"),
        ("date", "date"),
        ("array<bigint>", "array(bigint)"),
        ("map<string,array<int>>", "map(varchar,array(integer))"),
        ("array<map<string,string>>", "array(map(varchar,varchar))"),
    ],
)
def test_column_types_get_their_athena_names(hive: str, presto: str) -> None:
    assert presto_type(hive) == presto


@pytest.mark.parametrize("text", ["SELECT 1", "/* Presto View: no-base64! */", "/* Presto View: bnVsbA== */"])
def test_the_query_of_a_foreign_view_is_its_whole_text(text: str) -> None:
    assert sql_of({"ViewOriginalText": text}) == text
