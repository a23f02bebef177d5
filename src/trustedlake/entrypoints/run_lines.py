"""What a run prints below the numbers of each table, and what a notebook shows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.shared_points import shared_refusals
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustedlake.models.report import RunReport, TableReport


class RemarkLine(NamedTuple):
    """A line; `style` is that of the label if there is one, else of the text."""

    text: str
    style: str = ""
    label: str = ""


def run_lines(run: RunReport, lake: str | None) -> Iterator[str]:
    """Yield what went wrong, what else the user should know, and what to type next; `lake` is for the commands."""
    for table in run.tables:
        lines = list(table_lines(table))
        if table.message:
            lines = [RemarkLine(table.message, label="error: "), RemarkLine(table.hint, label="hint: "), *lines]
        if lines:
            yield f"{table.table}:"
        yield from (f"  {line.label}{line.text}" for line in lines)
    yield from (line.text for line in untaken_lines(run, lake))
    yield from (line for line in (summary_line(run), next_line(run, lake, again=False)) if line)


def untaken_lines(run: RunReport, lake: str | None) -> Iterator[RemarkLine]:
    """Yield which files no table takes, and the command that says what to do about them."""
    if run.untaken:
        found = f"{len(run.untaken):,} file(s) in Raw that no table takes: {some(run.untaken)}"
        yield RemarkLine(f"warning: {found}", "yellow")
        yield RemarkLine(f"{typed('status', lake=lake)} says what to do about them", "dim")


def table_lines(table: TableReport) -> Iterator[RemarkLine]:
    """Yield why partitions were refused and what to do, then warnings and notes."""
    yield from _refusals(table)
    yield from _remarks(table)


def _refusals(table: TableReport) -> Iterator[RemarkLine]:
    """Yield once what refused partitions have in common, with the records and the hint of the last partition."""
    refused = {part.partition: part for part in table.partitions if part.status == "refused"}
    for point in shared_refusals(table.partitions):
        part = refused[point.partitions[-1]]
        yield RemarkLine(point.told, "bold red", f"refused: {point.where}: ")
        for record in part.refused[:3]:
            text = " ".join(record.raw.split())
            yield RemarkLine(f"  {record.file_path}#{record.record_index}  {', '.join(record.reasons)}  {text[:60]}")
        yield RemarkLine(part.hint, "bold cyan", "hint: ")


def _remarks(table: TableReport) -> Iterator[RemarkLine]:
    if table.recovered:
        yield RemarkLine(f"finished the interrupted publish of run {table.recovered}", "yellow")
    for warning in table.warnings:
        yield RemarkLine(f"warning: {warning}", "yellow")
    unknown = _added_up(table, "unknown")
    if unknown:
        names = some((f"{key} ({n})" for key, n in unknown.items()), 6)
        yield RemarkLine(f"unknown keys, kept in `rescued`: {names}", "dim")
    refused = {path for part in table.partitions if part.status == "refused" for path in part.problems}
    for path, reason in table.accepted_unreadable.items():
        if path not in refused:
            yield RemarkLine(f"published without {path}: {reason}", "yellow")
    yield from (RemarkLine(line, "dim") for line in (*table.notes, *_lists(table)))


def _lists(table: TableReport) -> Iterator[str]:
    for what, paths in (
        (f"ignored by name: {len(table.ignored)} file(s)", table.ignored),
        ("rows kept of raw files that are gone", table.kept),
        ("replaced by a later delivery", [f"{path} (by {later})" for path, later in table.superseded.items()]),
        ("rows removed with raw files that are gone", table.dropped),
        ("moved aside, unknown to the ledger", table.replaced),
    ):
        if paths:
            yield f"{what}: {some(paths)}"


def _added_up(table: TableReport, field: str) -> Mapping[str, int]:
    total: dict[str, int] = {}
    for part in table.partitions:
        for key, n in getattr(part.drift, field).items():
            total[key] = total.get(key, 0) + n
    return dict(sorted(total.items(), key=lambda item: -item[1]))


def summary_line(run: RunReport) -> str:
    """Say how long the run took, and where the Parquet files are."""
    took = f"took {(run.finished - run.started).total_seconds():,.1f} s"
    folders = dict.fromkeys(table.target for table in run.tables if table.counts.trusted and table.status != "planned")
    return f"{took}; the Parquet files are in {some(folders)}" if folders else took


def next_line(run: RunReport, lake: str | None, *, again: bool) -> str:
    """Return what to type next; empty if there is nothing, or if a failed table's hint has already said it."""
    quarantined = any(t.counts.rejected or t.counts.duplicates or t.status == "refused" for t in run.tables)
    if all(table.status == "unchanged" for table in run.tables):
        return "nothing changed: every raw file is published as it is"
    if any(table.status == "planned" for table in run.tables):
        return "dry run: nothing was written"
    if _refused_but_not_for_records(run):
        return ""
    if quarantined:
        return f"next: {typed('quarantine', lake=lake)}    (what was refused, and why)"
    if again or any(table.message for table in run.tables):
        return ""
    return f"next: {typed('report', lake=lake)}    (this run again, with --json for programs)"


def _refused_but_not_for_records(run: RunReport) -> bool:
    """Return whether partitions were refused, none of them because of its records.

    Then the hints help, and Quarantine shows nothing. False if the run also published rejected records or
    duplicates, since Quarantine shows those.
    """
    parts = [part for table in run.tables for part in table.partitions]
    refused = [part for part in parts if part.status == "refused"]
    seen = [*refused, *(part for part in parts if part.status == "published")]
    return bool(refused) and not any(
        part.problems or part.counts.rejected or part.counts.duplicates or part.refused for part in seen
    )
