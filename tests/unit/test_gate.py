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
        (100, 0, 90, 0.05, False),  # duplicates are not rejects
        (120, 6, 20, 0.05, False),  # but they count as records
        (10, 2, 0, 0.05, False),  # two never fail a partition
        (10, 3, 0, 0.05, True),
        (10, 3, 0, 0.3, False),
        (3, 3, 0, 1.0, True),  # no record accepted
        (1, 1, 0, 0.05, True),
        (0, 0, 0, 0.05, True),  # zero is never success
    ],
)
def test_a_partition_with_too_large_a_share_of_rejected_records_is_refused(
    framed: int, rejected: int, duplicates: int, allowed: float, refused: bool
) -> None:
    counts = Counts(framed=framed, trusted=framed - rejected - duplicates, rejected=rejected, duplicates=duplicates)
    assert (verdict(counts, max_rejected=allowed) is not None) is refused


def test_an_unreadable_file_refuses_its_partition_with_a_hint() -> None:
    refused = verdict(GOOD, unreadable={"Raw/a.json": "cut at byte 7", "Raw/b.json": "empty"})
    assert refused is not None
    assert refused.gate == "unreadable"
    assert refused.message == "unreadable: Raw/a.json: cut at byte 7; Raw/b.json: empty"
    assert "--accept-unreadable Raw/a.json" in refused.hint


def test_a_partition_without_records_is_refused_whatever_was_accepted() -> None:
    refused = verdict(Counts(), readable=[], max_rejected=1.0)
    assert refused is not None
    assert refused.gate == "empty"
    assert "move it out" in refused.hint


def test_the_hint_for_the_only_file_does_not_suggest_accepting_it() -> None:
    refused = verdict(Counts(), unreadable={"Raw/a.json": "cut at byte 7"}, readable=[])
    assert refused is not None
    assert "--accept-unreadable" not in refused.hint


def test_files_without_records_are_named_and_the_hint_leaves_out_the_empty_quarantine() -> None:
    refused = verdict(Counts(), readable=[f"Raw/{name}.json" for name in "abcd"])
    assert refused is not None
    assert refused.message == "no record in Raw/a.json, Raw/b.json, Raw/c.json and 1 more"
    assert "quarantine" not in refused.hint


def test_missing_columns_refuse_a_partition_only_with_strict() -> None:
    missing = [f"column {name} is absent from every record of a.json; unknown there: x, y" for name in "abcde"]
    assert verdict(GOOD, missing=missing) is None
    refused = verdict(GOOD, missing=missing, strict=True)
    assert refused is not None
    assert (refused.gate, refused.message) == ("strict", "; ".join([*missing[:3], "and 2 more"]))


@pytest.mark.parametrize(
    ("unreadable", "message"),
    [
        ({"a": "empty; fetch it"}, "unreadable: a: empty; fetch it"),
        ({"a": "line 1: cut", "b": "line 207: cut"}, "unreadable: 2 files, a, b: line 1: cut"),
        (
            {f"{n:02}": f"byte {n}: cut" for n in range(50)},
            "unreadable: 50 files, 00, 01, 02 and 47 more: byte 0: cut",
        ),
        ({"a": "cut", "b": "empty", "c": "cut"}, "unreadable: 2 files, a, c: cut; b: empty"),
        ({one: one for one in "abcde"}, "unreadable: a: a; b: b; c: c; and 2 more"),
    ],
)
def test_files_with_the_same_problem_are_reported_together(unreadable: dict[str, str], message: str) -> None:
    refused = verdict(GOOD, unreadable=unreadable)
    assert refused is not None
    assert refused.message == message


def test_the_hint_of_an_unreadable_file_can_be_pasted() -> None:
    names = ["a b.json", "e\x1b[31m; touch PWNED #.json", "c", "d", "e"]
    refused = verdict(GOOD, unreadable=dict.fromkeys(names, "cut"))
    assert refused is not None
    flags = "--accept-unreadable 'a b.json' --accept-unreadable $'e\\x1b[31m; touch PWNED #.json' --accept-unreadable c"
    assert refused.hint == f"fix them in Raw, or publish without: {flags}, and so on for 2 more"


def test_the_hint_to_draft_a_contract_names_an_example_file() -> None:
    reason = "the file holds no records of films; write a contract for them (trustedlake contract init --from FILE)"
    refused = verdict(GOOD, unreadable={"Raw/a b.json": reason, "Raw/c.json": reason})
    assert refused is not None
    assert refused.message.startswith("unreadable: 2 files, Raw/a b.json, Raw/c.json: ")
    assert refused.message.endswith("(trustedlake contract init --from 'Raw/a b.json' --table NAME)")
