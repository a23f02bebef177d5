"""The page of a lake, parsed as a browser does: its elements with their attributes and texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from tests.support.sentences import left_in_english

_VOID = frozenset({"br", "meta"})


@dataclass
class Element:
    """An element; `text` is all that stands in it."""

    name: str
    attributes: dict[str, str | None]
    text: str = ""
    inside: list[Element] = field(default_factory=list)

    def find(self, name: str, class_: str = "") -> list[Element]:
        """The elements of that name below this one, with that class if one is given."""
        found = []
        for one in self.inside:
            classes = (one.attributes.get("class") or "").split()
            if one.name == name and (not class_ or class_ in classes):
                found.append(one)
            found += one.find(name, class_)
        return found

    def every(self) -> list[Element]:
        """All elements below this one."""
        return [found for one in self.inside for found in (one, *one.every())]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice: {names}"
        for ended in {"td", "th", "tr"} if tag == "tr" else {"td", "th"} if tag in {"td", "th"} else {tag} & {"li"}:
            if self.open[-1].name == ended:
                self.open.pop()
        if tag == "tr" and self.open[-1].name == "tr":
            self.open.pop()
        element = Element(tag, dict(attrs))
        self.open[-1].inside.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1].name != tag:
            ended = self.open.pop()
            assert ended.name in {"li", "td", "th", "tr"}, f"</{tag}> ends <{ended.name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data


def parse_page(page: str) -> Element:
    """The page as a tree.

    Fails where an end tag is missing that must be there.
    """
    parser = _Parser()
    parser.feed(page)
    parser.close()
    assert parser.open == [parser.root], [one.name for one in parser.open]
    return parser.root


def english_messages(page: Element) -> list[str]:
    """The messages without Portuguese, or with some words still in English."""
    found = [one.text for one in page.every() if one.attributes.get("lang") == "en" and one.name != "html"]
    for one in page.find("bdi"):
        portuguese = one.attributes.get("data-pt") or ""
        ours = re.sub("'[^']*'", "", one.text)  # what a file says stays as it is
        found += [f"{part} ... of {one.text!r}" for part in left_in_english(ours, portuguese)]
    return found


def numbers_of(row: Element) -> list[int | None]:
    """The numbers of a line of a table, after its first cell."""
    cells = [cell.text.replace(",", "") for cell in row.find("td")[1:]]
    return [int(cell) if cell.isdigit() else None for cell in cells]
