"""Record `make demo` as an animated SVG for the first page: `make cast`.

The command really runs, in a terminal of its own and an empty folder. Three things are changed: waits are cut and there
are pauses to read, which the picture says, and the folder is called `~/films`.
"""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import shutil
import socket
import struct
import sys
import tempfile
import termios
import time
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

import pyte

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "docs" / "images" / "demo.svg"
NEEDED = ("Makefile", "pyproject.toml", "constraints", ".venv")
SHOWN_AS = "~/films"
MAX_BYTES = 150_000

COLUMNS, ROWS, ROWS_SHOWN = 110, 500, 30
CELL, LINE, MARGIN, BAR = 7.8, 17, 16, 34
LONGEST_WAIT_S, LINE_S, END_S = 0.5, 0.03, 6.0
READ_S, READ_A_LINE_S, LONGEST_READ_S = 0.7, 0.12, 3.5

BACKGROUND, TEXT = "#10191d", "#d5dde0"
COLOURS = {
    "black": "#52646c", "red": "#ff8a80", "green": "#8bd49c", "brown": "#f2c96d", "blue": "#82b1ff",
    "magenta": "#d9a6ff", "cyan": "#7fd6e0", "white": TEXT, "brightblack": "#8fa1a9",
}  # fmt: skip


@dataclass(frozen=True)
class Span:
    """Text of one look in a line: where it begins, how many columns it takes, what it says, how it is drawn."""

    column: int
    columns: int
    text: str
    style: str


@dataclass(frozen=True)
class Change:
    """From `at_s` on a row of the terminal shows these spans."""

    at_s: float
    row: int
    spans: tuple[Span, ...]


def record(folder: Path) -> tuple[Sequence[Change], float]:
    """Run the demo in the folder; give what its terminal showed when, and how long it took."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS_SHOWN, COLUMNS, 0, 0))
    environ = dict(os.environ) | {"TERM": "xterm-256color", "COLUMNS": str(COLUMNS), "HOME": str(folder.parent)}  # noqa: TID251 - handed to a child
    for name in ("MAKELEVEL", "MAKEFLAGS", "MFLAGS"):  # of the make that runs this
        environ.pop(name, None)
    screen = pyte.Screen(COLUMNS, ROWS)
    stream, decoder = pyte.Stream(screen), codecs.getincrementaldecoder("utf-8")()
    changes: list[Change] = []
    shown: dict[int, tuple[Span, ...]] = {}
    began = time.monotonic()
    with Popen(["make", "demo"], cwd=folder, env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as running:  # noqa: S607 - the one on the path
        os.close(theirs)
        while data := _read(ours):
            stream.feed(decoder.decode(data).replace(str(folder), SHOWN_AS))
            for row in sorted(screen.dirty):
                spans = _spans(screen, row)
                if spans != shown.get(row, ()):
                    shown[row] = spans
                    changes.append(Change(time.monotonic() - began, row, spans))
            screen.dirty.clear()
    if running.returncode:
        sys.exit(f"make demo exited {running.returncode}")
    return changes, time.monotonic() - began


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed
        return b""


def _spans(screen: pyte.Screen, row: int) -> tuple[Span, ...]:
    """The words of a row; two blanks end one, so that columns stay where they are whatever the font."""
    spans, begun = list[Span](), list[tuple[int, str, str]]()
    blanks = 0
    for column in range(COLUMNS + 1):
        char = screen.buffer[row][column] if column < COLUMNS else screen.default_char
        style = begun[-1][2] if begun and char.data == " " else _style(char)
        blanks = blanks + 1 if char.data == " " else 0
        if begun and (style != begun[0][2] or blanks > 1 or column == COLUMNS):
            text = "".join(data for _, data, _ in begun)
            spans.append(Span(begun[0][0], len(begun) - text.endswith(" "), text.rstrip(), begun[0][2]))
            begun = []
        if begun or char.data != " ":
            begun.append((column, char.data, style))
    return tuple(spans)


def _style(char: pyte.screens.Char) -> str:
    colour = COLOURS.get(char.fg, "" if char.fg == "default" else f"#{char.fg}")
    return f"{'b' if char.bold else ''} {colour}".strip()


def retimed(changes: Sequence[Change]) -> Sequence[Change]:
    """The same changes at the times at which the picture shows them."""
    at_s, real_s, bottom, heading = 1.0, 0.0, -1, 0
    result = []
    for change in changes:
        at_s += min(change.at_s - real_s, LONGEST_WAIT_S)
        real_s = change.at_s
        if change.row > bottom and change.spans:
            bottom = change.row
            at_s += LINE_S
            if change.spans[0].text.startswith(("$ ", "# ")):
                at_s += min(READ_S + READ_A_LINE_S * (bottom - heading), LONGEST_READ_S)
                heading = bottom
        result.append(Change(round(at_s, 2), change.row, change.spans))
    return result


def drawn(changes: Sequence[Change], took_s: float) -> str:
    """Draw the picture: each line comes when it came, and the page scrolls as the terminal would."""
    total_s = changes[-1].at_s + END_S
    width, height = COLUMNS * CELL + 2 * MARGIN, BAR + ROWS_SHOWN * LINE + 2 * MARGIN
    styles, texts = list[str](), list[str]()
    for number, (row, spans, since_s, until_s) in enumerate(_intervals(changes)):
        name = f"t{number}"
        until = f"{100 * until_s / total_s:.2f}%,100%{{opacity:0}}" if until_s else "100%{opacity:1}"
        styles.append(f"@keyframes {name}{{0%{{opacity:0}}{100 * since_s / total_s:.2f}%{{opacity:1}}{until}}}")
        hidden = ";opacity:0" if until_s else ""
        texts.append(f'<g style="animation-name:{name}{hidden}">{"".join(_text(row, span) for span in spans)}</g>')
    steps = list(_scrolled(changes))
    frames = "".join(f"{100 * at_s / total_s:.2f}%{{transform:translateY({-LINE * up}px)}}" for at_s, up in steps)
    last = f"transform:translateY({-LINE * steps[-1][1]}px)"
    colours = "".join(f".c{colour[1:]}{{fill:{colour}}}" for colour in sorted({*COLOURS.values()}))
    waits = f"{took_s:.0f} seconds in reality: waits are cut, pauses to read are added"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="t d">
<title id="t">make demo, recorded</title>
<desc id="d">A terminal in which make demo runs: it fetches invented films from an offline TMDB, shows the raw files, turns
them into Trusted tables with a count for each day, lists the refused records with their reasons, and runs again, which
changes nothing. {waits}.</desc>
<style>
g{{animation:{total_s:.2f}s step-end infinite}}
text{{white-space:pre;font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:{TEXT}}}
.b{{font-weight:700}}.s{{fill:#8fa1a9;font-size:12px}}{colours}
@keyframes scroll{{0%{{transform:none}}{frames}100%{{{last}}}}}
{"".join(styles)}
@media (prefers-reduced-motion:reduce){{g{{animation:none}}}}
</style>
<rect width="{width:g}" height="{height:g}" rx="10" fill="{BACKGROUND}"/>
<circle cx="20" cy="17" r="5" fill="#ff8a80"/><circle cx="38" cy="17" r="5" fill="#f2c96d"/><circle cx="56" cy="17" r="5" fill="#8bd49c"/>
<text class="s" x="{width / 2:g}" y="21" text-anchor="middle">{waits}</text>
<svg x="{MARGIN}" y="{BAR}" width="{width - 2 * MARGIN:g}" height="{ROWS_SHOWN * LINE + MARGIN}"><g style="animation-name:scroll;{last}">
{chr(10).join(texts)}
</g></svg>
</svg>
"""  # noqa: E501 - a tag a line


