"""`trustedlake report`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError


@click.command("report", short_help="What a run did.")
@click.argument("run", default="")
@click.argument("other", default="")
@click.option("--list", "listing", is_flag=True, help="List the runs instead.")
@click.option("--diff", "comparing", is_flag=True, help="What is different between two runs, or the last two.")
@options.lake
@options.as_json
def command(*, run: str, other: str, listing: bool, comparing: bool, lake: str | None, as_json: bool) -> None:
    """Show the report of RUN, or of the last run. The start of a run's name is enough.

    \b
    Examples:
      trustedlake report
      trustedlake report --list
      trustedlake report 20260617T1011 --json
      trustedlake report --diff
      trustedlake report --diff 20260617T1011 20260618T1011
    """
    import json

    from trustedlake.app.history import diff_runs, run_lines
    from trustedlake.app.trusted.run import load_run
    from trustedlake.entrypoints import compose
    from trustedlake.entrypoints.cli import history, output

    if (listing and (run or comparing)) or (other and not comparing):
        raise ConfigError("one run is shown, or two are compared, or all are listed", hint="trustedlake report --help")
    with compose.home(compose.Place(lake=lake)) as home:
        store, state = home.tools.store, home.state
        if listing:
            lines = list(run_lines(store, state))
            if as_json:
                click.echo(json.dumps([line.model_dump(mode="json") for line in lines], indent=1))
            else:
                history.show_list(lines)
        elif comparing:
            diff = diff_runs(store, state, run, other)
            if as_json:
                click.echo(diff.model_dump_json(indent=1))
            else:
                history.show_diff(diff)
        else:
            output.report(load_run(store, state, run), lake=lake, as_json=as_json, again=True)
