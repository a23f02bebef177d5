"""`trustedlake query`."""

from __future__ import annotations

import sys
from itertools import islice

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError

TABLE_ROWS = 50


@click.command("query", short_help="Ask the published tables in SQL.")
@click.argument("sql")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "ndjson"]),
    help="How the rows are printed.  [default: table]",
)
@click.option("--limit", type=click.IntRange(1), help=f"Rows at most.  [default: {TABLE_ROWS} for a table, else all]")
@options.lake
@options.contracts
@options.inputs
@options.target
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
def command(
    *,
    sql: str,
    form: str | None,
    limit: int | None,
    lake: str | None,
    contracts: tuple[str, ...],
    inputs: tuple[str, ...],
    target: str | None,
    as_json: bool,
) -> None:
    """Ask SQL, one SELECT in DuckDB's dialect, over what is published; `-` reads it from stdin.

    Tables: tmdb_movies, tmdb_series, local_movies, local_series; tmdb_movies_current and
    tmdb_series_current have the latest ingestion of each id. ano, mes and dia are strings ('06'):
    comparing them with text reads those days only. Nothing is written, no other file is read.
    _runs, _partitions, _files, _quarantine and _warnings tell what happened in the lake.

    \b
    Examples:
      trustedlake query "SELECT title, vote_average FROM tmdb_movies_current ORDER BY 2 DESC" --limit 5
      trustedlake query "SELECT count(*) FROM tmdb_movies WHERE ano = '2025' AND mes = '06'"
      trustedlake query "DESCRIBE local_movies"
      trustedlake query "FROM tmdb_series" --format ndjson --lake s3://bucket/lake
    """
    from trustedlake.entrypoints.cli import answers, streams
    from trustedlake.entrypoints.places import Place
    from trustedlake.entrypoints.querying import querying

    if as_json and form not in {None, "json"}:
        raise ConfigError(f"--json and --format {form} exclude each other", hint="give one of them")
    form = form or ("json" if as_json else "table")
    try:
        text = sys.stdin.read() if sql == "-" else sql
        text.encode()
    except UnicodeError as error:
        raise ConfigError(f"the SQL is not text in UTF-8: {error}", hint="save it, or type it, as UTF-8") from error
    most = limit or (TABLE_ROWS if form == "table" else None)
    with querying(Place(lake, inputs, target, contracts)) as tables:
        answer = tables.ask(text)
        answers.PRINTERS[form](answer.names, streams.wanted(islice(answer.rows, most)))
        if most and next(answer.rows, None) is not None:
            click.echo(f"only the first {most:,} rows: --limit {most * 10} shows more", err=True)
