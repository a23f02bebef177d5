"""`trustedlake status`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.status import LakeStatus, TableStatus

MANY = 10
"""Maximum number of sentences about one table in the last run, and of places with files that no table takes."""


@click.command("status", short_help="Show the lake at a glance: tables, refused days, open warnings.")
@click.option("--check", is_flag=True, help="Exit 3 if anything is open: a refused day, a warning, a failed last run.")
@click.option(
    "--pending-after",
    metavar="HOURS",
    type=click.IntRange(0, 100_000),
    help="A raw file that no run has processed is open this long after it was last written.  [default: 26]",
)
@options.tables
@options.contracts
@options.lake
@options.as_json
def command(
    *,
    check: bool,
    pending_after: int | None,
    tables: tuple[str, ...],
    contracts: tuple[str, ...],
    lake: str | None,
    as_json: bool,
) -> int:
    """Show what is in the lake, what is wrong with it, and since when.

    A warning stays until a later run finds it gone (a contract that knows the key's new name, a file
    that was fixed), or until `trustedlake accept` closes it.

    \b
    Examples:
      trustedlake status --lake ./lake
      trustedlake status --check --json
      trustedlake status --check --pending-after 170
      trustedlake status --table tmdb_movies
    """
    from trustedlake.entrypoints.lake import compose

    asked = {} if pending_after is None else {"pending_after": timedelta(hours=pending_after)}
    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        found = home.status(compose.Asked(tables), **asked)
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
    if not status.tables and not status.open_places:
        console.print("nothing is published, and nothing waits in Raw", soft_wrap=True)
    for line in (*(line for one in status.tables for line in _lines(one, lake)), *_leftover(status, lake)):
        console.print(line, soft_wrap=True)


def _leftover(status: LakeStatus, lake: str | None) -> Iterator[str]:
    """Yield what belongs to the lake and not to a table: files in Raw that no table takes."""
    from trustedlake.core.advice import about_untaken
    from trustedlake.entrypoints.settings import Settings

    found = status.open_places
    if found:
        yield f"raw: no table takes {sum(one.files for one in found):,} file(s)"
    for one in found[:MANY]:
        since = f"since {one.since:%Y-%m-%d}: " if one.since else ""
        yield f"  open: {one.path}: {since}{one.files:,} file(s)"
        yield f"    do: {about_untaken(one, lake or Settings().lake)}"
    if len(found) > MANY:
        yield f"  and {len(found) - MANY} more places (trustedlake status --json)"
    for problem in status.unlisted:
        yield f"raw: can't list all of it: {problem}"


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
    if table.overdue:
        since = f"since {table.overdue_since:%Y-%m-%d}: " if table.overdue_since else ""
        yield f"  overdue: {since}{len(table.overdue):,} raw file(s) that no run has processed: {some(table.overdue)}"
    if later := sorted({*table.pending} - {*table.overdue}):
        yield f"  pending: {some(later)}"
    if table.pending:
        yield f"    do: {typed('to-trusted', '--table', table.table, lake=lake)}"


def _wrong(table: TableStatus, lake: str | None) -> Iterator[str]:
    """Yield what keeps a run from publishing."""
    from trustedlake.app.trusted.listing import some
    from trustedlake.core.advice import about_missing, about_refused, about_unknown, about_vanished
    from trustedlake.core.shared_points import shared_refusals

    failure = table.failure
    if failure:
        yield f"  failed: since {failure.since:%Y-%m-%d}: {failure.message}"
        yield f"    do: {failure.hint}"
    for point in shared_refusals(table.refused, table.refused_since, reasons=table.refused_reasons):
        yield f"  refused: {point.where}: {point.told}"
        yield f"    do: {about_refused(table.table, point.only, lake)}"
    if table.vanished:
        yield f"  gone: {len(table.vanished)} raw file(s) that are published: {some(table.vanished)}"
        yield f"    do: {about_vanished(table.table, lake)}"
    if table.missing:
        yield f"  missing: {len(table.missing)} published file(s) are gone: {some(table.missing)}"
        yield f"    do: {about_missing(table.table, lake)}"
    if table.unknown:
        yield f"  unknown: {len(table.unknown)} file(s) that no run published: {some(table.unknown)}"
        yield f"    do: {about_unknown(table.table, lake)}"
