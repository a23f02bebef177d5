"""One line says why a table was refused, however many partitions were."""

from __future__ import annotations

import pytest

from trustedlake.core.shared_points import of_columns, why_refused
from trustedlake.models.ledger import Counts
from trustedlake.models.report import PartitionReport, PartitionStatus, TableReport

BAD = "5 of 15 records rejected"
REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a table without partitions": ({"": BAD}, f"the table: {BAD}"),
    "one day": ({"dia=17": BAD}, f"dia=17: {BAD}"),
    "three days": ({f"dia={n}": BAD for n in (1, 2, 3)}, f"dia=1: {BAD}; dia=2: {BAD}; dia=3: {BAD}"),
    "many days": ({f"dia={n}": BAD for n in range(1, 31)}, f"30 partitions, dia=1 to dia=30: in the last one: {BAD}"),
    "two kinds": (
        {f"dia={n}": BAD for n in range(1, 5)} | {"dia=9": "no record in a.json"},
        f"4 partitions, dia=1 to dia=4: in the last one: {BAD}; dia=9: no record in a.json",
    ),
    "many kinds": (
        {f"dia={n}": f"no record in {name}.json" for n, name in enumerate("abcdef", start=1)},
        "dia=1: no record in a.json; dia=2: no record in b.json; dia=3: no record in c.json; and 3 more partition(s)",
    ),
    "a table that failed": ({}, "no such folder"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_error_message_names_a_few_refused_days_and_counts_the_rest(name: str) -> None:
    refused, told = REFUSED[name]
    parts = [
        PartitionReport(partition=day, status=PartitionStatus.REFUSED, files=1, counts=Counts(), message=why)
        for day, why in refused.items()
    ]
    published = PartitionReport(partition="dia=31", status=PartitionStatus.PUBLISHED, files=1, counts=Counts())
    failed = "" if refused else told
    report = TableReport(table="t", contract=1, status="refused", partitions=(*parts, published), message=failed)
    assert why_refused(report) == told


A, B = "absent from every record of a.json", "absent from every record of b.json"
EMPTY = "no value in any of the 20 rows, and had values before"


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([], []),
        ([f"column x is {A}"], [f"column x is {A}"]),
        ([f"column x is {A}", f"column y is {A}"], [f"columns x, y are {A}"]),
        ([f"column x is {A}", "lost", f"column y is {A}", "lost"], [f"columns x, y are {A}", "lost", "lost"]),
        ([f"column x is {A}", f"column y is {B}"], [f"column x is {A}", f"column y is {B}"]),
        ([f"column x has {EMPTY}", f"column y has {EMPTY}"], [f"columns x, y have {EMPTY}"]),
        ([f"column x has {EMPTY}", f"column y is {A}"], [f"column x has {EMPTY}", f"column y is {A}"]),
        ([f"column {x} is {A}; it seems to be called {x} there" for x in "xy"], None),
        ([f"column {x} is {A}; unknown there: id" for x in "xy"], [f"columns x, y are {A}; unknown there: id"]),
    ],
)
def test_what_is_said_of_several_columns_is_said_once(messages: list[str], told: list[str] | None) -> None:
    found = of_columns(dict(enumerate(messages)))
    assert [message for _, message in found] == (messages if told is None else told)
    assert sorted(key for keys, _ in found for key in keys) == list(range(len(messages)))
    apart = of_columns(dict(enumerate(messages)), apart=lambda key: key)
    assert [message for _, message in apart] == messages
