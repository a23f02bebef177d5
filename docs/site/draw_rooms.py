"""Draw the rooms of the package and who imports whom, from the code: `python docs/site/draw_rooms.py`."""

from __future__ import annotations

import ast
from collections import Counter
from html import escape
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "trustedlake"
TARGET = ROOT / "docs" / "images" / "rooms.svg"

WIDTH, GAP, LINE, PAD = 960, 46, 17, 14


class Box(NamedTuple):
    """Where a room is drawn, in pixels, and the lines of text in it."""

    left: float
    top: float
    width: float
    height: float
    lines: list[str]


class Room(NamedTuple):
    """A box of the picture.

    Attributes:
        names: top-level parts of the package that it stands for.
        column, columns: where in its row, and of how many.
    """

    title: str
    names: tuple[str, ...]
    row: int
    column: float
    width: float


ROOMS = (
    Room("entrypoints", ("entrypoints", "__main__", "cli"), 0, 0.0, 1.0),
    Room("app: the use cases", ("app",), 1, 0.0, 0.36),
    Room("adapters: ports made real", ("adapters",), 1, 0.38, 0.42),
    Room("simulators", ("simulators",), 1, 0.82, 0.18),
    Room("core: no disk, no network", ("core",), 2, 0.0, 0.6),
    Room("ports", ("ports",), 2, 0.62, 0.38),
    Room("models: frozen data", ("models",), 3, 0.0, 1.0),
    Room("types", ("types",), 4, 0.0, 0.48),
    Room("errors, wording, terminal, markup", ("errors", "wording", "terminal", "markup"), 4, 0.52, 0.48),
)
"""From what a user meets down to what everything stands on: a room imports what is below it."""


def imports() -> Counter[tuple[str, str]]:
    """(room, room that it imports) -> modules that do."""
    owner = {name: room.title for room in ROOMS for name in room.names}
    found: Counter[tuple[str, str]] = Counter()
    for file in PACKAGE.rglob("*.py"):
        here = owner.get(file.relative_to(PACKAGE).with_suffix("").parts[0])
        there = {
            owner.get(node.module.split(".")[1])
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("trustedlake.")
        }
        found.update((here, other) for other in there if here and other and other != here)
    return found


def parts(room: Room) -> list[str]:
    """What is in a room: its folders with the number of their modules, then its own modules."""
    lines = []
    for name in room.names:
        folder = PACKAGE / name
        if not folder.is_dir():
            continue
        inner = sorted(one for one in folder.iterdir() if one.is_dir() and any(one.glob("*.py")))
        lines += [f"{one.name}/ {_count(one)}" for one in inner]
        own = sorted(one.stem for one in folder.glob("*.py") if one.stem != "__init__")
        lines.append(", ".join(own))
    return [line for line in lines if line] or [", ".join(room.names)]


def _count(folder: Path) -> int:
    return sum(file.stem != "__init__" for file in folder.rglob("*.py"))


def draw() -> str:
    """The picture, as SVG."""
    boxes: dict[str, Box] = {}
    top = 10.0
    for row in range(max(room.row for room in ROOMS) + 1):
        here = [room for room in ROOMS if room.row == row]
        told = {room.title: _wrapped(parts(room), room.width * (WIDTH - 20) - 2 * PAD) for room in here}
        height = 2 * PAD + LINE * (1 + max(map(len, told.values())))
        for room in here:
            left, width = 10 + room.column * (WIDTH - 20), room.width * (WIDTH - 20)
            boxes[room.title] = Box(left, top, width, height, told[room.title])
        top += height + GAP
    total = top - GAP + 10
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total:.0f}" role="img"'
            ' aria-labelledby="rooms-title rooms-text" font-family="system-ui, sans-serif" font-size="13">',
            '<title id="rooms-title">The rooms of the package</title>',
            f'<desc id="rooms-text">{escape(_in_words())}</desc>',
            "<style>.box{fill:#fff;stroke:#2a6f97}.name{font-weight:600;fill:#12344d}.part{fill:#333}"
            ".edge{stroke:#6b7f8d;fill:none}.tip{fill:#6b7f8d}.count{fill:#4a5a66;font-size:11px}"
            "@media (prefers-color-scheme:dark){.box{fill:#1d2a33;stroke:#7fb8d8}.name{fill:#e6f1f8}.part{fill:#c9d6de}"
            ".edge{stroke:#8fa3b0}.tip{fill:#8fa3b0}.count{fill:#b8c7d1}}</style>",
            *_edges(boxes),
            *(line for title, box in boxes.items() for line in _box(title, box)),
            "</svg>\n",
        ]
    )


def _in_words() -> str:
    return "; ".join(f"{count} modules of {one} import {other}" for (one, other), count in sorted(imports().items()))


def _box(title: str, box: Box) -> list[str]:
    left, top, width, height, lines = box
    text = [f'<rect class="box" x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" rx="6"/>']
    base = top + PAD + 10
    text.append(f'<text class="name" x="{left + PAD:.0f}" y="{base:.0f}">{escape(title)}</text>')
    text += [
        f'<text class="part" x="{left + PAD:.0f}" y="{base + LINE * number:.0f}">{escape(line)}</text>'
        for number, line in enumerate(lines, 1)
    ]
    return text


def _edges(boxes: dict[str, Box]) -> list[str]:
    """An arrow for each pair of rooms in neighbouring rows, with the number of modules that import."""
    row = {room.title: room.row for room in ROOMS}
    drawn = []
    for (one, other), count in sorted(imports().items()):
        if row[other] != row[one] + 1:
            continue
        left, top, width, height, _ = boxes[one]
        to_left, to_top, to_width, _, _ = boxes[other]
        begin, end = max(left, to_left), min(left + width, to_left + to_width)
        x1 = x2 = (begin + end) / 2
        at = 0.5  # where the number stands: an arrow aslant crosses others in its middle
        if begin >= end:
            at = 0.15
            x1, x2 = (left + 30, to_left + to_width - 30) if begin == left else (left + width - 30, to_left + 30)
        y1, y2 = top + height, to_top
        drawn.append(f'<path class="edge" d="M{x1:.0f} {y1:.0f}L{x2:.0f} {y2 - 7:.0f}"/>')
        drawn.append(f'<path class="tip" d="M{x2 - 5:.0f} {y2 - 8:.0f}h10l-5 8z"/>')
        drawn.append(
            f'<text class="count" x="{x1 + at * (x2 - x1) + 7:.0f}" y="{y1 + at * (y2 - y1) + 4:.0f}">{count}</text>'
        )
    return drawn


def _wrapped(lines: list[str], width: float) -> list[str]:
    """Lines cut at commas, so that each fits; folders share lines."""
    most = int(width / 6.9)
    folders = [line for line in lines if "/" in line]
    rest = [line for line in lines if "/" not in line]
    found = []
    for text in (" · ".join(folders), *rest):
        line = ""
        for word in text.split(" "):
            if line and len(line) + 1 + len(word) > most:
                found.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        if line:
            found.append(line)
    return found


if __name__ == "__main__":
    TARGET.write_text(draw(), encoding="utf-8")
