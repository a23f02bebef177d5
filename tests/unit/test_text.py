"""What data may do to a terminal or a shell: nothing."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table

from trustedlake.entrypoints.cli import console
from trustedlake.terminal import printable, quoted, typed, visible

SRC = Path(__file__).parents[2] / "src" / "trustedlake"
OBEYED = [chr(n) for n in (*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029, *range(0x202A, 0x202F))]
OBEYED += [chr(n) for n in range(0x2066, 0x206A)]


@pytest.mark.parametrize("character", OBEYED, ids=lambda one: f"U+{ord(one):04X}")
def test_a_control_character_is_shown_as_an_escape_that_json_reads_back(character: str) -> None:
    shown = visible(f"a{character}b")
    assert character not in shown
    assert json.loads(f'"{shown}"') == f"a{character}b"


@pytest.mark.parametrize("character", [*OBEYED, "\t", "\n", "\ud800"], ids=lambda one: f"U+{ord(one):04X}")
def test_a_printable_text_has_a_sign_for_each_control_character(character: str) -> None:
    assert printable(f"é{character}b") == "é\N{REPLACEMENT CHARACTER}b"


def test_other_text_is_shown_unchanged() -> None:
    text = "Ação: 雨の駅 🎬 \u05d0\u200f\u200d\tb\n[red]"
    assert visible(text) == text
    assert visible(text, one_line=True) == text.replace("\t", r"\t").replace("\n", r"\n")


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_quoted_word_contains_no_control_characters(word: str) -> None:
    said = quoted(word)
    assert visible(said, one_line=True) == said


WORDS = [
    "a b",
    "it's",
    "e\x1b[31m; touch PWNED #",
    "\u202etxt",
    "$(id)",
    "a\nb",
    "~",
    "",
    "*",
    "\\\x07'\"",
    "Ação \x9b",
]


def test_a_printed_command_has_each_name_as_one_word() -> None:
    line = typed("report", *WORDS, lake="my lake")
    done = subprocess.run(["bash", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == ["trustedlake", "report", *WORDS, "--lake", "my lake"]


@pytest.mark.parametrize(
    "text", ["[red]x[/red]", "[/]", ":smile:", "[link=http://a]b[/link]", "\x07\x1b]0;t\x07", "\r"]
)
def test_printed_text_is_neither_markup_nor_a_control_sequence(capsys: pytest.CaptureFixture[str], text: str) -> None:
    out, grid = console.stdout(), Table(text, box=None)
    grid.add_row(text)
    grid.add_row(console.Text(text))
    out.print(grid)
    out.print(text)
    out.print(console.Text.assemble((text, "bold"), text))
    console.error(text, text)
    written = capsys.readouterr()
    lines = [line.strip() for line in (written.out + written.err).splitlines()]
    shown = visible(text, one_line=True)
    assert lines == [*[shown] * 4, shown * 2, f"error: {shown}", f"hint: {shown}"]


def test_a_line_within_a_message_cannot_look_like_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    console.error("no table x\nhint: run this", "look")
    assert capsys.readouterr().err == "error: no table x\n  hint: run this\nhint: look\n"


_PUT_IN = re.compile(r"(?:--(?:lake|input|target|raw|accept-unreadable)|chmod \S+|rm -r|mv|cd) \{(?!quoted\()")
_NOT_TYPED = ("is not there", "is not a raw file of", "does not say where")
"""Sentences about a flag, which nobody pastes."""


def test_every_hint_quotes_the_names_in_its_commands() -> None:
    found = [
        f"{file.relative_to(SRC)}:{number}: {line.strip()}"
        for file in sorted(SRC.rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if _PUT_IN.search(line) and not any(said in line for said in _NOT_TYPED)
    ]
    assert found == []


def test_every_command_prints_through_the_console() -> None:
    past = re.compile(r"\bfrom rich\.text import|\brich\.print|sys\.stdout\.buffer|(?<![.\w])print\(|[^_]Console\(")
    found = [
        f"{file.name}:{number}: {line.strip()}"
        for file in sorted((SRC / "entrypoints" / "cli").glob("*.py"))
        if file.name != "console.py"
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if past.search(line)
    ]
    assert found == []
