"""The points that need a person: what is wrong, since when, and which command to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.advice import (
    about_missing,
    about_more_untaken,
    about_unknown,
    about_untaken,
    about_vanished,
    more_untaken,
    what_accepts,
    what_settles,
    what_shows,
)
from trustedlake.core.page.day_states import State
from trustedlake.core.shared_points import shared_points, shared_warnings
from trustedlake.models.untaken import PLACES_SHOWN
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trustedlake.models.overview import Overview, TableOverview

PROBLEM = "problem"
"""Kind of a point that concerns a whole table or run."""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to deal with.

    Attributes:
        kind: a `State`, or `problem`.
        table: empty if it concerns the lake.
        partitions: partitions that it concerns; `""` for a table without partitions.
        since: None if unknown.
        commands: what to do -> the command to type.
    """

    kind: str
    table: str
    partitions: tuple[str, ...]
    since: datetime | None
    message: str
    hint: str = ""
    commands: tuple[tuple[str, str], ...] = ()


def points_of(lake: Overview) -> list[Point]:
    """List everything open: failed runs and unreadable ledgers, refused days, warnings, files waiting in Raw."""
    found = [*(point for table in lake.tables for point in _points(lake, table)), *_leftover(lake)]
    kinds = [PROBLEM, *State]
    return sorted(found, key=lambda point: kinds.index(point.kind))


def _leftover(lake: Overview) -> Iterator[Point]:
    """Yield one point for each place in Raw with files that no table takes, for the first places."""
    found = lake.status.open_places
    for one in found[:PLACES_SHOWN]:
        message = f"{one.path}: {one.files:,} file(s) in Raw that no table takes"
        yield Point(State.WARNING, "", (), one.since, message, about_untaken([one], lake.lake))
    if more := found[PLACES_SHOWN:]:
        yield Point(State.WARNING, "", (), None, more_untaken(more), about_more_untaken(lake.lake))
    for problem in lake.status.unlisted:
        yield Point(PROBLEM, "", (), None, f"can't list all of Raw: {problem}")


def _points(lake: Overview, table: TableOverview) -> Iterator[Point]:
    status, name = table.status, table.status.table
    again = typed("to-trusted", "--table", name, lake=lake.lake)
    if status.problem:
        yield Point(PROBLEM, name, (), None, status.problem)
    failure = status.failure
    if failure and not status.fails_for_gone:
        yield Point(PROBLEM, name, (), failure.since, failure.message, failure.hint, (("after the fix", again),))
    if status.unknown:
        message = f"{len(status.unknown):,} file(s) that no run published: {some(status.unknown)}"
        yield Point(PROBLEM, name, (), None, message, about_unknown(name, lake.lake))
    if status.missing:
        message = f"{len(status.missing):,} published file(s) are gone: {some(status.missing)}"
        yield Point(PROBLEM, name, (), None, message, about_missing(name, lake.lake))
    if status.overdue:
        message = f"{len(status.overdue):,} raw file(s) that no run has processed are overdue: {some(status.overdue)}"
        yield Point(PROBLEM, name, (), status.overdue_since, message, "", (("take it", again),))
    for shared in shared_points(status.refused, status.refused_since, reasons=status.refused_reasons):
        line = ("see the line for the contract", typed("contract", "diff", name, lake=lake.lake))
        look = ("see why", what_shows(name, shared.only, lake.lake))
        first = [line] if status.is_renamed(shared.partitions) else []
        commands = (*first, look, ("after the fix", again))
        hint = status.refused_hints.get(shared.partitions[-1], "")
        yield Point(State.REFUSED, name, shared.partitions, shared.since, shared.message, hint, commands)
    for part, held in status.held.items():
        yield Point(State.REFUSED, name, (part,), held.since, held.message, held.hint, (("after the fix", again),))
    if status.vanished and not status.held:  # otherwise reported day by day
        message = f"{len(status.vanished):,} raw file(s) that are published are gone: {some(status.vanished)}"
        since = failure.since if failure and status.fails_for_gone else None
        yield Point(PROBLEM, name, (), since, message, about_vanished(name, lake.lake))
    yield from _warnings(lake, table)
    if status.pending:
        yield Point(State.PENDING, name, tuple(table.pending), None, some(status.pending), "", (("take it", again),))


def _warnings(lake: Overview, table: TableOverview) -> Iterator[Point]:
    """Yield one point for each warning, however many days have it: a column that vanished stays away for many days."""
    name = table.status.table
    for shared in shared_warnings(table.status.warnings, alone=1):
        hint = what_settles(name, shared, lake.lake)
        commands = (("if it is intended", what_accepts(name, shared, lake.lake)),)
        yield Point(State.WARNING, name, shared.partitions, shared.since, shared.message, hint, commands)
