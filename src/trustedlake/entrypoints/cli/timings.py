"""Where a run's time went, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from trustedlake.entrypoints.cli.console import Text, stdout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.models.report import RunReport, TableReport

MEANINGS = {
    "start": "waiting for the engine, if one is needed",
    "list": "listing Raw and Trusted, comparing them with the ledger",
    "frame": "raw files to records",
    "accept": "taking the records that are plainly right, without an engine; writing the staged files",
    "judge": "typing and judging the records, writing them to the staging folder",
    "prove": "reading the staged files back",
    "publish": "finishing a publish that was cut, publishing, writing the ledger",
}
"""Step -> what is done in it; in the order they are shown."""


def show(run: RunReport) -> None:
    """Print for each table of the run a line for each step; steps that were not needed took 0 s."""
    console = stdout()
    for table in run.tables:
        if table.timings_s:
            console.print()
            console.print(Text(f"{table.table}: where the time went", style="bold"))
            console.print(_steps(table))
            if table.lanes:
                console.print(Text(_lanes(table.lanes), style="dim"))
    console.print(f"whole run: {(run.finished - run.started).total_seconds():.2f} s")


def _lanes(lanes: Mapping[str, int]) -> str:
    """Which way the records went."""
    why = ", ".join(f"{count:,} {name}" for name, count in lanes.items() if name not in {"accepted", "judged"})
    judged = lanes.get("judged", 0)
    return f"accepted {lanes.get('accepted', 0):,} records, judged {judged:,}{f' ({why})' if why else ''}"


def _steps(table: TableReport) -> Table:
    grid = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "right", "right"):
        grid.add_column(justify=justify, no_wrap=True)
    grid.add_column(style="dim")
    total = sum(table.timings_s.values()) or 1.0
    for step in dict.fromkeys([*MEANINGS, *table.timings_s]):
        seconds = table.timings_s.get(step, 0.0)
        grid.add_row(step, f"{seconds:.2f} s", f"{seconds / total:.0%}", MEANINGS.get(step, ""))
    return grid
