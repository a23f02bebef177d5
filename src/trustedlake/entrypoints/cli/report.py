"""`trustedlake report`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options


@click.command("report", short_help="What a run did.")
@click.argument("run", default="")
@click.option("--list", "listing", is_flag=True, help="List the runs instead.")
@options.lake
@options.as_json
def command(*, run: str, listing: bool, lake: str | None, as_json: bool) -> None:
    """Show the report of RUN, or of the last run. The start of a run's name is enough.

    \b
    Examples:
      trustedlake report
      trustedlake report --list
      trustedlake report 20260617T1011 --json
    """
    import json

    from trustedlake.app.trusted.run import list_runs, load_run
    from trustedlake.entrypoints import compose
    from trustedlake.entrypoints.cli import console, output
    from trustedlake.errors import InputError

    with compose.home(compose.Place(lake=lake)) as home:
        if not listing:
            stored = load_run(home.tools.store, home.state, run)
            output.report(stored, lake=lake, as_json=as_json, again=True)
            return
        runs = list_runs(home.tools.store, home.state)
        if as_json:
            click.echo(json.dumps(runs))
            return
        for name in runs:
            try:
                stored = load_run(home.tools.store, home.state, name)
            except InputError:
                told = "can't be read"
            else:
                tables = ", ".join(f"{table.table} {table.status}" for table in stored.tables)
                told = f"exit {stored.exit_code}  {tables}"
            console.stdout().print(f"{name}  {told}", soft_wrap=True)
