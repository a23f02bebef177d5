"""The two languages of the site: each page has the menu and the words of the theme in its own."""

from __future__ import annotations

import re
from copy import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

Item = TypeVar("Item")

FOLDER = "pt-BR/"
"""Where the Portuguese pages are; a page has the same path below it as the English page below `docs`."""
PORTUGUESE, ENGLISH = "Português", "English"
HOME = "index.md"
MENU = {
    "Explanation": "Explicação",
    "Reference": "Referência",
    "Decisions": "Decisões",
    "Benchmarks": "Benchmarks",
    "Project": "Projeto",
}
"""Sections whose pages are English only -> their names in the Portuguese menu."""
TOGGLES = {
    "Light or dark as the system is": "Claro ou escuro como o sistema",
    "Light": "Claro",
    "Dark": "Escuro",
}
"""Names of the buttons in mkdocs.yml -> their Portuguese names."""


def is_portuguese(uri: str) -> bool:
    """Whether the page of that path below `docs` is Portuguese."""
    return uri.startswith(FOLDER)


def in_its_language(html: str, uri: str) -> str:
    """The page's HTML with the whole name of its language; the theme says `pt`."""
    return re.sub('<html lang="[a-z]+"', '<html lang="pt-BR"', html, count=1) if is_portuguese(uri) else html


def relink(nav: Navigation) -> None:
    """Let "next" and "previous" lead to pages of the same language only."""
    for wanted in (True, False):
        pages = [page for page in nav.pages if is_portuguese(page.file.src_uri) is wanted]
        for before, after in pairwise([None, *pages, None]):
            if before:
                before.next_page = after
            if after:
                after.previous_page = before


def menu_for(nav: Navigation, uri: str) -> Navigation:
    """The menu of a page: what the nav has in its language, and last the same page in the other one."""
    pages = {page.file.src_uri: page for page in nav.pages}
    ours = next(item for item in nav.items if item.title == PORTUGUESE)
    menu = copy(nav)
    if is_portuguese(uri):
        only_english = [_named(item, MENU[item.title]) for item in nav.items if item.title in MENU]
        other = pages.get(uri.removeprefix(FOLDER), pages[HOME])
        menu.items = [*ours.children, *only_english, _named(other, ENGLISH)]
        menu.homepage = pages[FOLDER + HOME]
    else:
        other = pages.get(FOLDER + uri, pages[FOLDER + HOME])
        menu.items = [*(item for item in nav.items if item is not ours), _named(other, PORTUGUESE)]
    return menu


def _named(item: Item, title: str) -> Item:
    """The section or page under another title; it stays as it is where it comes from."""
    other = copy(item)
    other.title = title  # type: ignore[attr-defined] # a section or a page
    return other


def settings_for(config: MkDocsConfig, uri: str) -> MkDocsConfig:
    """The settings with which a page is drawn: those of a Portuguese page ask for the theme's Portuguese words."""
    if not is_portuguese(uri):
        return config
    palette = [
        {**one, "toggle": {**one["toggle"], "name": TOGGLES[one["toggle"]["name"]]}}
        for one in config["theme"]["palette"]
    ]
    theirs = copy(config)
    theirs["theme"] = {**config["theme"], "language": "pt-BR", "palette": palette}
    return theirs


def language_of_page(context: dict[str, Any], page: Page) -> dict[str, Any]:
    """What the theme draws a page from, in the page's language."""
    uri = page.file.src_uri
    return {**context, "nav": menu_for(context["nav"], uri), "config": settings_for(context["config"], uri)}
