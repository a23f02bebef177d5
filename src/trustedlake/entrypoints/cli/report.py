"""`trustedlake report`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.table import Table

from trustedlake.entrypoints.cli import options
from trustedlake.entrypoints.cli.console import Text, stdout, whole
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustedlake.entrypoints.lake.compose import Place
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
    """Print what the newer run says otherwise."""
    console = stdout()
    for name, line in (("from", diff.older), ("to  ", diff.newer)):
        console.print(f"{name} {line.run_id}  exit {line.exit_code}  {line.duration_s:,.1f} s", soft_wrap=True)
    for table in diff.tables:
        for text in _lines(table):
            console.print(Text(text), soft_wrap=True)


def _lines(table: TableDiff) -> Iterator[str]:
    if not (table.older and table.newer):
        yield f"{table.table}: only the {'newer' if table.newer else 'older'} run was about it"
        return
    if table.is_same:
        yield f"{table.table}: no difference"
        return
    yield f"{table.table}: {_changes(table.older_counts, table.newer_counts) or 'as many records of each kind'}"
    for part in table.partitions:
        status = f"{part.older or 'new'} -> {part.newer or 'gone'}" if part.older != part.newer else part.newer
        counts = _changes(part.older_counts, part.newer_counts)
        yield f"  {part.partition or 'the table'}: {status}{f': {counts}' if counts else ''}"
    yield from (f"  new: {warning}" for warning in table.new_warnings)
    yield from (f"  gone: {warning}" for warning in table.gone_warnings)


def _changes(older: Counts, newer: Counts) -> str:
    """`trusted 4 -> 6 (+2)`, of each number that is another."""
    before, after = older.model_dump(), newer.model_dump()
    named = {"framed": "records"}
    return ", ".join(
        f"{named.get(name, name)} {n:,} -> {after[name]:,} ({after[name] - n:+,})"
        for name, n in before.items()
        if after[name] != n
    )


@click.command("report", short_help="What a run did.")
@click.argument("run", default="")
@click.argument("other", default="")
@click.option("--list", "listing", is_flag=True, help="List the runs instead.")
@click.option("--diff", "comparing", is_flag=True, help="What is different between two runs, or the last two.")
@click.option(
    "--html",
    metavar="[FILE]",
    is_flag=False,
    flag_value="trustedlake.html",
    help="Write a page about the whole lake instead: trustedlake.html, or FILE; - is stdout.",
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

    --html writes one file for a browser, which loads nothing: what is in the lake, each day, what is open
    and what to type, why records were rejected, the proof of each file, where the time went.

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
    from trustedlake.app.trusted.run import load_run
    from trustedlake.entrypoints.cli import output
    from trustedlake.entrypoints.lake import compose

    if html is not None:
        if run or listing or comparing or as_json:
            raise ConfigError(
                "--html is about the whole lake: no RUN, --list, --diff or --json goes with it",
                hint="leave the others out",
            )
        _write_page(html, compose.Place(lake, contracts=contracts))
        return
    if (listing and (run or comparing)) or (other and not comparing):
        raise ConfigError("one run is shown, or two are compared, or all are listed", hint="trustedlake report --help")
    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        store, state = home.tools.store, home.state
        if listing:
            lines = list(run_lines(store, state))
            if as_json:
                click.echo(json.dumps([line.model_dump(mode="json") for line in lines], indent=1))
            else:
                show_list(lines)
        elif comparing:
            diff = diff_runs(store, state, run, other)
            if as_json:
                click.echo(diff.model_dump_json(indent=1))
            else:
                show_diff(diff)
        else:
            output.report(load_run(store, state, run), lake=lake, as_json=as_json, again=True)


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
