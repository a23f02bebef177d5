"""Print runs on the terminal: the list, and the differences between two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from trustedlake.entrypoints.cli.console import Text, stdout, whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustedlake.models.history import RunDiff, RunLine, TableDiff
    from trustedlake.models.ledger import Counts


def show_list(lines: Iterable[RunLine]) -> None:
    """Print a line for each run."""
    grid = Table(box=None, pad_edge=False, header_style="dim")
    grid.add_column("run", no_wrap=True)
    grid.add_column("started", no_wrap=True)
    for name in ("took", "files", "records", "rejected", "exit"):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("tables", no_wrap=True)
    for line in lines:
        if line.started is None:
            grid.add_row(line.run_id, *[""] * 6, Text(f"can't be read: {line.problem}", style="yellow"))
            continue
        grid.add_row(
            line.run_id,
            f"{line.started:%Y-%m-%d %H:%M:%S}",
            f"{line.duration_s:,.1f} s",
            f"{line.files:,}",
            f"{line.counts.framed:,}",
            f"{line.rejected_share:.1%}",
            Text(str(line.exit_code), style="red" if line.exit_code else ""),
            Text(", ".join(f"{table} {status}" for table, status in line.tables.items())),
        )
    whole(stdout(), grid)


def show_diff(diff: RunDiff) -> None:
    """Print what differs in the newer run."""
    console = stdout()
    for name, line in (("from", diff.older), ("to  ", diff.newer)):
        console.print(f"{name} {line.run_id}  exit {line.exit_code}  {line.duration_s:,.1f} s", soft_wrap=True)
    for table in diff.tables:
        for text in _lines(table):
            console.print(Text(text), soft_wrap=True)


def _lines(table: TableDiff) -> Iterator[str]:
    if not (table.older and table.newer):
        yield f"{table.table}: only in the {'newer' if table.newer else 'older'} run"
        return
    if table.is_same:
        yield f"{table.table}: no difference"
        return
    yield f"{table.table}: {_changes(table.older_counts, table.newer_counts) or 'the same numbers of records'}"
    for part in table.partitions:
        status = f"{part.older or 'new'} -> {part.newer or 'gone'}" if part.older != part.newer else part.newer
        counts = _changes(part.older_counts, part.newer_counts)
        yield f"  {part.partition or 'the table'}: {status}{f': {counts}' if counts else ''}"
    yield from (f"  new: {warning}" for warning in table.new_warnings)
    yield from (f"  gone: {warning}" for warning in table.gone_warnings)


def _changes(older: Counts, newer: Counts) -> str:
    """Describe each number that changed: `trusted 4 -> 6 (+2)`."""
    before, after = older.model_dump(), newer.model_dump()
    named = {"framed": "records"}
    return ", ".join(
        f"{named.get(name, name)} {n:,} -> {after[name]:,} ({after[name] - n:+,})"
        for name, n in before.items()
        if after[name] != n
    )
