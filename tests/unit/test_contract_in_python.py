"""A contract made in Python is refused for the same faults as a contract file."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from trustedlake import Column, Contract, Dialect, Raw, RawFormat


def contract(**changes: Any) -> Contract:
    given: dict[str, Any] = {
        "table": "trips",
        "raw": Raw(path=("Raw/Trips/{year:04d}",), format=RawFormat.CSV, dialect=Dialect(delimiter=";")),
        "trusted": "Trusted/trips",
        "partition": ("year",),
        "key": ("id",),
        "columns": (Column(name="id", type="bigint"), Column(name="towns", type="array<string>")),
    }
    return Contract(**given | changes)


def test_a_complete_contract_is_accepted() -> None:
    assert contract(witness=("id",)).witnesses == ("id",)


def test_unknown_arguments_of_a_contract_are_refused() -> None:
    with pytest.raises(ValidationError, match="primary_key"):
        contract(primary_key="id")


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"raw": Raw(path=("Raw/Trips/{year",), format=RawFormat.JSON)},
            "its placeholders do not match the partition year",
        ),
        ({"raw": Raw(path=("Raw/Trips",), format=RawFormat.JSON)}, "its placeholders do not match the partition year"),
        ({"partition": ("ano",)}, "its placeholders do not match the partition ano"),
        ({"trusted": "Raw/Trips"}, "overlaps the folder of the raw files"),
        ({"trusted": "raw/trips/Trusted"}, "overlaps the folder of the raw files"),
        ({"trusted": "Raw"}, "overlaps the folder of the raw files"),
        ({"key": ("code",)}, "trips has no such column"),
        ({"witness": ("code",)}, "trips has no such column"),
        ({"witness": ("towns",)}, "a witness must be bigint or int or string, not array<string>"),
        ({"columns": (Column(name="id", type="bigint"), Column(name="ID", type="int"))}, "two columns"),
        ({"columns": (Column(name="id", type="bigint"), Column(name="year", type="int"))}, "two columns"),
        ({"columns": (Column(name="id", type="bigint"), Column(name="rescued", type="string"))}, "two columns"),
        ({"key": ()}, "needs a primaryKey"),
    ],
)
def test_contradictory_parts_of_a_contract_are_refused(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        contract(**changes)


@pytest.mark.parametrize(
    "name", ["", "a.b", "a,b", "a b", "a`b", 'a"b', "a=b", "a/b", "a\nb", "a\x1bb", "a\u202eb", "{a}"]
)
def test_a_column_name_that_sql_or_parquet_would_misread_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="name"):
        Column(name=name, type="string")


@pytest.mark.parametrize("name", ["id", "título", "日付", "poster-path", "@id", "a#1"])
def test_other_column_names_are_accepted(name: str) -> None:
    assert Column(name=name, type="string").name == name
