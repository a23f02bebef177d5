"""Options that several commands share; each stands here once."""

from __future__ import annotations

import click

lake = click.option(
    "--lake",
    metavar="FOLDER",
    envvar="TRUSTEDLAKE_LAKE",
    help="The lake's folder, or s3://bucket/prefix.  [default: ./lake; env: TRUSTEDLAKE_LAKE]",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document on stdout and nothing else.")
verbose = click.option("--verbose", is_flag=True, help="Show the engine's own messages too.")
entity = click.option(
    "--entity",
    type=click.Choice(["movies", "series"]),
    help="Only this entity.  [default: each whose folder exists]",
)
