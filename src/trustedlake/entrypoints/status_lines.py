"""What `status` prints, and what a notebook shows of it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.advice import (
    about_missing,
    about_more_untaken,
    about_refused,
    about_unknown,
    about_untaken,
    about_vanished,
    more_untaken,
    one_remedy,
    what_to_do,
)
from trustedlake.core.shared_points import shared_points, shared_warnings, with_one_remedy
from trustedlake.entrypoints.settings import Settings
from trustedlake.models.untaken import PLACES_SHOWN
from trustedlake.terminal import typed
from trustedlake.wording import share, some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.status import LakeStatus, TableStatus

MANY = 10
"""Maximum number of sentences about what the last runs changed in one table."""


def status_lines(status: LakeStatus, lake: str | None) -> Iterator[str]:
    """Yield the lake at a glance, line by line: the last run, each table, and files that no table takes.

    `lake` is for the commands to type.
    """
    if status.last_run:
        last = status.last_run
        told = f"last run: {last.run_id}, {last.started:%Y-%m-%d %H:%M} UTC, {last.duration_s:,.1f} s"
        yield f"{told}, exit {last.exit_code}"
    if not status.tables and not status.open_places:
        yield "nothing is published, and nothing waits in Raw"
    for one in status.tables:
        yield from _lines(one, lake)
    yield from _leftover(status, lake)


def _leftover(status: LakeStatus, lake: str | None) -> Iterator[str]:
    """Yield what belongs to the lake and not to a table: files in Raw that no table takes."""
    found = status.open_places
    if found:
        yield f"raw: no table takes {sum(one.files for one in found):,} file(s)"
    for places in one_remedy(found[:PLACES_SHOWN]):
        for one in places:
            since = f"since {one.since:%Y-%m-%d}: " if one.since else ""
            yield f"  open: {one.path}: {since}{one.files:,} file(s)"
        yield f"    do: {about_untaken(places, lake or Settings().lake)}"
    if more := found[PLACES_SHOWN:]:
        yield f"  and {more_untaken(more)}"
        yield f"    do: {about_more_untaken(lake or Settings().lake)}"
    for problem in status.unlisted:
        yield f"raw: can't list all of its files: {problem}"


def _lines(table: TableStatus, lake: str | None) -> Iterator[str]:
    counts = table.counts
    yield (
        f"{table.table}: {table.partitions:,} partition(s), {counts.trusted:,} rows, {counts.rejected:,} rejected"
        f" ({share(counts.rejected_share)}), {table.bytes:,} bytes"
    )
    if table.problem:
        yield f"  problem: {table.problem}"
    yield from _changed(table, lake)
    yield from _wrong(table, lake)
    for alike in with_one_remedy(shared_warnings(table.warnings)):
        for shared in alike:
            yield f"  open: {shared.where}: {shared.label}: {shared.told}"
        yield f"    do: {what_to_do(table.table, alike, lake)}"
    if table.overdue:
        since = f"since {table.overdue_since:%Y-%m-%d}: " if table.overdue_since else ""
        yield f"  overdue: {since}{len(table.overdue):,} raw file(s) that no run has processed: {some(table.overdue)}"
    if later := sorted({*table.pending} - {*table.overdue}):
        yield f"  pending: {some(later)}"
    if table.pending:
        yield f"    do: {typed('to-trusted', '--table', table.table, lake=lake)}"


def _changed(table: TableStatus, lake: str | None) -> Iterator[str]:
    """Yield what the last runs changed, newest first."""
    told = [(change, sentence) for change in table.changes for sentence in change.done]
    for change, sentences in groupby(told[:MANY], key=lambda pair: pair[0]):
        when = f"{change.started:%Y-%m-%d %H:%M} UTC, " if change.started else ""
        yield f"  changed: {when}run {change.run_id}"
        yield from (f"    {sentence}" for _, sentence in sentences)
    if len(told) > MANY:
        yield f"    and {len(told) - MANY} more: {typed('report', '--list', lake=lake)} lists the runs"


def _wrong(table: TableStatus, lake: str | None) -> Iterator[str]:
    """Yield what keeps a run from publishing."""
    failure = table.failure
    if failure and not table.fails_for_gone:
        yield f"  failed: since {failure.since:%Y-%m-%d}: {failure.message}"
        yield f"    do: {failure.hint}"
    for point in shared_points(table.refused, table.refused_since, reasons=table.refused_reasons):
        yield f"  refused: {point.where}: {point.told}"
    if table.refused:
        only = next(iter(table.refused)) if len(table.refused) == 1 else ""
        yield f"    do: {about_refused(table.table, only, lake, renamed=table.is_renamed(table.refused))}"
    for name, held in table.held.items():
        yield f"  refused: {name or 'the table'}: since {held.since:%Y-%m-%d}: {held.message}"
        yield f"    do: {held.hint}"
    if table.vanished:
        since = f"since {failure.since:%Y-%m-%d}: " if failure and table.fails_for_gone else ""
        yield f"  gone: {since}{len(table.vanished)} raw file(s) that are published: {some(table.vanished)}"
        yield f"    do: {about_vanished(table.table, lake)}"
    if table.missing:
        yield f"  missing: {len(table.missing)} published file(s) are gone: {some(table.missing)}"
        yield f"    do: {about_missing(table.table, lake)}"
    if table.unknown:
        yield f"  unknown: {len(table.unknown)} file(s) that no run published: {some(table.unknown)}"
        yield f"    do: {about_unknown(table.table, lake)}"
