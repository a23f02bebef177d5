"""Print rows on the terminal: of Trusted, of Quarantine, or of counts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len
from rich.table import Table

from trustedlake.entrypoints.cli.console import Text, stdout, whole
from trustedlake.terminal import typed, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.app.quarantine import Quarantined
    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.entrypoints.lake.compose import Home
    from trustedlake.models.report import RunReport


def show_rows(
    names: Sequence[str], values: Sequence[Mapping[str, object]], *, width: int = 24, every: bool = False
) -> int:
    """Print rows as a table: the columns that fit, or `every` column, with long values cut to `width` characters.

    Returns the number of printed columns.
    """
    console = stdout()
    texts = {name: [_cell(row.get(name)) for row in values] for name in names}
    grid, room = Table(box=None, pad_edge=False, header_style="dim"), console.width
    for name in names:
        needed = min(width, max(cell_len(text) for text in [name, *texts[name]]))
        room -= needed + 2
        if room < 0 and not every:
            break
        grid.add_column(name, overflow="ellipsis", no_wrap=True, width=needed)
    shown = list(texts.values())[: len(grid.columns)]
    for cells in zip(*shown, strict=True):
        grid.add_row(*(Text(cell) for cell in cells))
    whole(console, grid)
    return len(shown)


def _cell(value: object) -> str:
    """Return a value on one line exactly as it is shown, so that its width is known; null as an empty string."""
    return "" if value is None else visible(" ".join(str(value).split()))


def quarantined(records: Sequence[Quarantined], *, more: int, place: Place) -> None:
    """Print refused records of the lake at `place`, and the number of further ones."""
    console = stdout()
    for record in records:
        why = ", ".join(record.reasons) or f"same as {record.winner}"
        failed = "  (its partition failed the gate)" if record.failed else ""
        corrected = f"  (corrected by {record.corrected_by})" if record.corrected_by else ""
        console.print(Text.assemble((record.address, "bold"), (failed, "red"), (corrected, "green")), soft_wrap=True)
        text = " ".join(record.raw.split())
        line = Text.assemble("  ", (record.verdict, "yellow"), f": {why}  ", (text, "dim"))
        line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)
    if more:
        click.echo(f"... and {more} more: --limit {len(records) + more} shows them, --count counts them by reason")
    raw = typed("quarantine", "--raw", records[0].address, *place.options, lake=place.lake)
    click.echo(f"next: {raw}    (its exact bytes in Raw)")


def preview(home: Home, run: RunReport, *, rows: int) -> None:
    """Print the first rows and columns of each table of the run."""
    for table in run.tables:
        contract = home.registry.contract(table.table)
        names = [column.name for column in contract.columns]
        found = list(islice(home.trusted_rows(table.table), rows))
        # A refused partition keeps published rows that the run did not count.
        counted = table.status in {"published", "unchanged"}
        rows_of_all = f"{len(found)} of its {table.counts.trusted:,} rows" if counted else f"{len(found)} of its rows"
        click.echo(f"\n{table.table}: {rows_of_all}, the columns that fit")
        show_rows([*contract.partition, *names], found)