def _intervals(changes: Sequence[Change]) -> Iterator[tuple[int, tuple[Span, ...], float, float]]:
    """Each row's spans, since when and until when they are shown; 0 is to the end. Flickers are left out."""
    for row, own in groupby(sorted(changes, key=lambda change: (change.row, change.at_s)), lambda change: change.row):
        versions = list(own)
        for change, following in zip(versions, [*versions[1:], None], strict=True):
            until_s = following.at_s if following else 0
            if change.spans and (not following or until_s - change.at_s >= 0.1):  # noqa: PLR2004 - too short to see
                yield row, change.spans, change.at_s, until_s


def _scrolled(changes: Sequence[Change]) -> Iterator[tuple[float, int]]:
    bottom = ROWS_SHOWN - 1
    yield 0, 0
    for change in changes:
        if change.spans and change.row > bottom:
            bottom = change.row
            yield change.at_s, bottom - ROWS_SHOWN + 1


def _text(row: int, span: Span) -> str:
    names = " ".join(f"c{one[1:]}" if one.startswith("#") else one for one in span.style.split())
    look = f' class="{names}"' if names else ""
    at = f'x="{span.column * CELL:.4g}" y="{(row + 1) * LINE - 4}" textLength="{span.columns * CELL:.4g}"'
    return f"<text{look} {at}>{escape(span.text, quote=False)}</text>"


def main() -> None:
    """Run, draw, and refuse a picture that tells where it was made."""
    home = Path(tempfile.mkdtemp())
    try:
        folder = home / "films"
        folder.mkdir()
        for name in NEEDED:
            (folder / name).symlink_to(ROOT / name)
        changes, took_s = record(folder)
    finally:
        shutil.rmtree(home)
    moved = [Change(change.at_s, change.row + 1, change.spans) for change in changes]
    prompt = Change(0, 0, (Span(0, 11, "$ make demo", "b"),))
    picture = drawn([prompt, *retimed(moved)], took_s)
    for told in (str(home), str(ROOT), str(Path.home()) + "/", socket.gethostname()):
        if told in picture:
            sys.exit(f"the picture would tell of this machine: {told}")
    if len(picture) > MAX_BYTES:
        sys.exit(f"the picture has {len(picture):,} bytes, more than {MAX_BYTES:,}")
    TARGET.write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)}: {len(picture):,} bytes, {changes[-1].at_s:.1f} s recorded\n")


if __name__ == "__main__":
    main()
