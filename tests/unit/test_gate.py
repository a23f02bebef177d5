"""When a partition is refused."""

from __future__ import annotations

from typing import Any

import pytest

from trustedlake.app.trusted.gate import Verdict, check
from trustedlake.models.ledger import Counts

GOOD = Counts(framed=100, trusted=100)


def verdict(counts: Counts, **changes: Any) -> Verdict | None:
    usual: dict[str, Any] = {
        "unreadable": {},
        "readable": ["Raw/c.json"],
        "missing": [],
        "max_rejected": 0.05,
        "strict": False,
    }
    return check(counts, **{**usual, **changes})


@pytest.mark.parametrize(
    ("framed", "rejected", "duplicates", "allowed", "refused"),
    [
        (100, 0, 0, 0.05, False),
        (100, 5, 0, 0.05, False),  # exactly the share passes
        (100, 6, 0, 0.05, True),
        (100, 0, 90, 0.05, False),  # duplicates are no rejects
        (120, 6, 20, 0.05, False),  # but they count as records
        (10, 2, 0, 0.05, False),  # two never fail a partition
        (10, 3, 0, 0.05, True),
        (10, 3, 0, 0.3, False),
        (3, 3, 0, 1.0, True),  # no record accepted
        (1, 1, 0, 0.05, True),
        (0, 0, 0, 0.05, True),  # zero is never success
    ],
)
def test_the_share_of_rejected_records(
    framed: int, rejected: int, duplicates: int, allowed: float, refused: bool
) -> None:
    counts = Counts(framed=framed, trusted=framed - rejected - duplicates, rejected=rejected, duplicates=duplicates)
    assert (verdict(counts, max_rejected=allowed) is not None) is refused


def test_an_unreadable_file_refuses_its_partition_and_says_how_to_go_on() -> None:
    refused = verdict(GOOD, unreadable={"Raw/a.json": "cut at byte 7", "Raw/b.json": "empty"})
    assert refused is not None
    assert refused.gate == "unreadable"
    assert "Raw/a.json: cut at byte 7 (and 1 more)" in refused.message
    assert "--accept-unreadable Raw/a.json" in refused.hint


def test_a_partition_of_accepted_error_pages_alone_may_be_empty() -> None:
    assert verdict(Counts(), readable=[]) is None


def test_files_without_a_record_are_named_and_quarantine_which_has_nothing_is_not() -> None:
    refused = verdict(Counts(), readable=[f"Raw/{name}.json" for name in "abcd"])
    assert refused is not None
    assert refused.message == "no record in Raw/a.json, Raw/b.json, Raw/c.json and 1 more"
    assert "quarantine" not in refused.hint


def test_missing_columns_refuse_only_if_strict() -> None:
    missing = ["column title is absent from every record of a.json"]
    assert verdict(GOOD, missing=missing) is None
    refused = verdict(GOOD, missing=missing, strict=True)
    assert refused is not None
    assert refused.gate == "strict"
