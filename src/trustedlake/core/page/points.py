"""The points that need a person: what is wrong, since when, and which command to type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.advice import about_unknown, about_vanished, what_accepts, what_settles, what_shows
from trustedlake.core.page.days import State
from trustedlake.core.shared_points import shared_refusals, shared_warnings
from trustedlake.models.report import PartitionStatus
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from trustedlake.models.report import PartitionReport, RunReport
    from trustedlake.models.status import Overview, TableOverview, TableStatus

PROBLEM = "problem"
"""Kind of a point that concerns a whole table or run."""

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to deal with.

    Attributes:
        kind: a `State`, or `problem`.
        table: empty if it concerns a run.
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
    found = [point for table in lake.tables for point in _points(lake, table)]
    kinds = [PROBLEM, *State]
    return sorted(found, key=lambda point: kinds.index(point.kind))


def held_by_last_run(runs: Sequence[RunReport], table: str) -> Mapping[str, PartitionReport]:
    """Return partition -> its report in the last run that had the table, for the partitions that the run refused."""
    for run in reversed(runs):
        for one in run.tables:
            if one.table == table and not one.message:
                return {part.partition: part for part in one.partitions if part.status is PartitionStatus.REFUSED}
    return {}


def _points(lake: Overview, table: TableOverview) -> Iterator[Point]:
    status, name = table.status, table.status.table
    again = typed("to-trusted", "--table", name, lake=lake.lake)
    if status.problem:
        yield Point(PROBLEM, name, (), None, status.problem)
    if status.failure:
        failure = status.failure
        yield Point(PROBLEM, name, (), failure.since, failure.message, failure.hint, (("after the fix", again),))
    if status.unknown:
        message = f"{len(status.unknown):,} file(s) that no run published: {_some(status.unknown)}"
        yield Point(PROBLEM, name, (), None, message, about_unknown(name, lake.lake))
    last = held_by_last_run(lake.runs, name)
    why = status.refused | {part: told.message for part, told in last.items() if part not in status.refused}
    since = {part: first for part in why if (first := _since_refused(lake.runs, status, part))}
    for shared in shared_refusals(why, since, reasons=status.refused_reasons):
        told = last.get(shared.partitions[-1])
        look = ("see why", what_shows(name, shared.only, lake.lake))
        commands = (*([look] if status.refused.keys() & shared.partitions else []), ("after the fix", again))
        hint = told.hint if told else ""
        if status.is_renamed(shared.partitions):
            commands = (("see the line for the contract", typed("contract", "diff", name, lake=lake.lake)), *commands)
        yield Point(State.REFUSED, name, shared.partitions, shared.since, shared.message, hint, commands)
    if status.vanished and not last.keys() - status.refused.keys():  # otherwise reported day by day
        message = f"{len(status.vanished):,} raw file(s) that are published are gone: {_some(status.vanished)}"
        yield Point(PROBLEM, name, (), None, message, about_vanished(name, lake.lake))
    yield from _warnings(lake, table)
    if status.pending:
        yield Point(State.PENDING, name, tuple(table.pending), None, _some(status.pending), "", (("take it", again),))


def _some(paths: Sequence[str]) -> str:
    more = len(paths) - SHOWN
    return ", ".join(paths[:SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def _warnings(lake: Overview, table: TableOverview) -> Iterator[Point]:
    """Yield one point for each warning, however many days have it: a column that vanished stays away for many days."""
    name = table.status.table
    for shared in shared_warnings(table.status.warnings, alone=1):
        hint = what_settles(name, shared, lake.lake)
        commands = (("if it is intended", what_accepts(name, shared, lake.lake)),)
        yield Point(State.WARNING, name, shared.partitions, shared.since, shared.message, hint, commands)


def _since_refused(runs: Sequence[RunReport], status: TableStatus, partition: str) -> datetime | None:
    """Return since when the partition is refused: from the ledger, else the first of the last runs that refused it."""
    if partition in status.refused_since:
        return status.refused_since[partition]
    table, since = status.table, None
    for run in reversed(runs):
        for one in run.tables:
            if one.table == table and not one.message:
                if partition not in held_by_last_run([run], table):
                    return since
                since = run.started
    return since
