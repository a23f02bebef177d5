"""`trustedlake query`."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, time
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def _table(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    from trustedlake.entrypoints.cli.record_rows import show_rows

    texts = [dict(zip(names, (_text(value) for value in row), strict=True)) for row in rows]
    shown = show_rows(names, texts, width=_WIDE)
    click.echo(f"{len(texts):,} row(s)", err=True)
    if shown < len(names):
        hidden = ", ".join(names[shown:])
        click.echo(f"columns that did not fit: {hidden}; --format csv or json prints all", err=True)


def _csv(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_text(value) for value in row] for row in rows)


def _json(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    before = "["
    for row in rows:
        click.echo(f"{before}\n{_document(names, row)}", nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def _ndjson(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    for row in rows:
        click.echo(_document(names, row))


PRINTERS: dict[str, Callable[[Sequence[str], Iterable[tuple[Any, ...]]], None]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
    "ndjson": _ndjson,
}
"""Format -> function that prints rows in it."""

_WIDE = 40
"""Maximum characters of a value in a table."""

_encode = json.JSONEncoder(ensure_ascii=False).encode


def _document(names: Sequence[str], row: tuple[Any, ...]) -> str:
    return _json_text(dict(zip(names, row, strict=True)))


def _text(value: object) -> str | None:
    """Return a value as one cell: nested values as JSON, null as None."""
    plain = _plain(value)
    return plain if plain is None or isinstance(plain, str) else _json_text(plain)


def _json_text(value: object) -> str:
    """Return a value as JSON; a decimal keeps all its digits, which a float would round."""
    match value:
        case Decimal() if value.is_finite():
            return f"{value:f}"
        case list() | tuple():
            return f"[{', '.join(map(_json_text, value))}]"
        case dict():
            members = (f"{_encode(str(key))}: {_json_text(one)}" for key, one in value.items())
            return f"{{{', '.join(members)}}}"
    return _encode(_plain(value))


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON, decimals, and lists and maps of any value
    """Return a value as in JSON: dates as ISO text, NaN and infinity as null, bytes as hexadecimal."""
    match value:
        case float() | Decimal():
            return value if math.isfinite(value) else None
        case bytes():
            return value.hex()
        case None | bool() | int() | list() | tuple() | dict():
            return value
    return value.isoformat() if isinstance(value, date | time) else str(value)


TABLE_ROWS = 50


@click.command("query", short_help="Query the published tables in SQL.")
@click.argument("sql")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json", "ndjson"]),
    help="Output format of the rows.  [default: table]",
)
@click.option(
    "--limit", type=click.IntRange(1), help=f"Maximum number of rows.  [default: {TABLE_ROWS} for a table, else all]"
)
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
    """Query the published tables: one SELECT in DuckDB's dialect; `-` reads it from stdin.

    Tables: your own and the built-in ones (tmdb_movies, tmdb_series, local_movies, local_series);
    tmdb_movies_current and tmdb_series_current have the latest ingestion of each id. ano, mes and
    dia are strings ('06'): comparing them with text reads those days only. It writes nothing and
    reads no other file. _runs, _partitions, _files, _quarantine and _warnings show what happened
    in the lake.

    \b
    Examples:
      trustedlake query "SELECT title, vote_average FROM tmdb_movies_current ORDER BY 2 DESC" --limit 5
      trustedlake query "SELECT count(*) FROM tmdb_movies WHERE ano = '2025' AND mes = '06'"
      trustedlake query "DESCRIBE local_movies"
      trustedlake query "FROM tmdb_series" --format ndjson --lake s3://bucket/lake
    """
    from trustedlake.entrypoints.cli import streams
    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.entrypoints.wiring.lake_query import querying

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
        PRINTERS[form](answer.names, streams.wanted(islice(answer.rows, most)))
        if most and next(answer.rows, None) is not None:
            click.echo(f"only the first {most:,} rows: --limit {most * 10} shows more", err=True)
