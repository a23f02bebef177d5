"""The calendar of the page, as inline SVG: one square per day, in months, and what the squares stand for.

Nothing is shown by colour alone: each state has its own shape, and each picture has a text.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trustedlake.core.page.day_states import State, months_of
from trustedlake.core.page.words import number, say, told
from trustedlake.markup import Markup, join, tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.core.page.day_states import Day

CELL, PITCH = 20, 22
"""Width of a square, and from one square to the next, in pixels."""

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
