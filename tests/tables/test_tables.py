"""Ten foreign tables through the commands: every reader returns the rows that were worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from tests.support.openlineage import events_in
from tests.support.own_tables import NAMES, assert_rows, by_record, expected, rows_of, rows_of_json, run_on_all
from tests.support.trials import SailEngine, Trial
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.own_tables import Published

DUCKDB_TYPES = {"string": "VARCHAR", "int": "INTEGER", "timestamp": "TIMESTAMP WITH TIME ZONE"}


def in_duckdb(kind: str) -> str:
    if kind.startswith("array<"):
        return f"{in_duckdb(kind.removeprefix('array<').removesuffix('>'))}[]"
    return DUCKDB_TYPES.get(kind, kind.upper())


def parquet(folder: Path) -> pa.Table:
    """A table's files, read one by one; the partition as the folders say."""
    parts = []
    for file in sorted(folder.rglob("*.parquet")):
        part = pq.ParquetFile(file).read()
        for name in file.relative_to(folder).parts[:-1]:
            key, _, value = name.partition("=")
            part = part.append_column(key, pa.array([value] * len(part)))
        parts.append(part)
    return pa.concat_tables(parts)


@pytest.fixture(scope="module")
def refused(by_command: Published) -> dict[str, dict[str, Any]]:
    """Every record that `quarantine` lists, by its address."""
    return by_record(json.loads(run_on_all("quarantine", "--json", "--limit", "1000", lake=by_command.lake)))


@pytest.fixture(scope="module")
def duck(by_command: Published) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB after the statements of `catalog --ddl duckdb`."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(run_on_all("catalog", "--ddl", "duckdb", lake=by_command.lake))
        yield connection


def test_there_are_ten_tables_in_both_formats(by_command: Published) -> None:
    formats = [str(contract.format) for contract in by_command.contracts.values()]
    assert (len(NAMES), set(formats)) == (10, {"csv", "json"})


@pytest.mark.parametrize("name", NAMES)
def test_the_command_writes_the_expected_rows_and_counts(by_command: Published, name: str) -> None:
    told = by_command.report[name]
    assert told["status"] == "published", told
    assert told["counts"] == expected(name).counts
    assert_rows(rows_of(parquet(by_command.lake / by_command.contracts[name].trusted)), name)


@pytest.mark.parametrize("name", NAMES)
def test_every_other_record_is_in_quarantine_with_its_reasons(refused: dict[str, dict[str, Any]], name: str) -> None:
    mine = {record: told for record, told in refused.items() if told["table"] == name}
    rejected = {record: sorted(told["reasons"]) for record, told in mine.items() if told["verdict"] == "rejected"}
    duplicates = {record: told["winner"] for record, told in mine.items() if told["verdict"] == "duplicate"}
    assert rejected == expected(name).rejected
    assert duplicates == expected(name).duplicates
    assert len(mine) == len(rejected) + len(duplicates)


@pytest.mark.parametrize("name", NAMES)
def test_the_expected_counts_balance(name: str) -> None:
    told = expected(name)
    found = {"trusted": len(told.rows), "rejected": len(told.rejected), "duplicates": len(told.duplicates)}
    assert told.counts == found | {
        "framed": sum(found.values()) + told.counts["elsewhere"],
        "elsewhere": told.counts["elsewhere"],
    }


def test_the_audit_counts_the_same_and_finds_nothing_wrong(by_command: Published) -> None:
    told = json.loads(run_on_all("audit", "--json", lake=by_command.lake))
    assert told["findings"] == []
    assert {table["table"]: table["findings"] for table in told["tables"]} == {name: [] for name in NAMES}
    counts = {table["table"]: table["counts"] for table in told["tables"]}
    assert counts == {name: expected(name).counts for name in NAMES}
    assert told["untaken_files"] == ["Raw/registry/2024/05/06/pets_01.json"]
    assert told["untaken_records"] == {
        "Raw/library/fiction/2024-05-06.json": 1,
        "Raw/registry/2024/05/06/people_01.json": 1,
        "Raw/sensors/year=2024/month=05/day=06/readings.jsonl": 1,
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_query_returns_the_expected_rows(by_command: Published, name: str) -> None:
    asked = ["query", f"SELECT * FROM {name}", "--json", "--lake", str(by_command.lake)]
    done = CliRunner().invoke(main, asked, standalone_mode=False, catch_exceptions=False)
    assert_rows(rows_of_json(done.stdout, expected(name).types), name)


@pytest.mark.parametrize("name", NAMES)
def test_duckdb_reads_rows_and_types_through_the_catalog_statements(duck: duckdb.DuckDBPyConnection, name: str) -> None:
    view, types = f'"filmes-db".{name}', expected(name).types
    found = dict(duck.execute(f"SELECT column_name, column_type FROM (DESCRIBE {view})").fetchall())
    assert {column: found[column] for column in types} == {column: in_duckdb(kind) for column, kind in types.items()}
    assert_rows(rows_of(duck.sql(f"SELECT * FROM {view}").to_arrow_table()), name)


SPARK_TYPES = {"int32": "int", "int64": "bigint", "bool": "boolean", "date32[day]": "date"}


def in_spark(kind: pa.DataType) -> str:
    """An Arrow type as Spark and OpenLineage's schemas write it."""
    if pa.types.is_list(kind):
        return f"array<{in_spark(kind.value_type)}>"
    if pa.types.is_map(kind):
        return f"map<{in_spark(kind.key_type)},{in_spark(kind.item_type)}>"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return "timestamp" if pa.types.is_timestamp(kind) else SPARK_TYPES.get(str(kind), str(kind))


def test_openlineage_names_the_columns_and_types_of_the_published_files(by_command: Published) -> None:
    outputs = [data for event in events_in(by_command.lake.parent / "events.jsonl") for data in event["outputs"]]
    assert len({data["name"] for data in outputs if "/Trusted/" in data["name"]}) == len(NAMES)
    assert any("/Quarantine/" in data["name"] for data in outputs)
    for data in outputs:
        folder = Path(data["name"])
        file = next(folder.rglob("*.parquet"))
        columns = [(field.name, in_spark(field.type)) for field in pq.read_schema(file)]
        parts = [(part.partition("=")[0], "string") for part in file.relative_to(folder).parts[:-1]]
        assert [(one["name"], one["type"]) for one in data["facets"]["schema"]["fields"]] == columns + parts


def test_a_second_run_changes_nothing(by_command: Published) -> None:
    trial = Trial(by_command.lake, SailEngine())
    before = trial.snapshot()
    told = json.loads(run_on_all("to-trusted", "--json", lake=by_command.lake))
    assert {table["table"]: table["status"] for table in told["tables"]} == dict.fromkeys(NAMES, "unchanged")
    assert trial.snapshot() == before
