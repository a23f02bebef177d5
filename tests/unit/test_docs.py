"""What the pages ask a reader to do works: links lead somewhere, commands and code parse."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.pages import all_pages, anchors, blocks, relative_links, require_taken, shell_lines

ROOT = Path(__file__).parents[2]
PAGES = all_pages()

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


@each_page
def test_relative_links_lead_to_an_existing_file_and_heading(page: Path) -> None:
    for target, anchor in relative_links(page):
        assert target.exists(), target
        assert not anchor or anchor in anchors(target), f"{target}#{anchor}"


@each_page
def test_the_command_line_accepts_the_commands_on_the_pages(page: Path) -> None:
    for words in shell_lines(page):
        if words[0] == "trustedlake" or words[:2] == ["spark-submit", "cli.py"]:
            require_taken(words[1:] if words[0] == "trustedlake" else words[2:])


@each_page
def test_make_targets_exist(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = {words[words.index("make") + 1] for words in shell_lines(page) if "make" in words[:-1]}
    assert named <= targets


@each_page
def test_python_blocks_compile(page: Path) -> None:
    for code in blocks(page, "python"):
        compile(code, str(page), "exec")


def test_the_pages_are_found() -> None:
    assert {"README.md", "README.pt-BR.md", "CHANGELOG.md", "CONTRIBUTING.md"} <= {page.name for page in PAGES}
    assert ["make", "demo"] in shell_lines(ROOT / "README.md")
