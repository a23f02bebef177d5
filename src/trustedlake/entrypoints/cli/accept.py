"""`trustedlake accept`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options


@click.command("accept", short_help="Close a warning that `status` shows.")
@click.argument("table")
@click.argument("partition")
@click.argument("warning")
@click.option("--why", required=True, help="The reason; the ledger keeps it.")
@options.contracts
@options.lake
def command(
    *, table: str, partition: str, warning: str, why: str, contracts: tuple[str, ...], lake: str | None
) -> None:
    """Accept WARNING of PARTITION of TABLE, which closes it.

    For a table: PARTITION is a partition's name, its first folders, or a day as 2025-06-17; `all` for each partition
    that has the warning; `-` for the table as a whole. WARNING may be several, separated by commas.

    For files in Raw that no table takes: TABLE is `-`, PARTITION is the file or the folder (which covers what comes
    into it later), or `-` for all of them.

    \b
    Examples:
      trustedlake accept tmdb_movies ano=2025/mes=06/dia=18 drift-vote_average --why "the source has dropped it"
      trustedlake accept tmdb_movies all lost --why "the later film is the better one"
      trustedlake accept - Raw/Notes/ untaken-files --why "notes of the team"
    """
    from trustedlake.core.advice import RUNS_FAIL
    from trustedlake.core.shared_points import shared_warnings
    from trustedlake.entrypoints.cli.console import stdout
    from trustedlake.entrypoints.lake import compose
    from trustedlake.errors import ConfigError
    from trustedlake.models.untaken import UNTAKEN_FILES
    from trustedlake.terminal import typed

    if not why.strip():
        raise ConfigError("--why is blank", hint="say why the warning can be closed")
    part = "" if partition == "-" else partition
    if (table == "-") != (warning == UNTAKEN_FILES):
        raise ConfigError(
            f"{UNTAKEN_FILES} is a warning of the lake, and other warnings are of a table",
            hint=f"{typed('status', lake=lake)} shows the command for each of them",
        )
    with compose.home(compose.Place(lake, contracts=contracts)) as home:
        if table == "-":
            for one in home.accept_untaken(part, why):
                told = f"{one.path}: {one.files:,} file(s) that no table takes"
                fails = RUNS_FAIL.format(table=one.fails)
                line = f"accepted: {told} ({why})" if one.why else f"still open: {told}: {fails}"
                stdout().print(line, soft_wrap=True)
            return
        closed = home.accept(table, partition, warning, why)
    for shared in shared_warnings(closed):
        where = f"{shared.where}: " if len(closed) > 1 else ""
        stdout().print(f"accepted: {where}{shared.message} ({why})", soft_wrap=True)
