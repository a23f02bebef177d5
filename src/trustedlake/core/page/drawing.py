"""The pictures of the page, as inline SVG: the calendar, bars over time, shares.

Nothing is shown by colour alone: each state has its own shape, and each picture has a text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from trustedlake.core.page.days import State, months_of
from trustedlake.core.page.words import number, said, say, told
from trustedlake.markup import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.core.page.days import Day

CELL, PITCH = 20, 22
BARS = 400
"""A chart has at most this many bars; with more days, one bar stands for several days."""

BAR_WIDTH = 14
"""Largest width of a bar in pixels, including the gap."""

_SQUARE = {"width": CELL, "height": CELL, "rx": 4}


def css(state: str) -> str:
    """Return the CSS class of a state."""
    return state.replace(" ", "-")


def _shapes(state: State, x: int, y: int) -> Markup:
    """Draw a state: a square, plain, underlined or with a corner; a disc, a dashed square, or a ring."""
    if state is State.REFUSED:
        return tag("circle", class_="disc", cx=x + CELL // 2, cy=y + CELL // 2, r=CELL // 2)
    if state is State.PENDING:
        return tag("rect", class_="dash", x=x + 1, y=y + 1, width=CELL - 2, height=CELL - 2, rx=4)
    if state is State.MISSING:
        return tag("circle", class_="hole", cx=x + CELL // 2, cy=y + CELL // 2, r=CELL // 2 - 1)
    square = tag("rect", class_="sq", x=x, y=y, **_SQUARE)
    if state is State.REJECTED:
        return join(square, tag("rect", class_="under", x=x + 4, y=y + CELL - 4, width=CELL - 8, height=2))
    if state is State.WARNING:
        return join(square, tag("path", class_="corner", d=f"M{x + 12} {y}h4a4 4 0 0 1 4 4v4z"))
    return square


def symbol(state: State) -> Markup:
    """Draw the state as in the calendar."""
    return tag("svg", _shapes(state, 0, 0), class_=css(state), viewBox=f"0 0 {CELL} {CELL}", aria_hidden="true")


def legend(states: Iterable[State]) -> Markup:
    """List each state that occurs: its symbol and how many there are."""
    counts = Counter(states)
    return tag(
        "ul",
        *(tag("li", symbol(one), say(one), " ", number(counts[one])) for one in reversed(State) if counts[one]),
        class_="legend",
    )


def calendar(days: Sequence[Day]) -> Markup:
    """Draw the days as months, side by side as space allows."""
    return tag("div", *(_month(month) for month in months_of(days)), class_="months")


def _month(days: Sequence[Day]) -> Markup:
    name = f"{days[0].day:%Y-%m}"
    before = days[0].day.replace(day=1).weekday()
    counts = Counter(day.state for day in days if day.state)
    weeks = (before + days[-1].day.day - 1) // 7 + 1
    picture = tag(
        "svg",
        tag("title", told(name, *((counts[state], state) for state in State if counts[state]))),
        *(_day(day, before + day.day.day - 1) for day in days),
        role="img",
        viewBox=f"0 0 {7 * PITCH - 2} {weeks * PITCH - 2}",
    )
    return tag("div", tag("b", name), picture)


def _day(day: Day, place: int) -> Markup:
    x, y = place % 7 * PITCH, place // 7 * PITCH
    label = tag("text", day.day.day, x=x + CELL // 2, y=y + 14)
    if day.state is None:
        return label
    return tag("g", tag("title", _told(day)), _shapes(day.state, x, y), label, class_=css(day.state))


def _told(day: Day) -> str:
    counts = day.counts
    segments = [
        (counts.trusted, "rows"),
        (counts.rejected, "rejected"),
        (sum(len(part.entry.open_warnings) for part in day.parts if part.entry), "open warnings"),
        (day.pending, "files pending"),
    ]
    return told(f"{day.day}", str(day.state), *((count, what) for count, what in segments if count))


@dataclass(frozen=True, slots=True)
class Slot:
    """One bar: its name and its value."""

    name: str
    value: float


def bars(caption: str, slots: Sequence[Slot], *, kind: str = "", unit: str = "") -> Markup:
    """Draw bars over time, from left to right; the caption gives the highest value."""
    highest = max((slot.value for slot in slots), default=0)
    digits = 1 if unit else 0
    path = "".join(
        f"M{place} 100v-{max(2.0, 100 * slot.value / highest):.4g}h.8V100z"
        for place, slot in enumerate(slots)
        if slot.value
    )
    first, last = slots[0].name, slots[-1].name
    picture = tag(
        "svg",
        tag("title", f"{first} \N{EN DASH} {last} · {highest:,.{digits}f}{unit} highest"),
        tag("path", d=path),
        class_=f"chart {kind}".strip(),
        role="img",
        viewBox=f"0 0 {max(len(slots), 1)} 100",
        preserveAspectRatio="none",
        width=len(slots) * BAR_WIDTH,
    )
    told_highest = tag("span", say("highest"), " ", number(highest, digits=digits, unit=unit))
    ends = tag("p", first if first == last else f"{first} \N{EN DASH} {last}", class_="ends")
    return tag("figure", tag("figcaption", said("h3", caption), told_highest), picture, ends)


def merged(days: Sequence[Day]) -> list[tuple[str, int, int, int]]:
    """Return (first day, rows, rejected, own records) for each bar; a bar is one day, or several if there are many."""
    step = max(1, ceil(len(days) / BARS))
    groups = [days[start : start + step] for start in range(0, len(days), step)]
    return [
        (
            f"{group[0].day}",
            sum(day.counts.trusted for day in group),
            sum(day.counts.rejected for day in group),
            sum(day.counts.own for day in group),
        )
        for group in groups
    ]


def bar(value: float, highest: float, *, class_: str = "") -> Markup:
    """Draw one horizontal bar, scaled to the highest value."""
    width = max(4, round(1000 * value / highest)) if highest and value else 0
    return tag(
        "svg",
        tag("rect", class_=class_ or None, width=width, height=10),
        viewBox="0 0 1000 10",
        preserveAspectRatio="none",
        aria_hidden="true",
    )


def spans(parts: Sequence[tuple[str, str, float]], highest: float, summary: str) -> Markup:
    """Draw one horizontal bar of several named parts (class, phrase, value)."""
    drawn, x = [], 0.0
    for class_, phrase, value in parts:
        width = 1000 * value / highest if highest else 0.0
        gap = 2 if width > 4 else 0  # noqa: PLR2004
        title = tag("title", told(f"{value:.2f} s", phrase))
        drawn.append(tag("rect", title, class_=class_, x=f"{x:.1f}", width=f"{max(width - gap, 0.5):.1f}", height=10))
        x += width
    return tag("svg", tag("title", summary), *drawn, role="img", viewBox="0 0 1000 10", preserveAspectRatio="none")
