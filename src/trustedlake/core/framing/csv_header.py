"""The header of a CSV file: which column stands where, or why the file can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.framing.source import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.core.framing.dialect import Dialect
    from trustedlake.core.framing.layout import Layout

_SEPARATORS = {"|": "'|'", ";": "';'", ",": "','", "\t": "a tab"}
_SHOWN_CHARS = 60
MAX_NAMES = 10_000
"""Names that a header may have: each is a column in memory, however short the lines are."""

MAX_HEADER_CHARS = 1 << 20


def cells(fields: Sequence[str]) -> list[str]:
    """The names in a header, without the blanks and the byte order mark around them."""
    return [cell.strip().strip("\ufeff").strip() for cell in fields]


def distinct(names: Sequence[str]) -> list[str]:
    """The names, a repeated one with its number: `id, id` -> `id, id#2`; no two are equal then."""
    given = set(names)
    result: dict[str, None] = {}
    numbers = dict.fromkeys(given, 1)
    for name in names:
        one = name
        while one in result or (one != name and one in given):
            numbers[name] += 1
            one = f"{name}#{numbers[name]}"
        result[one] = None
    return list(result)


def read_header(fields: Sequence[str], line: str, number: int, layout: Layout, dialect: Dialect) -> list[str]:
    """The column names of a file, from its first record that isn't blank (line `number` of the file).

    Raises:
        UnreadableError: it is no header with the contract's key columns, or has more than MAX_NAMES names or
            MAX_HEADER_CHARS characters.
    """
    if len(line) > MAX_HEADER_CHARS or len(fields) > MAX_NAMES:
        raise UnreadableError(
            f"line {number}: a header of more than {MAX_NAMES:,} names or {MAX_HEADER_CHARS >> 20} MB",
            hint="see whether the file is what its name says",
        )
    header = cells(fields)
    if layout.keys.isdisjoint(header):
        raise _no_header(line, number, layout, dialect)
    for name in layout.key:
        keys = layout.readers[name].keys
        if set(keys).isdisjoint(header):
            raise UnreadableError(
                f"line {number}: the header has no column {name!r}",
                hint=f"the columns are found by name; name the one with the identifier {name!r}, or give the"
                " contract a synonym",
            )
    return distinct(header)


def _no_header(line: str, number: int, layout: Layout, dialect: Dialect) -> UnreadableError:
    mine = _SEPARATORS.get(dialect.delimiter, repr(dialect.delimiter))
    for separator, name in _SEPARATORS.items():
        others = cells(line.replace('"', "").split(separator))
        if separator != dialect.delimiter and not layout.keys.isdisjoint(others):
            return UnreadableError(
                f"line {number}: the columns are separated by {name}, not by {mine}",
                hint=f"a contract with `delimiter: {separator!r}` reads it (trustedlake contract init --from FILE);"
                " or save the file with the separator that the contract has",
            )
    return UnreadableError(
        f"line {number}: no header: none of the contract's column names in {line[:_SHOWN_CHARS]!r}",
        hint=f"the first line must name the columns: {dialect.delimiter.join(layout.readers)}",
    )
