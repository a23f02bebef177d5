"""`trustedlake to-trusted`."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING, Any, get_args

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError, TrustedLakeError
from trustedlake.models.choices import EngineName, Lanes, OnVanished, StorageName
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.models.choices import NotifyOn
    from trustedlake.models.report import RunReport


def require_bucket(lake: str) -> None:
    """Refuse a lake that no catalog can read, before the run does anything. Raises ConfigError."""
    from trustedlake.entrypoints.wiring import lake_catalog

    lake_catalog.require_bucket(lake)


def register(run: RunReport, place: Place, database: str, *, quiet: bool) -> int:
    """Register the run's tables that have published rows; a dry run registers nothing.

    Returns the exit code of the registration alone: what was published stays published if the catalog refuses.
    """
    from trustedlake.entrypoints.cli import console
    from trustedlake.entrypoints.wiring import lake_catalog

    try:
        report = lake_catalog.register_run(run, place, database)
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


@click.command("to-trusted", short_help="Turn Raw files into Trusted Parquet.")
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
    help="Read the raw files of one table from here; may be repeated.",
)
@click.option("--target", metavar="FOLDER", help="Write the Trusted files of one table here.")
@click.option("--full-refresh", is_flag=True, help="Process everything again; move unknown files out of Trusted.")
@click.option("--dry-run", is_flag=True, help="Show what would be done; write nothing.")
@click.option(
    "--max-rejected",
    type=click.FloatRange(0, 1),
    help="Share of a partition's records that may be rejected.  [default: the contract's, or 0.05]",
)
@click.option(
    "--accept-unreadable",
    multiple=True,
    metavar="PATH",
    help="Publish without this unreadable raw file (its path as in the report); later runs remember it.",
)
@click.option(
    "--vanished",
    type=click.Choice(get_args(OnVanished)),
    default="fail",
    show_default=True,
    help="What to do about raw files that are gone, or replaced by a later one of the same name:"
    " fail, keep their rows, or drop their rows.",
)
@click.option(
    "--engine",
    type=click.Choice(get_args(EngineName)),
    help="The engine; auto: pysail, without Java, if the input is small enough, else Spark."
    "  [default: auto; env: TRUSTEDLAKE_ENGINE]",
)
@click.option(
    "--storage",
    type=click.Choice(get_args(StorageName)),
    help="Who reads and writes a bucket; staged: this machine; direct: Spark itself; auto: direct on a cluster."
    "  [default: auto; env: TRUSTEDLAKE_STORAGE]",
)
@click.option(
    "--lanes",
    type=click.Choice(get_args(Lanes)),
    default="auto",
    show_default=True,
    help="auto: accept clearly valid records without an engine; off: the engine checks every record.",
)
@click.option(
    "--single-writer",
    is_flag=True,
    help="For a bucket that ignores conditions on writes: confirm that no other run writes to it.",
)
@click.option("--strict", is_flag=True, help="Refuse a partition if a known column is missing.")
@click.option("--preview", type=click.IntRange(1, 1000), metavar="N", help="Show N rows of each table afterwards.")
@click.option("--timings", is_flag=True, help="Show how long each step took; the run's report always has it.")
@click.option("--catalog", is_flag=True, help="Afterwards, register the published tables in the Glue Data Catalog.")
@options.database
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
    notify_on: NotifyOn,
    as_json: bool,
    verbose: bool,
    **chosen: Any,  # noqa: ANN401
) -> int:
    """Turn Raw files into Trusted Parquet; every record ends in Trusted or in Quarantine.

    It is safe to run again: unchanged files are skipped. A partition with too many rejected records
    keeps its published rows (exit code 3).

    \b
    Examples:
      trustedlake to-trusted --source tmdb --lake ./lake
      trustedlake to-trusted --source csv --entity movies --dry-run
      trustedlake to-trusted --table people --contracts people.odcs.yaml
      trustedlake to-trusted --source tmdb --entity movies \\
          --input ./raw/Crime_Movies --input ./raw/War_Movies --target ./Trusted/tmdb/movies
    """
    from trustedlake.app.trusted.job import Options
    from trustedlake.entrypoints.cli import console, record_rows, run_output
    from trustedlake.entrypoints.cli.notify import notifying, without_secrets
    from trustedlake.entrypoints.lake import compose
    from trustedlake.entrypoints.settings import Settings
    from trustedlake.entrypoints.wiring import openlineage_receiver

    with notifying(notify, notify_on) as ending:
        if not (tables or source):
            raise ConfigError(
                "no table given",
                hint="--source tmdb or --source csv for the built-in ones, or --table NAME (trustedlake contract list)",
            )
        vanished: OnVanished = chosen.pop("vanished")
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
            openlineage_receiver.observed(openlineage, settings, notice=console.notice) as observer,
            run_output.progress(quiet=as_json) as progress,
            compose.home(place, verbose=verbose, progress=progress, **how) as home,
        ):
            if catalog:
                require_bucket(home.address)
            called = shlex.join(["trustedlake", *without_secrets(sys.argv[1:])])
            which = compose.Asked(tables, source, entity)
            report = home.to_trusted(which, asked, called, single_writer=single_writer, observer=observer)
        run_output.report(report, lake=lake or (home.address if target else None), as_json=as_json)
        if preview and not as_json:
            record_rows.preview(home, report, rows=preview)
        if timings and not as_json:
            run_output.show_timings(report)
        where = compose.Place(home.address, inputs, target, contracts)
        code = register(report, where, database, quiet=as_json) if catalog else 0
        ending.exit_code = report.exit_code or code
        ending.report = report.model_copy(update={"exit_code": ending.exit_code}).model_dump_json()
    return ending.exit_code
