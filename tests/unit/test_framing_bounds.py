"""A file beyond a limit is unreadable by itself, both for framing and for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.framed import LOCAL_MOVIES, MOVIES, frame
from trustedlake.adapters.auditing.evidence import take_census
from trustedlake.core.auditing import FileAccount
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

FILM = '{"id": 1, "title": "A"}'
LONG = f'{{"id": 2, "title": "{"x" * 80}"}}'
CSV = "id|tituloPincipal"
NAMES = "|".join(f"k{number}" for number in range(10_000))

UNREADABLE: dict[str, tuple[str, str, str | int]] = {
    "a_long_line_in_the_middle": ("json", f"{FILM}\n{LONG}\n{FILM}\n", "byte 24: the line that begins here"),
    "a_long_last_line_without_end": ("json", f"{FILM}\n{FILM}\n{LONG}", "byte 48: the line that begins here"),
    "a_long_line_of_blanks": ("json", f"{FILM}\n{' ' * 80}\n{FILM}\n", "byte 24: the line that begins here"),
    "blanks_and_nothing_else": ("json", " " * 200, "blanks"),
    "blanks_first": ("json", "\n" * 200 + FILM, "blanks"),
    "a_first_line_that_goes_on": ("json", LONG + FILM * 3, "can't be divided by lines"),
    "a_long_line_of_pipes": ("csv", f"{CSV}\ntt1|{'x' * 80}\ntt2|B\n", "byte 18: the line that begins here"),
    "a_long_line_that_a_cr_ends": ("csv", f"{CSV}\rtt1|{'x' * 80}\rtt2|B\r", "byte 18: the line that begins here"),
    "a_long_line_of_blanks_between": (
        "csv",
        f"{CSV}\ntt2|B\n{' ' * 80}\ntt1|A\n",
        "byte 24: the line that begins here",
    ),
    "many_names": ("csv", f"{CSV}|{NAMES}\ntt1|A\n", "more than 10,000 names"),
    "a_long_name": ("csv", f"{CSV}|{'k' * (1 << 20)}\ntt1|A\n", "more than 10,000 names or 1 MB"),
}

READABLE: dict[str, tuple[str, str, str | int]] = {
    "lines_as_long_as_they_may_be": ("json", f"{FILM}\n{' ' * 64}\n{FILM}\r\n{FILM}\n{FILM}", 4),
    "pipes_as_long_as_they_may_be": ("csv", f"{CSV}\r\ntt1|{'x' * 60}\r\ntt2|{'x' * 60}\rtt3|{'x' * 60}\n", 3),
    "a_mark_and_blank_lines_before_the_header": ("csv", f"\ufeff\n \n{CSV}\ntt1|A\n", 1),
}


@pytest.mark.parametrize("case", UNREADABLE | READABLE)
def test_framing_and_audit_agree_about_a_file_at_a_bound(case: str, tmp_path: Path) -> None:
    kind, content, wanted = (UNREADABLE | READABLE)[case]
    limits = {"max_whole": 100, "max_line": 2 << 20 if "name" in case else 64}
    file = tmp_path / "file"
    file.write_text(content, newline="")
    framed = frame(content, "file", LOCAL_MOVIES if kind == "csv" else MOVIES, block=16, **limits)
    census = take_census(file, CONTRACTS["local_movies" if kind == "csv" else "tmdb_movies"], (), **limits)
    if case in READABLE:
        assert (framed.facts.problem, census.problem) == (None, None)
        assert (len(framed.rows), census.records) == (wanted, wanted)
    else:
        assert str(wanted) in str(framed.facts.problem)
        assert framed.rows == []
        assert (census.records, bool(census.problem)) == (0, True)


def test_facts_name_at_most_a_thousand_unknown_keys_and_shorten_long_ones() -> None:
    members = ", ".join(f'"k{number}": {number}' for number in range(1_500))
    facts = frame(f'[{{"id": 1, "title": "A", "{"n" * 5_000}": 1, {members}}}]').facts
    assert len(facts.unknown) == len(facts.samples) == 1_000
    assert max(map(len, facts.unknown)) == 200


def test_a_row_with_a_huge_index_takes_no_memory_and_counts_as_untrusted() -> None:
    account = FileAccount(None)
    assert not account.take(2**62, "trusted")
    assert (account.is_trusted(2**62), account.is_trusted(5)) == (True, False)
    account.take(2**62, "rejected")
    assert account.doubled.first == [2**62]
