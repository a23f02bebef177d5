"""What mkdocs can't say in mkdocs.yml: folders in the nav, two languages, pages and links from outside `docs`.

The pages are written for the repository, where a link may lead to any file. On the site a link to a file that is no
page leads to the repository, if pyproject.toml names one; else the file is only named.
"""

from __future__ import annotations

import json
import logging
import posixpath
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))

from comparison import comparison
from languages import FOLDER, in_its_language, language_of_page, relink

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.nav import Navigation
    from mkdocs.structure.pages import Page

DOCS = Path(__file__).parents[1]
ROOT = DOCS.parent
FROM_ROOT = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "README.pt-BR.md": "pt-BR/index.md"}
"""Files of the repository's root that are pages of the site."""
STANDS_FOR = {"README.md": "index.md", "docs/adr/": "adr/0001-python-frames-spark-types.md"}
"""Where links lead to what has no page of its own."""
ALONE = {"index.md", "tutorial.md", "benchmarks.md"}
"""Pages with no others in their section: beside them would stand a list of one."""
COMPARISON = "<!-- comparison: made from benchmarks.json when the site is built -->"

_PARTS = re.compile(r"(^[ ]*```.*?^[ ]*```[ ]*$|`[^`\n]*`(?!\]))", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s]+)\)")
_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)
_LOST = re.compile(r"\n *((?:[-*|]|\d+\.|```) .*)")
_FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)
_INDENTED = re.compile(r"^\n {1,3}(\S.*)", re.MULTILINE)
_log = logging.getLogger("mkdocs.hooks")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the pages of a folder where the nav names it, as `name/`; a folder that is not there has none."""
    config.nav = list(_expanded(config.nav))
    return config


def _expanded(nav: Sequence[Any]) -> Iterator[Any]:
    for entry in nav:
        if isinstance(entry, str):
            yield from _pages_in(entry) if entry.endswith("/") else [entry]
            continue
        ((title, inside),) = entry.items()
        if isinstance(inside, str) and inside.endswith("/"):
            inside = _pages_in(inside)
        elif isinstance(inside, list):
            inside = list(_expanded(inside))
        if inside:
            yield {title: inside}


def _pages_in(folder: str) -> list[str]:
    pages = sorted((DOCS / folder).rglob("*.md"))
    return [page.relative_to(DOCS).as_posix() for page in pages if page.name != "index.md"]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the repository's root."""
    from mkdocs.structure.files import File  # noqa: PLC0415 - tests load this module without mkdocs

    for name, uri in FROM_ROOT.items():
        if uri not in files.src_uris:
            files.append(File.generated(config, uri, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Give links the place that their target has on the site, the first page its table, and pages alone their width."""
    for line in _INDENTED.findall(_FENCED.sub("", markdown)):
        _log.warning("%s: four spaces go before what belongs to an item of a list: %r", page.file.src_uri, line)
    if page.file.src_uri.removeprefix(FOLDER) in ALONE:
        page.meta["hide"] = ["navigation"]
    markdown = markdown.replace(COMPARISON, comparison(json.loads((DOCS / "benchmarks.json").read_text("utf-8"))))
    return site_links(markdown, page.file.src_uri, files.src_uris.keys(), _repository())


def on_page_content(html: str, page: Page, **_: object) -> None:
    """Warn of a list or table that GitHub shows and this site does not: it wants four spaces or an empty line."""
    for lost in _LOST.finditer(_CODE.sub("", html)):
        _log.warning("%s: no list or table on the site: %r", page.file.src_uri, lost[1])


def on_nav(nav: Navigation, **_: object) -> None:
    """Keep the order of the pages of each language apart."""
    relink(nav)


def on_page_context(context: dict[str, Any], page: Page, **_: object) -> dict[str, Any]:
    """Give each page the menu and the words of the theme in its language."""
    return language_of_page(context, page)


def on_post_page(output: str, page: Page, **_: object) -> str:
    """Name the page's language for screen readers."""
    return in_its_language(output, page.file.src_uri)


def _repository() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return str(project.get("urls", {}).get("Repository", ""))


def site_links(markdown: str, uri: str, pages: Container[str], repo_url: str) -> str:
    """The page's text with its links as the site needs them.

    Args:
        markdown: the page as it is in the repository.
        uri: the page's place on the site, below `docs`.
        pages: the places of everything on the site.
        repo_url: what a link to another file of the repository begins with; empty if it is not public.
    """
    source = next((name for name, page in FROM_ROOT.items() if page == uri), f"docs/{uri}")

    def link(found: re.Match[str]) -> str:
        label, target = found.groups()
        path, hash_, anchor = target.partition("#")
        if not path or re.match(r"[a-z]+:", target):
            return found[0]
        wanted = posixpath.normpath(posixpath.join(posixpath.dirname(source), path)) + "/" * path.endswith("/")
        place = FROM_ROOT.get(wanted) or STANDS_FOR.get(wanted) or wanted.removeprefix("docs/")
        if place in pages or wanted.startswith("docs/"):
            return f"[{label}]({posixpath.relpath(place, posixpath.dirname(uri) or '.')}{hash_}{anchor})"
        if repo_url:
            return f"[{label}]({repo_url.rstrip('/')}/blob/main/{wanted}{hash_}{anchor})"
        return label if wanted in label else f"{label} (`{wanted}`)"

    parts = _PARTS.split(markdown)
    return "".join(part if number % 2 else _LINK.sub(link, part) for number, part in enumerate(parts))
