"""The grammar of `Column.sources`: which part of which key a column takes."""

from __future__ import annotations

import re
from typing import NamedTuple

_GRAMMAR = re.compile(
    r"""
    (?P<key>[^.\[\]]+)
    (?: (?P<many>\[\])? \. (?P<field>[^.\[\]]+)               # key.field, key[].field
      | \. (?P<inner>[^.\[\]]+) \[\] \. (?P<element>[^.\[\]]+)  # outer.inner[].field
    )?""",
    re.VERBOSE,
)


class ColumnPath(NamedTuple):
    """One source of a column.

        collection                key
        collection.name           key, field
        genres[].name             key, many, field
        keywords.results[].name   key, inner, many, field

    Attributes:
        key: the top-level key.
        inner: key of a list inside the object under `key`.
        many: the field is taken of each element of a list.
        field: field of the object or of each element; None: the value under the key itself.
    """

    key: str
    inner: str | None
    many: bool
    field: str | None


def parse_path(source: str) -> ColumnPath:
    """Read one source.

    Raises:
        ValueError: the text is not in the grammar.
    """
    match = _GRAMMAR.fullmatch(source)
    if not match:
        msg = f"source {source!r}: use `key`, `key.field`, `key[].field` or `outer.inner[].field`"
        raise ValueError(msg)
    field = match["field"] or match["element"]
    return ColumnPath(match["key"], match["inner"], bool(match["many"] or match["inner"]), field)
