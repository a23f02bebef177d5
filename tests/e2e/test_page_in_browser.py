"""The page in a real browser: both languages, both colour schemes, from the width of a phone to that of a wall."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.page_parts import parse_page
from tests.support.year_of_days import year_of_days
from trustedlake.core.page.page import page_of
from trustedlake.core.page.portuguese.phrases import PHRASES

if TYPE_CHECKING:
    from pathlib import Path

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
WIDTHS = (360, 768, 1600)
pytestmark = pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium")

LOOK = """
const seen = [];
const rgb = text => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const ground = node => {
  for (; node; node = node.parentElement) {
    const colour = rgb(getComputedStyle(node).backgroundColor);
    if (colour.length < 4 || colour[3]) return colour;
  }
  return [255, 255, 255];
};
document.querySelectorAll("details").forEach(one => one.open = true);
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || node.closest("script,style,title,svg,[hidden]")) continue;
  const [a, b] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((x, y) => x - y);
  seen.push([(b + .05) / (a + .05), node.className || node.tagName]);
}
const width = document.documentElement.clientWidth;
const wide = [...document.querySelectorAll("main *")]
  .filter(one => one.getBoundingClientRect().right > width + 1 && !one.closest(".scroll"))
  .map(one => one.tagName + "." + one.className).slice(0, 5);
const weak = seen.filter(one => one[0] < 4.5).slice(0, 5);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const requests = performance.getEntriesByType("resource").map(one => one.name);
parent.postMessage(JSON.stringify({
  width, dark, requests, wide, weak, texts: seen.length, scrolls: document.documentElement.scrollWidth,
  language: document.documentElement.lang,
}), "*");
"""
"""What of a page is too pale, and what does not fit: every text against its background."""


def dom(file: Path, *arguments: str) -> str:
    """The document as the browser has it once its script has run."""
    profile = file.parent / "profile"
    done = subprocess.run(
        [
            CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
            f"--user-data-dir={profile}", *arguments, "--dump-dom", file.as_uri(),
        ],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page, and a copy whose policy lets the test look at it."""
    folder = tmp_path_factory.mktemp("page")
    page = page_of(year_of_days(tables=1))
    (folder / "page.html").write_text(page, encoding="utf-8")
    for width in WIDTHS:  # a window is never as narrow as a phone; a frame is
        frame = f'<iframe src="look.html" width="{width}" height="2000" style="border:0"></iframe>'
        hears = "<script>onmessage = said => document.title = said.data</script>"
        (folder / f"{width}.html").write_text(f"<title></title>{hears}{frame}", encoding="utf-8")
    copy, policies = re.subn(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    assert policies == 1
    (folder / "look.html").write_text(copy.replace("</body>", f"<script>{LOOK}</script></body>"), encoding="utf-8")
    return folder


@pytest.mark.parametrize("language", ["en-GB", "pt-BR", "de"])
def test_the_page_shows_the_numbers_of_the_lake_in_the_language_of_the_reader(folder: Path, language: str) -> None:
    lake = year_of_days(tables=1)
    page = parse_page(dom(folder / "page.html", f"--accept-lang={language}"))
    portuguese = language == "pt-BR"
    assert page.find("html")[0].attributes["lang"] == ("pt-BR" if portuguese else "en")
    facts = [one.text for one in page.find("dl")[0].find("dd")]
    rows = f"{lake.tables[0].status.counts.trusted:,}"
    assert facts[2] == (rows.replace(",", ".") if portuguese else rows)
    days = {one.find("title")[0].text for one in page.find("g")}
    published = lake.tables[0].ledger.partitions["ano=2024/mes=07/dia=01"].counts  # type: ignore[union-attr]
    state, rows = ("publicado", "linhas") if portuguese else ("published", "rows")
    assert f"2024-07-01 · {state} · {published.trusted} {rows}" in days
    cells = [cell.text for row in page.find("table")[-1].find("tr") for cell in row.find("td")[1:]]
    assert {re.sub("[0-9]+", "0", cell) for cell in cells} == {"0,0" if portuguese else "0.0"}
    if portuguese:
        texts = {one.text for one in page.every() if "data-t" in one.attributes}
        assert not texts & (PHRASES.keys() - set(PHRASES.values()))
    messages = [one for one in page.every() if "data-pt" in one.attributes]
    assert len(messages) > 3
    assert {one.text == one.attributes["data-pt"] for one in messages} == {portuguese}


@pytest.mark.parametrize(
    ("width", "scheme", "language"),
    [*zip(WIDTHS, ("light", "dark", "light"), ("en", "pt-BR", "en"), strict=True), (WIDTHS[0], "dark", "pt-BR")],
)
def test_every_text_has_enough_contrast_and_nothing_is_cut_off(
    folder: Path, width: int, scheme: str, language: str
) -> None:
    dark = scheme == "dark"
    said = dom(
        folder / f"{width}.html",
        f"--accept-lang={language}",
        "--window-size=1700,2000",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        "--allow-file-access-from-files",
        "--virtual-time-budget=5000",
    )
    found: dict[str, Any] = json.loads(parse_page(said).find("title")[0].text)
    assert (found["width"], found["dark"], found["language"]) == (width, dark, language)
    assert found["scrolls"] == width
    assert found["texts"] > 1_000
    assert (found["weak"], found["wide"], found["requests"]) == ([], [], [])
