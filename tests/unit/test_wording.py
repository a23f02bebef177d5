"""How messages tell many names, sizes and shares."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.trials import REPO
from trustedlake.wording import share, size, some


@pytest.mark.parametrize(
    ("names", "how", "told"),
    [
        ("", {}, ""),
        ("a", {}, "a"),
        ("abc", {}, "a, b, c"),
        ("abcd", {}, "a, b, c and 1 more"),
        ("ab", {"most": 1}, "a and 1 more"),
        ("a" * 1_300, {"most": 1}, "a and 1,299 more"),
        ("abc", {"most": 2, "by": "; "}, "a; b; and 1 more"),
        ("abc", {"most": 2, "by": "\n  "}, "a\n  b\n  and 1 more"),
        ("ab", {"most": 2, "total": 2}, "a, b"),
        ("ab", {"most": 2, "total": 7}, "a, b and 5 more"),
    ],
)
def test_a_message_shows_the_first_few_names_and_how_many_more_there_are(
    names: str, how: dict[str, Any], told: str
) -> None:
    assert some(names, **how) == some(iter(names), **how) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1_000, "1.0 kB"),
        (1_249, "1.2 kB"),
        (10**6, "1.0 MB"),
        (2_345_678_901, "2.3 GB"),
        (10**12, "1.0 TB"),
        (10**16, "10,000.0 TB"),
    ],
)
def test_a_size_has_a_suitable_unit(count: int, told: str) -> None:
    assert size(count) == told


@pytest.mark.parametrize(
    ("ratio", "told"),
    [(0, "0.0%"), (1e-9, "<0.1%"), (0.00049, "<0.1%"), (0.0005, "0.1%"), (0.5, "50.0%"), (1, "100.0%")],
)
def test_a_share_above_zero_is_not_shown_as_zero(ratio: float, told: str) -> None:
    assert share(ratio) == told


def test_no_other_module_counts_the_names_that_it_leaves_out() -> None:
    by_hand = re.compile(r"\band \{[^}]*len\([^}]*\} more(?![:\w ])")
    modules = sorted((REPO / "src/trustedlake").rglob("*.py"))
    found = [str(one) for one in modules if by_hand.search(one.read_text(encoding="utf-8"))]
    assert found == []
