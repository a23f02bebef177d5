"""`trustedlake status`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.status import LakeStatus, TableStatus

SHOWN = 3


@click.command("status", short_help="The lake at a glance: tables, refused days, open warnings.")
@click.option("--check", is_flag=True, help="Exit 3 if anything is open: a refused day, a warning, a failed last run.")
@options.contracts
@options.lake
@options.as_json
def command(*, check: bool, contracts: tuple[str, ...], lake: str | None, as_json: bool) -> int:
    """Show what is in the lake, what is wrong with it, and since when.

    A warning stays until a later run finds it gone (a contract that knows the key's new name, a file
    that was mended), or until `trustedlake accept` closes it.

    \b
    Examples:
      trustedlake status --lake ./lake
      trustedlake status --check --json
    """
    from trustedlake.entrypoints import compose

    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        found = home.status()
    status = found.model_copy(update={"exit_code": 3 if check and found.is_open else 0})
    if as_json:
        click.echo(status.model_dump_json(indent=1))
    else:
        _show(status)
    return status.exit_code


def _show(status: LakeStatus) -> None:
    from trustedlake.entrypoints.cli.console import stdout

    console = stdout()
    if status.last_run:
        last = status.last_run
        console.print(f"last run: {last.run_id}, exit {last.exit_code}", soft_wrap=True)
    if not status.tables:
        console.print("nothing is published, and nothing waits in Raw", soft_wrap=True)
    for table in status.tables:
        for line in _lines(table):
            console.print(line, soft_wrap=True)


def _lines(table: TableStatus) -> Iterator[str]:
    counts = table.counts
    share = counts.rejected / counts.own if counts.own else 0
    yield (
        f"{table.table}: {table.partitions:,} partition(s), {counts.trusted:,} rows, {counts.rejected:,} rejected"
        f" ({share:.1%}), {table.bytes:,} bytes"
    )
    if table.problem:
        yield f"  problem: {table.problem}"
    for name, why in table.refused.items():
        yield f"  refused: {name or 'the table'}: {why}"
    for name, warnings in table.warnings.items():
        for warning in warnings:
            since = f"{warning.since:%Y-%m-%d}"
            yield f"  open: {name or 'the table'}: {warning.id}: since {since}: {warning.message}"
    if table.pending:
        more = f" and {len(table.pending) - SHOWN} more" if len(table.pending) > SHOWN else ""
        yield f"  pending: {', '.join(table.pending[:SHOWN])}{more}"
