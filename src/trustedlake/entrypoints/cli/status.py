"""`trustedlake status`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options


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
    from trustedlake.entrypoints.cli.console import stdout
    from trustedlake.entrypoints.lake import compose
    from trustedlake.entrypoints.status_lines import status_lines

    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        found = home.status(compose.Asked(tables))
    status = found.model_copy(update={"exit_code": 3 if check and found.is_open else 0})
    if as_json:
        click.echo(status.model_dump_json(indent=1))
    else:
        for line in status_lines(status, lake):
            stdout().print(line, soft_wrap=True)
    return status.exit_code
