"""The pages of the documentation as programs: their code blocks, and the shell that runs them as written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import click

from tests.support.trials import REPO
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOW_TO = REPO / "docs" / "how-to"
README = REPO / "README.md"
_FENCED = re.compile(r"^( *)```.*?^\1```$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_INSTALLS = re.compile(r"^pip install\b")


@dataclass(frozen=True)
class Block:
    """A block of code of a page.

    Attributes:
        page: the page's path in the repository.
        heading: that of its section.
        language: what stands behind the three marks.
        code: its lines.
    """

    page: str
    heading: str
    language: str
    code: str

    def __str__(self) -> str:
        return f"{self.page}, {self.heading!r}: {self.code.partition(chr(10))[0]}"


def all_pages() -> Sequence[Path]:
    """Every page of the repository, in English and other languages."""
    return sorted([*REPO.glob("*.md"), *(REPO / "docs").rglob("*.md")])


def blocks_of(page: str) -> Sequence[Block]:
    """All blocks of code of a page, in order."""
    text = (REPO / page).read_text(encoding="utf-8")
    found, heading, at = [], "", 0
    for block in BLOCK.finditer(text):
        heading = ([heading, *_HEADING.findall(text[at : block.start()])])[-1]
        at = block.end()
        found.append(Block(page, heading, block[2], dedent(block[3])))
    return found


def blocks(page: Path, language: str, heading: str = "") -> Sequence[str]:
    """The blocks of code of a page, in order; with a heading only those of its section."""
    text = page.read_text(encoding="utf-8")
    if heading:
        found = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
        assert found, f"{page.name} has no section {heading!r}"
        rest = text[found.end() :]
        end = re.search(rf"^#{{1,{len(found[1])}}} ", BLOCK.sub(lambda block: "." * len(block[0]), rest), re.MULTILINE)
        text = rest[: end.start()] if end else rest
    return [dedent(code) for _, found_language, code in BLOCK.findall(text) if found_language == language]


def fenced_blocks(page: Path) -> Sequence[str]:
    """Each block of code of a page, in order, with its fences; those inside a list too."""
    return [block[0] for block in _FENCED.finditer(page.read_text(encoding="utf-8"))]


def anchors(page: Path) -> set[str]:
    """The anchors that a page's headings get."""
    headings = re.findall(r"^#+ (.*)$", _prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def relative_links(page: Path) -> Sequence[tuple[Path, str]]:
    """Where a page's links to files of this repository lead: the file, and the anchor or nothing."""
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", _prose(page)) if "://" not in link]
    parts = [link.partition("#") for link in links]
    return [((page.parent / path).resolve() if path else page, anchor) for path, _, anchor in parts]


def _prose(page: Path) -> str:
    return _FENCED.sub("", page.read_text(encoding="utf-8"))


def shell_lines(page: Path) -> list[list[str]]:
    """Each command of the page's shell blocks, as its words."""
    code = "".join(blocks(page, "bash")).replace("\\\n", " ")
    return [words for line in code.splitlines() if (words := shlex.split(line, comments=True))]


def require_taken(words: Sequence[str]) -> None:
    """Fail unless the command line takes these words, which follow `trustedlake`."""
    name, *rest = takewhile(lambda word: word not in (">", "|", "||", "&&"), words)
    # A command keeps the help option of its first context: with the group's settings, like a user's.
    group = click.Context(main, **main.context_settings)
    command = main.get_command(group, name)
    assert command is not None, words
    command.make_context(name, rest, parent=group)


def with_values(code: str, values: Mapping[str, str]) -> str:
    """The code with each name that the page made up replaced by the real one; each must be there."""
    for made_up, real in values.items():
        assert made_up in code, f"the page says no {made_up}"
        code = code.replace(made_up, real)
    return code


def run_shell(code: str, folder: Path, environ: Mapping[str, str], *, timeout_s: float = 240) -> str:
    """Run the lines in a folder, but for `pip install`; give what they say on stdout and stderr.

    `trustedlake`, `python` and `spark-submit` are those of this environment. Fails where a line fails.
    """
    lines = [line for line in code.splitlines(keepends=True) if not _INSTALLS.match(line)]
    path = os.pathsep.join([str(Path(sys.executable).parent), environ["PATH"]])
    done = subprocess.run(
        ["bash", "-e", "-u", "-o", "pipefail", "-c", "".join(lines)],
        cwd=folder,
        env={**environ, "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stdout[-4000:]}"
    return done.stdout
