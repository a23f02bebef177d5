"""Every fixture file, framed, gives what `data/fixtures/expected` says."""

from __future__ import annotations

import pytest

from tests.support.fixture_files import FIXTURES, expected, frame, framed_rows, shapes
from trustedlake.models.built_in import CONTRACTS

FATES = expected("hostile")


def table_of(name: str) -> str:
    return "tmdb_movies" if name.startswith("json/") else "local_movies"


@pytest.mark.parametrize("name", [name for name, fate in FATES.items() if fate["unreadable"]])
def test_an_unreadable_file_is_refused_as_a_whole_with_the_reason(name: str) -> None:
    batches, facts = frame(FIXTURES / "hostile" / name, table_of(name))
    assert batches == []
    assert (facts.shape, facts.records) == ("unreadable", 0)
    assert facts.problem
    assert facts.hint


@pytest.mark.parametrize("name", [name for name, fate in FATES.items() if not fate["unreadable"]])
def test_a_wrong_record_is_rejected_and_its_neighbours_are_kept(name: str) -> None:
    facts = frame(FIXTURES / "hostile" / name, table_of(name))[1]
    rows = framed_rows(FIXTURES / "hostile" / name, table_of(name))
    assert facts.problem is None
    assert facts.records == len(rows) == FATES[name]["records"]
    assert {str(row["record_index"]): row["problem"] for row in rows if row["problem"]} == FATES[name]["problems"]


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_every_shape_gives_the_same_keys(table: str) -> None:
    contract = CONTRACTS[table]
    (key,) = contract.key or ("id",)
    keys = [str(row[key]) for row in expected(table)]
    for shape, files in shapes(table).items():
        rows = [row for file in files for row in framed_rows(file, table)]
        assert [row[f"text_{key}"] for row in rows] == keys, shape


@pytest.mark.parametrize("table", list(CONTRACTS))
def test_the_files_of_the_lake_have_as_many_records_as_expected(table: str) -> None:
    source, entity = table.split("_")
    folder = FIXTURES / "lake" / "Raw" / {"tmdb": "TMDB/JSON", "local": "Local/CSV"}[source] / entity.capitalize()
    framed = sum(frame(path, table)[1].records for path in folder.rglob("*") if path.is_file())
    assert framed == sum(partition["framed"] for partition in expected("lake")[table].values())
