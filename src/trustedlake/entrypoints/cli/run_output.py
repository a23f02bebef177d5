"""Print a run on the terminal: progress and errors on stderr, results on stdout."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, SpinnerColumn, TextColumn
from rich.table import Table

from trustedlake.core.run_steps import RUN_STEPS
from trustedlake.entrypoints.cli.console import Text, bars_of, error, stderr, stdout, tell, whole
from trustedlake.entrypoints.run_lines import next_line, summary_line, table_lines, untaken_lines
from trustedlake.wording import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from rich.console import Console
    from rich.progress import Task

    from trustedlake.app.trusted.job import Progress as Hears
    from trustedlake.models.report import PartitionReport, RunReport, TableReport

TRANSFERS = {"fetch": "fetched", "send": "sent"}
STATUS_STYLE = {"published": "green", "refused": "red", "failed": "red", "removed": "yellow", "planned": "cyan"}
AGAIN = {"damaged": "was damaged", "contract": "newer contract"}
"""Why a partition was published again although its raw files did not change."""

MANY = 40
"""Up to this many partitions are shown one by one; above it, unchanged ones are summed up in one line."""


class RunClock(ProgressColumn):
    """Time since the run began. Rich's own column stops when a step is done, but the engine still takes long then."""

    def render(self, task: Task) -> Text:
        """Hours, minutes and seconds."""
        return Text(str(timedelta(seconds=int(task.elapsed or 0))), style="progress.elapsed")


@contextmanager
def progress(*, quiet: bool) -> Iterator[Hears]:
    """Show a progress bar on stderr, if that is a terminal and not `quiet`."""
    console = stderr()
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        RunClock(),
        TextColumn("{task.fields[wire]}", style="dim"),
    )
    with bars_of(console, *columns, shown=not quiet) as bars:
        task = bars.add_task("starting", total=None, wire="")
        wire = dict.fromkeys(TRANSFERS, 0)
        current = ""

        def hear(step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
            nonlocal current
            if step in wire:
                wire[step] = done
                bars.update(task, wire=", ".join(f"{size(n)} {TRANSFERS[way]}" for way, n in wire.items() if n))
                return
            counted = f" ({records:,} records)" if records else ""
            bars.update(
                task,
                description=(RUN_STEPS[step].progress if step in RUN_STEPS else step) + counted,
                completed=done,
                total=total if done or step == "frame" else None,
                refresh=step != current,  # show short steps, too
            )
            current = step

        yield hear


def report(run: RunReport, *, lake: str | None, as_json: bool, again: bool = False) -> None:
    """Print the report of a run: a table of partitions, warnings and notes, and what to do next on `lake`.

    `again`: the user asked for a stored report; it is not printed at the end of the run itself.
    """
    if as_json:
        click.echo(run.model_dump_json(indent=2))
        return
    console = stdout()
    for table in run.tables:
        _table(console, table)
    if run.untaken:
        console.print()
    for line in untaken_lines(run, lake):
        console.print(Text(line.text, style=line.style), soft_wrap=True)
    if run.traffic is not None:
        fetched, sent = size(run.traffic.fetched), size(run.traffic.sent)
        console.print(Text(f"this machine fetched {fetched} from the bucket and sent {sent}", style="dim"))
    if not again:
        console.print(Text(summary_line(run), style="dim"), soft_wrap=True)
    if following := next_line(run, lake, again=again):
        console.print(Text(following, style="dim"), soft_wrap=True)


def _table(console: Console, table: TableReport) -> None:
    console.print()
    headline = Text.assemble((table.table, "bold"), "  ", (table.status, STATUS_STYLE.get(table.status, "")))
    if table.engine:
        headline.append(f"  {table.engine}", style="dim")
    console.print(headline)
    if table.message:
        error(table.message, table.hint)
        return
    whole(console, _partitions(table))
    for line in table_lines(table):
        if line.label:
            tell(console, line.label, line.style, line.text)
        else:
            console.print(Text(line.text, style=line.style), soft_wrap=True)


def _partitions(table: TableReport) -> Table:
    grid = Table(box=None, pad_edge=False, header_style="dim")
    grid.add_column("partition", no_wrap=True)
    elsewhere = bool(table.counts.elsewhere)  # records that are another table's: few tables have any
    for name in ("files", "records", "trusted", "rejected", "duplicates", *(["elsewhere"] if elsewhere else [])):
        grid.add_column(name, justify="right", no_wrap=True)
    grid.add_column("")
    shown, hidden = _shown(table.partitions)
    for part in shown:
        counts = part.counts
        numbers = [part.files, counts.framed, counts.trusted, counts.rejected, counts.duplicates]
        numbers += [counts.elsewhere] if elsewhere else []
        cells = ["" if part.status == "planned" and i else f"{n:,}" for i, n in enumerate(numbers)]
        if part.status == "refused":
            cells[2] = "-"  # its good records were not published
        why = part.message if part.status == "planned" else AGAIN.get(part.message, "")
        status = f"{part.status} ({why})" if why else str(part.status)
        grid.add_row(
            part.partition or "whole table", *cells, Text(status, style=STATUS_STYLE.get(str(part.status), "dim"))
        )
    if hidden:
        files = sum(part.files for part in hidden)
        grid.add_row(f"{len(hidden)} partitions", f"{files:,}", *[""] * (4 + elsewhere), Text("unchanged", style="dim"))
    if len(table.partitions) > 1 and table.status != "planned":
        counts = table.counts
        files = sum(part.files for part in table.partitions if part.status != "refused")
        total = [files, counts.framed, counts.trusted, counts.rejected, counts.duplicates]
        total += [counts.elsewhere] if elsewhere else []
        grid.add_row(
            "the others" if table.status == "refused" else "total",
            *(f"{n:,}" for n in total),
            "",
            style="bold",
        )
    return grid


def _shown(parts: Sequence[PartitionReport]) -> tuple[list[PartitionReport], list[PartitionReport]]:
    if len(parts) <= MANY:
        return list(parts), []
    return [p for p in parts if p.status != "unchanged"], [p for p in parts if p.status == "unchanged"]


def show_timings(run: RunReport) -> None:
    """Print the time of each step for each table of the run; a step that was not needed took 0 s."""
    console = stdout()
    for table in run.tables:
        if table.timings_s:
            console.print()
            console.print(Text(f"{table.table}: where the time went", style="bold"))
            console.print(_steps(table))
            if table.lanes:
                console.print(Text(_lanes_told(table.lanes), style="dim"))
    console.print(f"whole run: {(run.finished - run.started).total_seconds():.2f} s")


def _lanes_told(lanes: Mapping[str, int]) -> str:
    """Say how many records were accepted and how many were judged, and why."""
    why = ", ".join(f"{count:,} {name}" for name, count in lanes.items() if name not in {"accepted", "judged"})
    judged = lanes.get("judged", 0)
    return f"accepted {lanes.get('accepted', 0):,} records, judged {judged:,}{f' ({why})' if why else ''}"


def _steps(table: TableReport) -> Table:
    grid = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "right"):
        grid.add_column(justify=justify, no_wrap=True)
    grid.add_column(style="dim")
    total = sum(table.timings_s.values()) or 1.0
    for step in dict.fromkeys([*RUN_STEPS, *table.timings_s]):
        seconds = table.timings_s.get(step, 0.0)
        meaning = RUN_STEPS[step].meaning if step in RUN_STEPS else ""
        grid.add_row(step, f"{seconds:.2f} s", f"{seconds / total:.0%}", meaning)
    return grid
