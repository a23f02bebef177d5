"""Facts against counts: each way in which an engine can lose or double something has its own name."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trustedlake.core.balance import ImbalanceKind, compare
from trustedlake.core.facts import FileCounts, FileFacts


def facts(path: str, records: int, witness: int = 0) -> FileFacts:
    return FileFacts(path, size=1, sha256="", shape="array", records=records, witness=witness)


CASES = [
    ("all trusted", 3, 50, FileCounts(trusted=3, witness=50), None),
    ("shared out", 3, 50, FileCounts(trusted=1, rejected=1, duplicates=1, witness=50), None),
    ("an empty array", 0, 0, FileCounts(), None),
    ("dropped", 3, 50, FileCounts(), ImbalanceKind.DROPPED_FILE),
    ("doubled", 3, 50, FileCounts(trusted=3, duplicates=3, witness=100), ImbalanceKind.DOUBLED_FILE),
    ("one lost", 3, 50, FileCounts(trusted=2, witness=30), ImbalanceKind.LOST_ROWS),
    ("one doubled", 3, 50, FileCounts(trusted=4, witness=70), ImbalanceKind.DOUBLED_ROWS),
    ("tripled", 3, 50, FileCounts(trusted=9, witness=150), ImbalanceKind.DOUBLED_ROWS),
    ("one lost, another doubled", 3, 50, FileCounts(trusted=3, witness=51), ImbalanceKind.EXCHANGED_RECORDS),
]


@pytest.mark.parametrize(
    ("records", "witness", "counts", "kind"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_each_imbalance_of_one_file_has_its_kind(
    records: int, witness: int, counts: FileCounts, kind: ImbalanceKind | None
) -> None:
    found = compare([facts("a.json", records, witness)], {"a.json": counts} if counts != FileCounts() else {})

    assert [imbalance.kind for imbalance in found] == ([kind] if kind else [])


def test_rows_of_a_file_that_was_not_read_are_an_imbalance() -> None:
    found = compare(
        [facts("a.json", 1, 5)], {"a.json": FileCounts(trusted=1, witness=5), "b.json": FileCounts(rejected=1)}
    )

    assert [(imbalance.path, imbalance.kind) for imbalance in found] == [("b.json", ImbalanceKind.UNKNOWN_FILE)]


def test_two_files_that_balance_only_in_sum_are_both_reported() -> None:
    found = compare(
        [facts("b.json", 2, 5), facts("a.json", 2, 5)],
        {"a.json": FileCounts(trusted=1, witness=2), "b.json": FileCounts(trusted=3, witness=8)},
    )

    assert [(i.path, i.kind) for i in found] == [
        ("a.json", ImbalanceKind.LOST_ROWS),
        ("b.json", ImbalanceKind.DOUBLED_ROWS),
    ]


def test_the_message_names_the_file_the_error_and_both_counts() -> None:
    found = compare([facts("a.json", 1200, 5)], {"a.json": FileCounts(trusted=1000, rejected=30, duplicates=4)})

    assert found[0].sentence == (
        "a.json: lost rows: 1,200 records were read, 1,034 were written (1,000 trusted, 30 rejected, 4 duplicates)"
    )


def test_comparing_needs_no_pyspark() -> None:
    program = "import sys; sys.modules['pyspark'] = None; import trustedlake.core.balance"

    subprocess.run([sys.executable, "-c", program], check=True)
