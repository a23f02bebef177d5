"""`trustedlake to-trusted`."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from trustedlake.entrypoints.cli import options
from trustedlake.entrypoints.cli.console import Text, stdout
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.app.trusted.job import Lanes, Vanished
    from trustedlake.entrypoints.cli.notify import When
    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.entrypoints.lake.engine_choice import EngineName
    from trustedlake.entrypoints.lake.open_store import StorageName
    from trustedlake.models.report import RunReport, TableReport


def require_bucket(lake: str) -> None:
    """Refuse a lake that no catalog reads, before anything is done. Raises ConfigError."""
    from trustedlake.entrypoints import cataloging

    cataloging.require_bucket(lake)


def register(run: RunReport, place: Place, database: str, *, quiet: bool) -> int:
    """Register the run's tables of which something is published; a dry run's are left alone.

    Returns the exit code that this alone gives: what was published stays published if the catalog refuses.
    """
    from trustedlake.entrypoints import cataloging
    from trustedlake.entrypoints.cli import console

    try:
        report = cataloging.register_run(run, place, database)
    except TrustedLakeError as error:
        console.error(
            f"published, but not registered: {error.message}",
            f"{error.hint}; then {typed('catalog', '--apply', lake=place.lake)}",
        )
        return error.exit_code
    if report is not None and not quiet:
        for one in report.tables:
            partitions = f", {one.added} partition(s) added, {one.updated} updated, {one.removed} removed"
            click.echo(f"catalog: {database}.{one.table} {one.status}{partitions if one.location else ', a view'}")
    return 0


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


@click.command("to-trusted", short_help="Raw files to Trusted Parquet.")
@options.tables
@options.source
@options.entity
@options.contracts
@options.lake
@click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="FOLDER",
    help="Take the raw files from here instead (of one table); may be given several times.",
)
@click.option("--target", metavar="FOLDER", help="Write the Trusted table here instead (of one table).")
@click.option("--full-refresh", is_flag=True, help="Judge everything again; move files nobody knows out of Trusted.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option(
    "--max-rejected",
    type=click.FloatRange(0, 1),
    help="Share of a partition's records that may be rejected.  [default: the contract's, or 0.05]",
)
@click.option(
    "--accept-unreadable",
    multiple=True,
    metavar="PATH",
    help="Publish without this unreadable raw file, named as the report names it; remembered.",
)
@click.option(
    "--vanished",
    type=click.Choice(["fail", "keep", "drop"]),
    default="fail",
    show_default=True,
    help="What a raw file that is gone, or replaced by a later one of its name, means:"
    " ask, keep its rows, or let them go.",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "spark", "sail"]),
    help="Who judges; auto: pysail, without Java, for what fits it, else Spark."
    "  [default: auto; env: TRUSTEDLAKE_ENGINE]",
)
@click.option(
    "--storage",
    type=click.Choice(["auto", "staged", "direct"]),
    help="How a bucket is reached; staged: by this machine; direct: by Spark itself; auto: direct on a cluster."
    "  [default: auto; env: TRUSTEDLAKE_STORAGE]",
)
@click.option(
    "--lanes",
    type=click.Choice(["auto", "off"]),
    default="auto",
    show_default=True,
    help="auto: what is plainly right is accepted without an engine; off: the engine judges every record.",
)
@click.option(
    "--single-writer", is_flag=True, help="No other run writes to this bucket, which ignores conditions on writes."
)
@click.option("--strict", is_flag=True, help="Refuse a partition in which a known column is absent.")
@click.option("--preview", type=click.IntRange(1, 1000), metavar="N", help="Show N rows of each table afterwards.")
@click.option("--timings", is_flag=True, help="Show where the time went; the run's report keeps it in any case.")
@click.option("--catalog", is_flag=True, help="Then register what is published in the Glue Data Catalog.")
@click.option("--database", default="filmes-db", show_default=True, help="The catalog's database.")
@options.openlineage
@options.notify
@options.notify_on
@options.as_json
@options.verbose
def command(
    *,
    tables: tuple[str, ...],
    source: str | None,
    entity: str | None,
    contracts: tuple[str, ...],
    lake: str | None,
    inputs: tuple[str, ...],
    target: str | None,
    engine: EngineName | None,
    storage: StorageName | None,
    lanes: Lanes,
    single_writer: bool,
    preview: int | None,
    timings: bool,
    catalog: bool,
    database: str,
    openlineage: str | None,
    notify: str | None,
    notify_on: When,
    as_json: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401
) -> int:
    """Turn Raw files into Trusted Parquet; every record ends in Trusted or in Quarantine.

    Runs again and again: what did not change is left alone. A partition in which too many records
    are rejected keeps what it had (exit code 3).

    \b
    Examples:
      trustedlake to-trusted --source tmdb --lake ./lake
      trustedlake to-trusted --source csv --entity movies --dry-run
      trustedlake to-trusted --table people --contracts people.odcs.yaml
      trustedlake to-trusted --source tmdb --entity movies \\
          --input ./raw/Crime_Movies --input ./raw/War_Movies --target ./Trusted/tmdb/movies
    """
    from trustedlake.app.trusted.job import Options
    from trustedlake.entrypoints import lineage
    from trustedlake.entrypoints.cli import console, output, record_rows
    from trustedlake.entrypoints.cli.notify import notifying, without_secrets
    from trustedlake.entrypoints.lake import compose
    from trustedlake.entrypoints.settings import Settings

    with notifying(notify, notify_on) as ending:
        if not (tables or source):
            raise ConfigError(
                "it is not said which table",
                hint="--source tmdb or --source csv for the built-in ones, or --table NAME (trustedlake contract list)",
            )
        vanished: Vanished = chosen.pop("vanished")
        accepted = frozenset(chosen.pop("accept_unreadable"))
        asked = Options(vanished=vanished, accept_unreadable=accepted, **chosen)
        settings = Settings()
        how: dict[str, Any] = {
            "engine_name": engine,
            "storage": storage or settings.storage,
            "settings": settings,
            "lanes": lanes,
        }
        place = compose.Place(lake, inputs, target, contracts)
        with (
            lineage.observed(openlineage, settings, notice=console.notice) as observer,
            output.progress(quiet=as_json) as progress,
            compose.home(place, verbose=verbose, progress=progress, **how) as home,
        ):
            if catalog:
                require_bucket(home.address)
            called = shlex.join(["trustedlake", *without_secrets(sys.argv[1:])])
            which = compose.Asked(tables, source, entity)
            report = home.to_trusted(which, asked, called, single_writer=single_writer, observer=observer)
        output.report(report, lake=lake or (home.address if target else None), as_json=as_json)
        if preview and not as_json:
            record_rows.preview(home, report, rows=preview)
        if timings and not as_json:
            show(report)
        where = compose.Place(home.address, inputs, target, contracts)
        code = register(report, where, database, quiet=as_json) if catalog else 0
        ending.exit_code = report.exit_code or code
        ending.report = report.model_copy(update={"exit_code": ending.exit_code}).model_dump_json()
    return ending.exit_code
