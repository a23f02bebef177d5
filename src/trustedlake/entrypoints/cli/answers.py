"""Rows of a query on stdout: as a table, CSV, JSON or NDJSON."""

from __future__ import annotations

import csv
import json
import math
import sys
from datetime import date, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def _table(names: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    from trustedlake.entrypoints.cli.rows import show_rows

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
"""Format -> what prints rows in it."""

_WIDE = 40
"""Characters of a value in a table."""

_encode = json.JSONEncoder(ensure_ascii=False).encode


def _document(names: Sequence[str], row: tuple[Any, ...]) -> str:
    return _json_text(dict(zip(names, row, strict=True)))


def _text(value: object) -> str | None:
    """A value as one cell: nested ones as JSON, null as nothing."""
    plain = _plain(value)
    return plain if plain is None or isinstance(plain, str) else _json_text(plain)


def _json_text(value: object) -> str:
    """A value as JSON; a decimal has all its digits, which a float would round."""
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
    """A value as JSON has it: dates as ISO text, what is no number as null, bytes as hexadecimal."""
    match value:
        case float() | Decimal():
            return value if math.isfinite(value) else None
        case bytes():
            return value.hex()
        case None | bool() | int() | list() | tuple() | dict():
            return value
    return value.isoformat() if isinstance(value, date | time) else str(value)
