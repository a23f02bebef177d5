"""List the stored runs, and compare two of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.app.run_reports import list_runs, load_run, read_run
from trustedlake.errors import InputError
from trustedlake.models.history import PartitionDiff, RunDiff, RunLine, TableDiff
from trustedlake.models.ledger import Counts
from trustedlake.models.report import PartitionReport, PartitionStatus, RunReport, TableReport
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustedlake.ports import ObjectStore

_SINCE = re.compile(r"^(?:.*?: )?since [0-9]{4}-[0-9]{2}-[0-9]{2}: ")
"""The prefix of a warning that an earlier run already reported."""


def run_lines(store: ObjectStore, state: str) -> Iterator[RunLine]:
    """Yield a line for each stored run, oldest first."""
    for name in list_runs(store, state):
        try:
            yield run_line(read_run(store, state, name))
        except InputError as error:
            yield RunLine(run_id=name, problem=error.message)


def run_line(run: RunReport) -> RunLine:
    """Summarize a run in one line."""
    counts = sum((table.counts for table in run.tables), Counts())
    return RunLine(
        run_id=run.run_id,
        started=run.started,
        duration_s=(run.finished - run.started).total_seconds(),
        exit_code=run.exit_code,
        tables={table.table: table.status for table in run.tables},
        files=sum(part.files for table in run.tables for part in table.partitions),
        counts=counts,
        rejected_share=counts.rejected_share,
    )


def diff_runs(store: ObjectStore, state: str, older: str = "", newer: str = "") -> RunDiff:
    """Compare two runs, given by the starts of their names; without names, the last two.

    Raises:
        InputError: there are no such runs.
    """
    if not older:
        runs = list_runs(store, state)
        if len(runs) == 1:
            raise InputError(
                "there is only one run, so there is nothing to compare", hint=f"{typed('report')} shows it"
            )
        older, newer = runs[-2:] if runs else ("", "")
    found = sorted((load_run(store, state, one) for one in (older, newer)), key=lambda run: run.run_id)
    return compare(*found)


def compare(older: RunReport, newer: RunReport) -> RunDiff:
    """Return how the newer run differs from the older one."""
    before = {table.table: table for table in older.tables}
    after = {table.table: table for table in newer.tables}
    tables = [_table(name, before.get(name), after.get(name)) for name in sorted({*before, *after})]
    return RunDiff(older=run_line(older), newer=run_line(newer), tables=tuple(tables))


def _table(name: str, older: TableReport | None, newer: TableReport | None) -> TableDiff:
    before, after = _warnings(older), _warnings(newer)
    return TableDiff(
        table=name,
        older=older.status if older else "",
        newer=newer.status if newer else "",
        older_counts=older.counts if older else Counts(),
        newer_counts=newer.counts if newer else Counts(),
        partitions=tuple(_partitions(older.partitions if older else (), newer.partitions if newer else ())),
        new_warnings=tuple(one for one in after if one not in before) if newer else (),
        gone_warnings=tuple(one for one in before if one not in after) if newer else (),
    )


def _warnings(table: TableReport | None) -> list[str]:
    return [_SINCE.sub("", one) for one in table.warnings] if table else []


def _partitions(older: Iterable[PartitionReport], newer: Iterable[PartitionReport]) -> Iterator[PartitionDiff]:
    before = {part.partition: part for part in older if part.status is not PartitionStatus.REMOVED}
    after = {part.partition: part for part in newer if part.status is not PartitionStatus.REMOVED}
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        diff = PartitionDiff(
            partition=name,
            older=_status(one),
            newer=_status(other),
            older_counts=one.counts if one else Counts(),
            newer_counts=other.counts if other else Counts(),
        )
        if diff.older != diff.newer or diff.older_counts != diff.newer_counts:
            yield diff


def _status(part: PartitionReport | None) -> str:
    if part is None:
        return ""
    unchanged = part.status is PartitionStatus.UNCHANGED
    return str(PartitionStatus.PUBLISHED if unchanged else part.status)
