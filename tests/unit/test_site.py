"""What the site makes of the pages: links, folders in its nav, and the numbers on its first page."""

from __future__ import annotations

import json
import re
import sys
from statistics import median
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.benchmarks.tools import DLT, FLOOR, POLARS, SAIL, SOURCE_JOB, SPARK, TOOLS
from tests.support.trials import REPO

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import ModuleType

DOCS = REPO / "docs"
PAGES = {"index.md", "tutorial.md", "contributing.md", "how-to/query.md", "adr/0001-python-frames-spark-types.md"}


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(DOCS / "site")
    import hooks  # noqa: PLC0415 - it is beside the pages

    yield hooks
    for name in ("hooks", "comparison", "languages"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def measured() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((DOCS / "benchmarks.json").read_text("utf-8"))
    return found


def test_a_portuguese_page_declares_its_language(hooks: ModuleType) -> None:
    html = '<!doctype html>\n<html lang="en" class="no-js">\n<p>lang="en"</p>'
    assert hooks.in_its_language(html, "how-to/query.md") == html
    for said in ("en", "pt"):
        translated = hooks.in_its_language(html.replace("en", said, 1), "pt-BR/how-to/query.md")
        assert translated == html.replace('<html lang="en"', '<html lang="pt-BR"')


def settings() -> dict[str, Any]:
    """What mkdocs.yml says, without the objects that it makes."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)
    found: dict[str, Any] = yaml.load((REPO / "mkdocs.yml").read_text("utf-8"), Loader)
    return found


def nav() -> dict[str, Any]:
    return {title: inside for entry in settings()["nav"] for title, inside in entry.items()}


def test_the_portuguese_menu_has_the_pages_of_the_english_one_in_the_same_order() -> None:
    """Only the titles differ; a new page has to be in both."""

    def paths(entry: Any) -> Any:
        return [paths(inside) for one in entry for inside in one.values()] if isinstance(entry, list) else entry

    english = [paths(nav()[title]) for title in ("Home", "Tutorial", "How-to")]
    assert json.dumps(paths(nav()["Português"])).replace("pt-BR/", "") == json.dumps(english)


def test_every_section_and_button_has_a_portuguese_name(hooks: ModuleType) -> None:
    languages = sys.modules["languages"]
    assert {*languages.MENU, "Home", "Tutorial", "How-to", languages.PORTUGUESE} == set(nav())
    assert set(languages.TOGGLES) == {one["toggle"]["name"] for one in settings()["theme"]["palette"]}
    config = {"theme": {"palette": settings()["theme"]["palette"], "language": "en"}}
    assert languages.settings_for(config, "tutorial.md") is config
    theirs = languages.settings_for(config, "pt-BR/tutorial.md")["theme"]
    assert (theirs["language"], theirs["palette"][1]["toggle"]["name"]) == ("pt-BR", "Claro")
    assert config["theme"]["language"] == "en"


def test_each_page_has_the_menu_of_its_language_and_a_way_to_the_other_one(hooks: ModuleType) -> None:
    languages = sys.modules["languages"]

    def page(uri: str) -> SimpleNamespace:
        return SimpleNamespace(title=uri, file=SimpleNamespace(src_uri=uri), next_page="?", previous_page="?")

    english = [page(uri) for uri in ("index.md", "how-to/a.md", "reference/b.md")]
    portuguese = [page(uri) for uri in ("pt-BR/index.md", "pt-BR/how-to/a.md")]
    reference = SimpleNamespace(title="Reference", children=english[2:])
    ours = SimpleNamespace(title="Português", children=portuguese)
    site = SimpleNamespace(items=[*english[:2], reference, ours], pages=[*english, *portuguese], homepage=english[0])

    def menu(uri: str) -> list[tuple[str, str]]:
        items = languages.menu_for(site, uri).items
        return [(one.title, one.file.src_uri if hasattr(one, "file") else "") for one in items]

    theirs = [("index.md", "index.md"), ("how-to/a.md", "how-to/a.md"), ("Reference", "")]
    assert menu("how-to/a.md") == [*theirs, ("Português", "pt-BR/how-to/a.md")]
    assert menu("reference/b.md") == [*theirs, ("Português", "pt-BR/index.md")]
    mine = [(one.title, one.title) for one in portuguese] + [("Referência", "")]
    assert menu("pt-BR/how-to/a.md") == [*mine, ("English", "how-to/a.md")]
    assert languages.menu_for(site, "pt-BR/how-to/a.md").homepage is portuguese[0]
    assert (site.homepage, reference.title, english[1].title) == (english[0], "Reference", "how-to/a.md")
    languages.relink(site)
    for pages in (english, portuguese):
        assert [one.next_page for one in pages] == [*pages[1:], None]
        assert [one.previous_page for one in pages] == [None, *pages[:-1]]


def test_links_lead_to_pages_of_the_site_or_become_file_names(hooks: ModuleType) -> None:
    cases = [
        ("how-to/a.md", "[SQL](query.md#limits)", "[SQL](query.md#limits)"),
        ("how-to/a.md", "[home](../../README.md)", "[home](../index.md)"),
        ("how-to/a.md", "[rules](../../CONTRIBUTING.md#tests)", "[rules](../contributing.md#tests)"),
        ("how-to/a.md", "[this job](../../deploy/glue_job.py)", "this job (`deploy/glue_job.py`)"),
        ("how-to/a.md", "[`deploy/glue_job.py`](../../deploy/glue_job.py)", "`deploy/glue_job.py`"),
        ("how-to/a.md", "[gone](gone.md)", "[gone](gone.md)"),
        ("how-to/a.md", "[there](https://example.org/x)", "[there](https://example.org/x)"),
        ("how-to/a.md", "[below](#below)", "[below](#below)"),
        ("how-to/a.md", "`[x](../../Makefile)`", "`[x](../../Makefile)`"),
        ("how-to/a.md", "```python\n[x](../../Makefile)\n```", "```python\n[x](../../Makefile)\n```"),
        ("contributing.md", "[SQL](docs/how-to/query.md)", "[SQL](how-to/query.md)"),
        ("pt-BR/index.md", "[SQL](docs/how-to/query.md)", "[SQL](../how-to/query.md)"),
        ("pt-BR/index.md", "[why](docs/adr/)", "[why](../adr/0001-python-frames-spark-types.md)"),
    ]
    for page, written, expected in cases:
        assert hooks.site_links(written, page, PAGES, "") == expected
    public = hooks.site_links("[job](../../deploy/glue_job.py)", "how-to/a.md", PAGES, "https://example.org/lake")
    assert public == "[job](https://example.org/lake/blob/main/deploy/glue_job.py)"


def test_a_folder_in_the_nav_becomes_its_pages_and_a_missing_folder_disappears(hooks: ModuleType) -> None:
    nav = [{"Home": "index.md"}, {"Why": "adr/"}, {"Português": ["pt-BR/none/"]}, {"Both": ["index.md", "adr/"]}]
    home, why, both = hooks._expanded(nav)
    assert home == {"Home": "index.md"}
    assert why["Why"] == sorted(file.relative_to(DOCS).as_posix() for file in (DOCS / "adr").glob("*.md"))
    assert both == {"Both": ["index.md", *why["Why"]]}


def test_the_first_page_has_the_numbers_of_the_benchmarks(hooks: ModuleType, measured: Mapping[str, Any]) -> None:
    table = hooks.comparison(measured)
    page = (DOCS / "benchmarks.md").read_text("utf-8")
    for tool in TOOLS:
        (row,) = [line for line in table.splitlines() if line.startswith((f"| {tool} |", f"| **{tool}** |"))]
        *times, peak, defects = row.strip("| ").split(" | ")[1:]
        for size, time in zip(("small", "movies", "csv"), times, strict=True):
            section = page.split(f"### {measured[size]['size']}\n")[1].split("\nMedians")[0]
            assert f"| {tool} | {time} |" in section
            assert size != "movies" or section.split(f"| {tool} |")[1].split("\n")[0].endswith(f"| {peak} |")
        wrong, planted = map(int, defects.split(" of "))
        assert f"| {tool} | {planted - wrong} of {planted} |" in page
    assert (DOCS / "index.md").read_text("utf-8").count(hooks.COMPARISON) == 1


def test_the_statements_about_other_tools_still_match_the_benchmarks(
    hooks: ModuleType, measured: Mapping[str, Any]
) -> None:
    """If one of these fails, the benchmark has new numbers, and docs/index.md needs new sentences."""

    def time_of(tool: str, size: str) -> float:
        return float(median(run["wall_s"] for run in measured[size]["runs"][tool]))

    for size in ("small", "movies", "csv"):
        assert all(2 * time_of(tool, size) < time_of(SAIL, size) for tool in (FLOOR, POLARS)), "several times quicker"
        assert time_of(SAIL, size) < time_of(SPARK, size), "the quick engine"
    assert 0.4 < time_of(SAIL, "movies") / time_of(DLT, "movies") < 0.6, "dlt takes twice as long, on many films"
    assert 0.4 < time_of(DLT, "csv") / time_of(SAIL, "csv") < 0.6, "and half as long on CSV"
    assert 0.45 < time_of(SPARK, "movies") / time_of(SOURCE_JOB, "movies") < 0.6, "little more than half the job's time"
    assert 1.2 * time_of(SOURCE_JOB, "csv") < time_of(SPARK, "csv"), "and longer on CSV"
    peaks = {tool: median(run["peak_bytes"] for run in runs) for tool, runs in measured["movies"]["runs"].items()}
    assert peaks[SAIL] > max(peaks[tool] for tool in (POLARS, FLOOR)), "and memory"


def test_the_readme_has_the_numbers_of_the_planted_defects(hooks: ModuleType, measured: Mapping[str, Any]) -> None:
    from comparison import wrong_in_silence  # noqa: PLC0415 - `hooks` has put it on the path

    fates = measured["defects"]["fates"]
    said = " ".join((REPO / "README.md").read_text("utf-8").split())
    told = re.search(r"Of (\d+) planted defects .* got (\d+) wrong .* dlt (\d+), polars (\d+), DuckDB (\d+), and", said)
    assert told
    planted, *wrong = map(int, told.groups())
    found = [wrong_in_silence(fates, tool) for tool in (SOURCE_JOB, DLT, POLARS, FLOOR)]
    assert found == [(number, planted) for number in wrong]
    assert {wrong_in_silence(fates, tool)[0] for tool in (SPARK, SAIL)} == {0}


@pytest.mark.parametrize("picture", sorted((DOCS / "images").glob("*.svg")), ids=lambda picture: picture.name)
def test_pictures_load_nothing_and_name_no_machine(picture: Path) -> None:
    text = picture.read_text("utf-8")
    assert len(text) < 150_000
    assert not re.search(r"(?:href|src)=|@import|url\((?!#)|<script", text)
    assert not re.search(r"/(?:tmp|home|root|Users)/", text)
    assert not re.search(r'<g style="animation-name:t\d+">[^\n]*━', text), "a progress bar that stays"
    if picture.name != "favicon.svg":
        root = ElementTree.fromstring(text)
        assert {"title", "desc"} <= {child.tag.rpartition("}")[2] for child in root}
