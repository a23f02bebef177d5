"""The Portuguese pages keep up with the English ones. `test_docs.py` checks links and commands, as of any page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.pages import HOW_TO, README, all_pages, fenced_blocks, relative_links
from tests.support.trials import REPO

if TYPE_CHECKING:
    from pathlib import Path

PORTUGUESE = {
    README: REPO / "README.pt-BR.md",
    REPO / "docs/tutorial.md": REPO / "docs/pt-BR/tutorial.md",
    **{page: REPO / "docs/pt-BR/how-to" / page.name for page in sorted(HOW_TO.glob("*.md"))},
}
"""English page -> where its Portuguese page is."""


def shown(page: Path) -> str:
    return page.relative_to(REPO).as_posix()


each_pair = pytest.mark.parametrize(("english", "portuguese"), PORTUGUESE.items(), ids=map(shown, PORTUGUESE))


@each_pair
def test_each_page_has_a_portuguese_page(english: Path, portuguese: Path) -> None:
    assert portuguese.is_file(), f"{shown(english)}: write {shown(portuguese)}"
    assert portuguese in all_pages(), "test_docs.py does not see it"


def test_each_portuguese_page_has_an_english_page() -> None:
    there = set((REPO / "docs/pt-BR").rglob("*.md"))
    assert sorted(there - set(PORTUGUESE.values())) == []


@each_pair
def test_code_blocks_are_the_same_as_on_the_english_page(english: Path, portuguese: Path) -> None:
    expected, found = fenced_blocks(english), fenced_blocks(portuguese)
    for number, (theirs, ours) in enumerate(zip(expected, found, strict=False), start=1):
        assert ours == theirs, f"{shown(portuguese)}: block {number} is not the one of {shown(english)}"
    counts = f"{len(found)} blocks, and {shown(english)} has {len(expected)}"
    assert len(found) == len(expected), f"{shown(portuguese)}: {counts}"


@each_pair
def test_the_first_link_of_a_page_leads_to_the_other_language(english: Path, portuguese: Path) -> None:
    for page, other in ((english, portuguese), (portuguese, english)):
        assert relative_links(page)[0] == (other, ""), shown(page)


@each_pair
def test_portuguese_pages_link_to_portuguese_pages_where_these_exist(english: Path, portuguese: Path) -> None:
    leads_to_english = [shown(target) for target, _ in relative_links(portuguese) if target in PORTUGUESE]
    assert leads_to_english == [shown(english)], "only the link to the other language leads there"
