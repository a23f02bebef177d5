"""The bars of the page, as inline SVG: over time, in a row, and one of several parts. Each picture has a text."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from trustedlake.core.page.words import number, said, say, told
from trustedlake.markup import Markup, tag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.core.page.day_states import Day

BARS = 400
"""A chart has at most this many bars; with more days, one bar stands for several days."""

BAR_WIDTH = 14
"""Largest width of a bar in pixels, including the gap."""


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
