"""Options that several commands share, each defined once."""

from __future__ import annotations

from typing import get_args

import click

from trustedlake.models.choices import EntityName, NotifyOn, SourceName


def _unless_blank(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Return the value; None for a blank one, which docker compose and CI make from an unset variable."""
    return value if value and value.strip() else None


lake = click.option(
    "--lake",
    metavar="FOLDER",
    callback=_unless_blank,
    envvar="TRUSTEDLAKE_LAKE",
    help="The lake's folder, or s3://bucket/prefix.  [default: ./lake; env: TRUSTEDLAKE_LAKE]",
)
inputs = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar="FOLDER",
    help="The --input given to to-trusted; needed if the raw files are not in the lake.",
)
target = click.option(
    "--target",
    metavar="FOLDER",
    help="The --target given to to-trusted; needed if the table is not in the lake.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
verbose = click.option("--verbose", is_flag=True, help="Show the engine's own messages too.")
entity = click.option(
    "--entity",
    type=click.Choice(get_args(EntityName)),
    help="Only the built-in tables of this entity.",
)
source = click.option(
    "--source", type=click.Choice(get_args(SourceName)), help="Only the built-in tables of this source."
)
tables = click.option("--table", "tables", multiple=True, metavar="NAME", help="Only this table; may be repeated.")
contracts = click.option(
    "--contracts",
    multiple=True,
    metavar="PATH",
    help="A contract file, or a folder of them, besides the lake's own contracts/; may be repeated."
    "  [env: TRUSTEDLAKE_CONTRACTS]",
)
database = click.option("--database", default="filmes-db", show_default=True, help="The catalog's database.")
openlineage = click.option(
    "--openlineage",
    metavar="URL|FILE",
    callback=_unless_blank,
    help="Send OpenLineage events to this address, or append them to this file (extra [lineage])."
    "  [env: OPENLINEAGE_URL]",
)
notify = click.option(
    "--notify",
    metavar="COMMAND",
    help="Run this command, without a shell, when a run does not exit 0; the report is its stdin.",
)
notify_on = click.option(
    "--notify-on",
    type=click.Choice(get_args(NotifyOn)),
    default="failure",
    show_default=True,
    help="When to run --notify.",
)
