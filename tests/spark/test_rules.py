"""A contract's own rules: enum, length, unique, and what happens to records with the same key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.frames import framed, framed_row
from trustedlake.core.judging.schema import to_columns
from trustedlake.core.judging.verdict import judge, with_rivals
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession

pytestmark = pytest.mark.interpreted

COLUMNS = (
    Column(name="id", type="bigint"),
    Column(name="lang", type="string"),
    Column(name="kind", type="string", enum=("film", "série")),
    Column(name="stars", type="int", enum=("1", "5")),
    Column(name="price", type="decimal(6,2)", enum=("1.50", "2.00")),
    Column(name="on", type="date", enum=("2024-02-29",)),
    Column(name="code", type="string", min_length=3),
    Column(name="imdb", type="string", unique=True),
    Column(name="tags", type="array<string>"),
)


def contract(duplicates: str, *key: str, **changes: Any) -> Contract:
    given: dict[str, Any] = {
        "table": "works",
        "raw": Raw(path=("Raw/Works/{dia:02d}",), format=RawFormat.JSON),
        "trusted": "Trusted/Works",
        "partition": ("dia",),
        "key": key,
        "duplicates": Duplicates(duplicates),
        "columns": COLUMNS,
    }
    return Contract(**(given | changes))


Given = dict[str, Any]
KEPT: list[str] = []
"""The reasons of a record that became a row."""


def row(table: Contract, place: str, texts: Mapping[str, Any], rescued: Mapping[str, str | None] | None) -> Given:
    """A framed row at `17/b.json#2`."""
    dia, _, rest = place.partition("/")
    file, _, index = rest.partition("#")
    values = {"file_path": f"{dia}/{file}", "record_index": int(index), "rescued": rescued}
    return framed_row(table, texts, **values) | {"dia": dia}


def verdicts(session: SparkSession, table: Contract, rows: list[Given]) -> dict[str, tuple[Any, ...]]:
    """Address -> verdict, reasons, winner; and for those in Trusted `trusted`."""
    judged = judge(to_columns(framed(session, table, rows), table), table)
    found: dict[str, tuple[Any, ...]] = {
        f"{one['file_path']}#{one['record_index']}": ("trusted",) for one in judged.trusted.collect()
    }
    for one in judged.quarantined.collect():
        address = f"{one['file_path']}#{one['record_index']}"
        assert address not in found
        found[address] = (one["verdict"], one["reasons"], one["winner"])
    return found


RULES: list[tuple[dict[str, Any], list[str]]] = [
    ({"kind": "film", "stars": "5", "price": "1.50", "on": "2024-02-29", "code": "abc"}, KEPT),
    ({"kind": "Film"}, ["kind|enum"]),
    ({"kind": ""}, ["kind|enum"]),
    ({"kind": "film "}, ["kind|enum"]),
    ({"kind": "série"}, KEPT),
    ({"kind": None, "stars": None}, KEPT),
    ({"stars": "2"}, ["stars|enum"]),
    ({"price": "1.51"}, ["price|enum"]),
    ({"price": "2.00"}, KEPT),
    ({"on": "2024-03-01"}, ["on|enum"]),
    ({"code": "ab"}, ["code|length"]),
    ({"code": ""}, ["code|length"]),
    ({"code": "東京é"}, KEPT),  # characters, not bytes
    ({"code": "🎬🎬"}, ["code|length"]),
    ({"kind": "x", "stars": "2", "code": "a"}, ["kind|enum", "stars|enum", "code|length"]),
]


def test_enum_and_length_rules_reject_records(session: SparkSession) -> None:
    table = contract("last", "id")
    rows = [row(table, f"17/a#{n}", {"id": str(n), **texts}, None) for n, (texts, _) in enumerate(RULES)]

    assert verdicts(session, table, rows) == {
        f"17/a#{n}": ("rejected", reasons, None) if reasons else ("trusted",) for n, (_, reasons) in enumerate(RULES)
    }


UNIQUE: dict[str, tuple[str, list[str]]] = {
    # address -> id and imdb; what becomes of it
    "17/a#0": ("1 tt1", ["imdb|unique"]),
    "17/b#0": ("2 tt1", ["imdb|unique"]),
    "17/b#1": ("3 tt1", KEPT),  # the last by file and index stays
    "18/a#0": ("4 tt1", KEPT),  # another partition
    "17/c#0": ("5 ", KEPT),
    "17/c#1": ("6 ", KEPT),  # null is not a value
    "17/d#0": ("7 tt7", ["17/d#1"]),  # of one key: a duplicate, not a rival for the value
    "17/d#1": ("7 tt7", KEPT),
    "17/e#0": ("8 tt8", ["imdb|unique"]),
    "17/e#1": ("9 tt8", ["17/e#2"]),
    "17/e#2": ("9 tt8", KEPT),
    "17/f#0": ("10 ttx", KEPT),
    "17/f#1": ("0 ttx", ["id|missing"]),  # a rejected record takes no value from another
}


def unique_rows(table: Contract) -> list[Given]:
    rows = []
    for address, (told, _) in UNIQUE.items():
        number, _, imdb = told.partition(" ")
        texts = {"id": number if number != "0" else None, "imdb": imdb or None}
        rows.append(row(table, address, texts, None))
    return rows


def unique_expected() -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for address, (_, told) in UNIQUE.items():
        if not told:
            found[address] = ("trusted",)
        elif "#" in told[0]:
            found[address] = ("duplicate", [], told[0])
        else:
            found[address] = ("rejected", told, None)
    return found


def test_of_equal_unique_values_in_a_partition_the_last_record_stays(session: SparkSession) -> None:
    table = contract("last", "id")

    assert verdicts(session, table, unique_rows(table)) == unique_expected()


@pytest.mark.rest
def test_the_unique_rule_also_compares_with_rows_already_in_trusted(session: SparkSession) -> None:
    """The pass for Quarantine has the records that are not in Trusted, and the Trusted rows they compete with."""
    table = contract("last", "id")
    rows = unique_rows(table)
    among_all = judge(to_columns(framed(session, table, rows), table), table)
    kept = {address for address, (_, told) in UNIQUE.items() if not told}
    left = [one for one in rows if f"{one['file_path']}#{one['record_index']}" not in kept]

    again = judge(
        with_rivals(to_columns(framed(session, table, left), table), among_all.trusted, table), table
    ).quarantined

    assert sorted(map(tuple, again.collect()), key=str) == sorted(map(tuple, among_all.quarantined.collect()), key=str)


MERGED: list[tuple[str, dict[str, Any], dict[str, str | None] | None]] = [
    ("17/a.json#0", {"id": "1", "kind": "film", "code": "old", "tags": ["a"], "stars": "1"}, {"x": "first", "y": "1"}),
    ("17/b.json#0", {"id": "1", "kind": "série", "tags": []}, {"x": "second", "z": None}),
    ("17/c.json#0", {"id": "1", "price": "2.00"}, {"w": "3"}),
    ("17/c.json#1", {"id": "1", "kind": "nothing", "imdb": "tt9"}, {"bad": "1"}),  # rejected: it gives nothing
    ("18/a.json#0", {"id": "1", "code": "other day"}, None),
    ("17/d.json#0", {"id": "2", "code": "abc"}, None),
    ("17/detail_1.json#0", {"id": "3", "code": "detail", "lang": "pt"}, {"from": "detail"}),
    ("17/list_9.json#0", {"id": "3", "code": "list", "lang": "en", "stars": "5"}, {"from": "list", "page": "9"}),
]


def test_merge_fills_nulls_from_the_next_best_record_and_keeps_the_winners_lineage(session: SparkSession) -> None:
    table = contract("merge", "id", prefer=("detail_*.json",))
    rows = [row(table, *given) for given in MERGED]

    trusted = judge(to_columns(framed(session, table, rows), table), table).trusted.collect()

    names = ["kind", "code", "tags", "stars", "imdb", "lang", "rescued"]
    found = {f"{one['file_path']}#{one['record_index']}": tuple(one[name] for name in names) for one in trusted}
    assert found == {
        "17/c.json#0": ("série", "old", [], 1, None, None, {"w": "3", "x": "second", "z": None, "y": "1"}),
        "18/a.json#0": (None, "other day", None, None, None, None, None),
        "17/d.json#0": (None, "abc", None, None, None, None, None),
        "17/detail_1.json#0": (None, "detail", None, 5, None, "pt", {"from": "detail", "page": "9"}),
    }
    assert verdicts(session, table, rows) == dict.fromkeys(found, ("trusted",)) | {
        "17/a.json#0": ("duplicate", [], "17/c.json#0"),
        "17/b.json#0": ("duplicate", [], "17/c.json#0"),
        "17/c.json#1": ("rejected", ["kind|enum"], None),
        "17/list_9.json#0": ("duplicate", [], "17/detail_1.json#0"),
    }


TWINS: list[tuple[str, dict[str, Any]]] = [
    ("17/a#0", {"id": "1", "lang": "pt", "tags": ["a", None]}),
    ("17/a#1", {"id": "1", "lang": "en", "tags": ["a", None]}),
    ("17/a#2", {"id": "1", "lang": "pt", "tags": ["a", None]}),
    ("17/a#3", {"id": "1", "lang": "pt", "tags": ["a"]}),
]


@pytest.mark.parametrize(
    ("mode", "key", "duplicates"),
    [
        ("keep", (), {}),
        ("keep", ("id",), {}),
        ("equal", (), {"17/a#0": "17/a#2"}),
        ("equal", ("id",), {"17/a#0": "17/a#2"}),
        ("last", ("id", "lang"), {"17/a#0": "17/a#3", "17/a#2": "17/a#3"}),
        ("merge", ("lang", "id"), {"17/a#0": "17/a#3", "17/a#2": "17/a#3"}),
        ("last", ("id",), {"17/a#0": "17/a#3", "17/a#1": "17/a#3", "17/a#2": "17/a#3"}),
    ],
)
def test_each_duplicates_mode_decides_about_records_with_the_same_key(
    session: SparkSession, mode: str, key: tuple[str, ...], duplicates: dict[str, str]
) -> None:
    table = contract(mode, *key)
    rows = [row(table, address, texts, None) for address, texts in TWINS]

    assert verdicts(session, table, rows) == {
        address: ("duplicate", [], duplicates[address]) if address in duplicates else ("trusted",)
        for address, _ in TWINS
    }
