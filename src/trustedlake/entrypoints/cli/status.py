"""`trustedlake status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.status import LakeStatus, TableStatus

MANY = 10
"""Maximum number of sentences about one table in the last run."""


@click.command("status", short_help="Show the lake at a glance: tables, refused days, open warnings.")
@click.option("--check", is_flag=True, help="Exit 3 if anything is open: a refused day, a warning, a failed last run.")
@options.tables
@options.contracts
@options.lake
@options.as_json
def command(
    *, check: bool, tables: tuple[str, ...], contracts: tuple[str, ...], lake: str | None, as_json: bool
) -> int:
    """Show what is in the lake, what is wrong with it, and since when.

    A warning stays until a later run finds it gone (a contract that knows the key's new name, a file
    that was fixed), or until `trustedlake accept` closes it.

    \b
    Examples:
      trustedlake status --lake ./lake
      trustedlake status --check --json
      trustedlake status --table tmdb_movies
    """
    from trustedlake.entrypoints.lake import compose

    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        found = home.status(compose.Asked(tables))
    status = found.model_copy(update={"exit_code": 3 if check and found.is_open else 0})
    if as_json:
        click.echo(status.model_dump_json(indent=1))
    else:
        _show(status, lake)
    return status.exit_code


def _show(status: LakeStatus, lake: str | None) -> None:
    from trustedlake.entrypoints.cli.console import stdout

    console = stdout()
    if status.last_run:
        last = status.last_run
        told = f"last run: {last.run_id}, {last.started:%Y-%m-%d %H:%M} UTC, {last.duration_s:,.1f} s"
        console.print(f"{told}, exit {last.exit_code}", soft_wrap=True)
        for table, done in last.done.items():
            for sentence in done[:MANY]:
                console.print(f"  {table}: {sentence}", soft_wrap=True)
            if len(done) > MANY:
                console.print(f"  {table}: and {len(done) - MANY} more (trustedlake report)", soft_wrap=True)
    if not status.tables:
        console.print("nothing is published, and nothing waits in Raw", soft_wrap=True)
    for one in status.tables:
        for line in _lines(one, lake):
            console.print(line, soft_wrap=True)


def _lines(table: TableStatus, lake: str | None) -> Iterator[str]:
    from trustedlake.app.trusted.listing import some
    from trustedlake.core.advice import what_to_do
    from trustedlake.core.shared_points import shared_warnings
    from trustedlake.terminal import typed

    counts = table.counts
    share = counts.rejected / counts.own if counts.own else 0
    yield (
        f"{table.table}: {table.partitions:,} partition(s), {counts.trusted:,} rows, {counts.rejected:,} rejected"
        f" ({share:.1%}), {table.bytes:,} bytes"
    )
    if table.problem:
        yield f"  problem: {table.problem}"
    yield from _wrong(table, lake)
    for shared in shared_warnings(table.warnings):
        yield f"  open: {shared.where}: {shared.last.id}: {shared.told}"
        yield f"    do: {what_to_do(table.table, shared, lake)}"
    if table.pending:
        yield f"  pending: {some(table.pending)}"
        yield f"    do: {typed('to-trusted', '--table', table.table, lake=lake)}"


def _wrong(table: TableStatus, lake: str | None) -> Iterator[str]:
    """Yield what keeps a run from publishing."""
    from trustedlake.app.trusted.listing import some
    from trustedlake.core.advice import about_refused, about_unknown, about_vanished
    from trustedlake.core.shared_points import shared_refusals

    failure = table.failure
    if failure:
        yield f"  failed: since {failure.since:%Y-%m-%d}: {failure.message}"
        yield f"    do: {failure.hint}"
    for point in shared_refusals(table.refused, table.refused_since, reasons=table.refused_reasons):
        yield f"  refused: {point.where}: {point.told}"
        yield f"    do: {about_refused(table.table, point.only, lake, renamed=table.is_renamed(point.partitions))}"
    if table.vanished:
        yield f"  gone: {len(table.vanished)} raw file(s) that are published: {some(table.vanished)}"
        yield f"    do: {about_vanished(table.table, lake)}"
    if table.unknown:
        yield f"  unknown: {len(table.unknown)} file(s) that no run published: {some(table.unknown)}"
        yield f"    do: {about_unknown(table.table, lake)}"
