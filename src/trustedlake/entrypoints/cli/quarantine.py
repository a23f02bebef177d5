"""`trustedlake quarantine`."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.quarantine import Quarantined, Wanted
    from trustedlake.entrypoints.lake.compose import Home
    from trustedlake.entrypoints.lake.registry import Asked


LISTED = 50
"""Default number of records in a list."""


@click.command("quarantine", short_help="List the refused records and the reasons.")
@options.tables
@options.source
@options.entity
@options.contracts
@options.lake
@options.inputs
@options.target
@click.option("--count", is_flag=True, help="Count by reason instead of listing.")
@click.option("--by", type=click.Choice(["reason", "day"]), help="Count by reason or by day (partition).")
@click.option("--verdict", type=click.Choice(["rejected", "duplicate", "unreadable"]), help="Only these records.")
@click.option(
    "--partition",
    metavar="NAME",
    help="Only this partition: its name, its first folders, or a day as 2025-06-17; - for a table without partitions.",
)
@click.option("--reason", metavar="TEXT", help="Only records with a reason that contains TEXT.")
@click.option("--raw", "address", metavar="PATH#INDEX", help="Print the exact bytes of one record from its raw file.")
@click.option(
    "--limit", type=click.IntRange(1), help=f"Maximum number of records.  [default: {LISTED} in a list, else all]"
)
@options.as_json
def command(
    *,
    tables: tuple[str, ...],
    source: str | None,
    entity: str | None,
    contracts: tuple[str, ...],
    lake: str | None,
    inputs: tuple[str, ...],
    target: str | None,
    count: bool,
    by: str | None,
    verdict: str | None,
    partition: str | None,
    reason: str | None,
    address: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List the refused records, count them by reason, or show one as it is in Raw.

    Rejected records and unreadable files come first, then duplicates. Records of a partition that failed
    its gate are marked `failed`: it was not published. A rejected record is marked as corrected
    if a row with its key exists now, in its partition or in a later one.

    \b
    Examples:
      trustedlake quarantine --count
      trustedlake quarantine --by day
      trustedlake quarantine --verdict rejected --partition 2025-06-17
      trustedlake quarantine --source tmdb --reason 'movie_id|missing'
      trustedlake quarantine --raw 'Raw/TMDB/JSON/Movies/2025/06/17/filmes_001.json#3'
    """
    import json

    from trustedlake.app.quarantine import VERDICTS, Wanted, count_days, count_reasons
    from trustedlake.entrypoints.cli import record_rows, streams
    from trustedlake.entrypoints.lake import compose

    asked = {"verdict": verdict or "", "partition": partition or "", "reason": reason or ""}
    told = {
        "verdict": f" as {verdict}",
        "partition": f" in {partition}",
        "reason": f" for a reason with {reason!r} in it",
    }
    none = "no record was refused" + "".join(told[name] for name, given in asked.items() if given)

    if address:
        _require_alone("--raw")
    place = compose.Place(lake, inputs, target, contracts)
    with compose.home(place) as home:
        if address:
            streams.write_bytes(home.raw_bytes(address) + b"\n")
            return
        records = _refused(home, compose.Asked(tables, source, entity), Wanted(**asked))
        if count or by:
            names: tuple[str, ...] = (
                ("table", "partition", *VERDICTS) if by == "day" else ("table", "reason", "records")
            )
            rows_of = count_days(records) if by == "day" else count_reasons(records)
            counted = [dict(zip(names, row, strict=True)) for row in islice(rows_of, limit)]
            if as_json:
                click.echo(json.dumps(counted, ensure_ascii=False))
            elif counted:
                record_rows.show_rows(names, counted, width=1_000, every=True)
            else:
                click.echo(none)
            return
        if as_json:
            listed = [asdict(record) for record in home.with_corrections(list(islice(records, limit)))]
            click.echo(json.dumps(listed, ensure_ascii=False, indent=1))
            return
        first = home.with_corrections(list(islice(records, limit or LISTED)))
        more = sum(1 for _ in records)
        if first:
            record_rows.quarantined(first, more=more, place=place)
        else:
            click.echo(none)


def _require_alone(name: str) -> None:
    """Raise ConfigError if the call has an option that the option `name` ignores; options for the place are fine."""
    from click.core import ParameterSource

    from trustedlake.errors import ConfigError

    context = click.get_current_context()
    for one in context.command.params:
        given = context.get_parameter_source(str(one.name)) is ParameterSource.COMMANDLINE
        if given and name not in one.opts and one.name not in {"lake", "inputs", "target", "contracts"}:
            raise ConfigError(
                f"{name} and {one.opts[0]} exclude each other", hint=f"{name} prints the one record at its address"
            )


def _refused(home: Home, asked: Asked, wanted: Wanted) -> Iterator[Quarantined]:
    """Yield the refused records; raise InputError if there are none because there was no run yet."""
    from trustedlake.app.run_reports import list_runs
    from trustedlake.errors import InputError

    found = False
    for record in home.refused(asked, wanted):
        found = True
        yield record
    if not found and not list_runs(home.tools.store, home.state):
        raise InputError(
            f"no run yet in {home.address}: nothing was judged, so nothing was refused",
            hint="is --lake right? trustedlake to-trusted judges, for instance with --source tmdb",
        )
