"""The header line of a pipe-separated file: which column stands where, or why the file can't be read."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trustedlake.core.framing.source import UnreadableError

if TYPE_CHECKING:
    from trustedlake.core.framing.layout import Layout

SEPARATOR = "|"
_OTHER_SEPARATORS = {";": "';'", ",": "','", "\t": "a tab"}
_SHOWN_CHARS = 60
_SHOWN_NAMES = 5
MAX_NAMES = 10_000
"""Names that a header may have: each is a column in memory, however short the lines are."""

MAX_HEADER_CHARS = 1 << 20


def cells(line: str) -> list[str]:
    """The names in a header line, without the blanks and the byte order mark around them."""
    return [cell.strip().strip("\ufeff").strip() for cell in line.split(SEPARATOR)]


def read_header(line: str, number: int, layout: Layout) -> list[str]:
    """The column names of a file, from its first line that isn't blank (line `number` of the file).

    Raises:
        UnreadableError: it is no header with the contract's key column, or two columns have one name, or it has
            more than MAX_NAMES names or MAX_HEADER_CHARS characters.
    """
    if len(line) > MAX_HEADER_CHARS or line.count(SEPARATOR) >= MAX_NAMES:
        raise UnreadableError(
            f"line {number}: a header of more than {MAX_NAMES:,} names or {MAX_HEADER_CHARS >> 20} MB",
            hint="see whether the file is what its name says",
        )
    header = cells(line)
    if layout.text_columns.keys().isdisjoint(header):
        raise _no_header(line, number, layout)
    twins = [repr(name[:_SHOWN_CHARS]) for name, count in Counter(header).items() if count > 1]
    twins += [" and ".join(map(repr, keys)) for keys in layout.columns.values() if len({*keys} & {*header}) > 1]
    if twins:
        raise UnreadableError(
            f"line {number}: two columns are one and the same: {', '.join(twins[:_SHOWN_NAMES])}",
            hint="keep one of them and name the other differently",
        )
    if layout.key_keys.isdisjoint(header):
        raise UnreadableError(
            f"line {number}: the header has no column {layout.key!r}",
            hint=f"the columns are found by name; name the one with the identifier {layout.key!r}",
        )
    return header


def _no_header(line: str, number: int, layout: Layout) -> UnreadableError:
    for separator, name in _OTHER_SEPARATORS.items():
        if not layout.text_columns.keys().isdisjoint(cells(line.replace('"', "").replace(separator, SEPARATOR))):
            return UnreadableError(
                f"line {number}: the columns are separated by {name}, not by '|'",
                hint="save the file with '|' between the columns, without quotes",
            )
    return UnreadableError(
        f"line {number}: no header: none of the contract's column names in {line[:_SHOWN_CHARS]!r}",
        hint=f"the first line must name the columns: {SEPARATOR.join(layout.columns)}",
    )
