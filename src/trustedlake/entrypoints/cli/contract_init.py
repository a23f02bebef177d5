"""`trustedlake contract init`."""

from __future__ import annotations

import click

from trustedlake.entrypoints.cli import options


@click.command("init", short_help="Look at raw files and write a contract that loads them.")
@click.option(
    "--from",
    "sources",
    metavar="FILE|FOLDER",
    multiple=True,
    required=True,
    help="Raw files to read, all records; may be repeated.",
)
@click.option("--table", metavar="NAME", required=True, help="Name of the new table.")
@click.option(
    "--path", metavar="TEMPLATE", help="Folder template, e.g. Raw/trips/{ano:04d}/{mes:02d}.  [default: found]"
)
@click.option(
    "--lake",
    metavar="FOLDER",
    help="The lake's folder; the template is relative to it.  [default: the folder that has Raw]",
)
@click.option("-o", "--output", metavar="FILE", help="Write the contract there.  [default: stdout]")
@options.as_json
def command(
    *, sources: tuple[str, ...], table: str, path: str | None, lake: str | None, output: str | None, as_json: bool
) -> int:
    """Look at every record of raw files and write a contract that loads them.

    It finds where the records are, the columns and their types, how dates, numbers and nulls are
    written, the key, and the partition from the folders. Comments in the contract say what it was
    not sure of: read them, correct what is wrong, then run the command that it prints.

    \b
    Examples:
      trustedlake contract init --from lake/Raw/trips --table trips -o lake/contracts/trips.odcs.yaml
      trustedlake contract init --from films.json --table filmes --lake lake
    """
    from trustedlake.entrypoints.wiring.contract_proposal import propose_contract

    proposal = propose_contract(sources, table, path=path, lake=lake, output=output)
    if as_json:
        import json

        click.echo(json.dumps(proposal.document(), ensure_ascii=False, indent=2))
        return 0
    if output is None:
        click.echo(proposal.text, nl=False)
    click.echo(proposal.told(), err=output is None)
    return 0
