"""`trustedlake report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError
from trustedlake.wording import share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustedlake.entrypoints.lake.compose import Place
    from trustedlake.models.history import RunDiff, RunLine, TableDiff
    from trustedlake.models.ledger import Counts


@click.command("report", short_help="Show what a run did.")
@click.argument("run", default="")
@click.argument("other", default="")
@click.option("--list", "listing", is_flag=True, help="List the runs instead.")
@click.option("--diff", "comparing", is_flag=True, help="Compare two runs, or the last two.")
@click.option(
    "--html",
    metavar="[FILE]",
    is_flag=False,
    flag_value="trustedlake.html",
    help="Write a page about the whole lake instead, to trustedlake.html or FILE; - is stdout.",
)
@options.contracts
@options.lake
@options.as_json
def command(
    *,
    run: str,
    other: str,
    listing: bool,
    comparing: bool,
    html: str | None,
    contracts: tuple[str, ...],
    lake: str | None,
    as_json: bool,
) -> None:
    """Show the report of RUN, or of the last run. The start of a run's name is enough.

    --html writes one self-contained page for a browser: what is in the lake, each day, what is open and
    what to type, why records were rejected, the proof of each file, how long each step took.

    \b
    Examples:
      trustedlake report
      trustedlake report --list
      trustedlake report 20260617T1011 --json
      trustedlake report --diff
      trustedlake report --diff 20260617T1011 20260618T1011
      trustedlake report --html lake.html
    """
    import json

    from trustedlake.app.history import diff_runs, run_lines
    from trustedlake.app.run_reports import load_run
    from trustedlake.entrypoints.cli import run_output
    from trustedlake.entrypoints.lake import compose

    if html is not None:
        if run or listing or comparing or as_json:
            raise ConfigError(
                "--html shows the whole lake: it takes no RUN, --list, --diff or --json",
                hint="leave the others out",
            )
        _write_page(html, compose.Place(lake, contracts=contracts))
        return
    if (listing and (run or comparing)) or (other and not comparing):
        raise ConfigError("show one run, compare two, or list all", hint="trustedlake report --help")
    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        store, state = home.tools.store, home.state
        if listing:
            lines = list(run_lines(store, state))
            if as_json:
                click.echo(json.dumps([line.model_dump(mode="json") for line in lines], indent=1))
            else:
                _show_list(lines)
        elif comparing:
            diff = diff_runs(store, state, run, other)
            if as_json:
                click.echo(diff.model_dump_json(indent=1))
            else:
                _show_diff(diff)
        else:
            run_output.report(load_run(store, state, run), lake=lake, as_json=as_json, again=True)


def _write_page(name: str, place: Place) -> None:
    from trustedlake.entrypoints.cli import console
    from trustedlake.entrypoints.lake import compose
    from trustedlake.entrypoints.page_file import page_file, page_text, write_page

    file = None if name == "-" else page_file(name)
    with compose.home(place) as home:
        if file is None:
            click.echo(page_text(home), nl=False)
        else:
            write_page(home, file)
            console.stdout().print(f"{file}: open it in a browser", soft_wrap=True)


def _show_list(lines: Iterable[RunLine]) -> None:
    """Print a line for each run."""
    from rich.table import Table

    from trustedlake.entrypoints.cli.console import Text, stdout, whole

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
            share(line.rejected_share),
            Text(str(line.exit_code), style="red" if line.exit_code else ""),
            Text(", ".join(f"{table} {status}" for table, status in line.tables.items())),
        )
    whole(stdout(), grid)


def _show_diff(diff: RunDiff) -> None:
    """Print what differs in the newer run."""
    from trustedlake.entrypoints.cli.console import Text, stdout

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
