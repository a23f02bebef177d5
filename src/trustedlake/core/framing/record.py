"""Turn one JSON object into one record: its text, its members, and the problem if it has to be rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.core.framing.json_text import (
    has_surrogate_escape,
    nested_end,
    replace_surrogates,
    scan_object,
    too_deep,
)
from trustedlake.types.source_path import MEMBER_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.core.framing.json_text import ScannedObject
    from trustedlake.core.framing.layout import Layout

NOT_OBJECT = "record|not_object"
NOT_JSON = "record|not_json"
TRUNCATED = "record|truncated"
DEPTH = "record|depth"

_NONE: Mapping[str, Any] = {}


def not_of(table: str) -> str:
    """Return the reason for a record that belongs neither to the table nor to another table of the same folder."""
    return f"record|not_{table}"


class Record(NamedTuple):
    """A record of a JSON file.

    Attributes:
        raw: its exact text in the file.
        members: key -> text of the value, None for null; empty if there is no object to read.
        nested: key -> parsed value, for the arrays and objects that a column may need.
        problem: None, or a reason `record|rule`.
    """

    raw: str
    members: Mapping[str, str | None]
    nested: Mapping[str, Any]
    problem: str | None


def rejected(raw: str, reason: str) -> Record:
    """Make a record without members."""
    return Record(raw, _NONE, _NONE, reason)


def object_record(text: str, start: int, layout: Layout, *, name: str | None = None) -> tuple[Record, int]:
    """Read the record whose `{` is at `start`; return it and the index after it.

    `name`: the key whose value the object is, if any.

    Raises:
        json.JSONDecodeError: it is not JSON.
    """
    try:
        scanned = scan_object(text, start)
    except RecursionError:
        end = nested_end(text, start)
        return rejected(text[start:end], DEPTH), end
    return scanned_record(text, start, scanned, layout, name=name), scanned.end


def scanned_record(text: str, start: int, scanned: ScannedObject, layout: Layout, *, name: str | None = None) -> Record:
    """Make the record of an object that was already scanned."""
    raw = text[start : scanned.end]
    if too_deep(raw):
        return rejected(raw, DEPTH)
    if has_surrogate_escape(raw):
        scanned = replace_surrogates(scanned)
    members, nested = scanned.members, scanned.nested
    if nested:
        # Drop values that no column takes: they would fill the memory until the batch is full.
        nested = {key: value for key, value in nested.items() if key in layout.keys}
    if name is not None and MEMBER_NAME in layout.keys:
        members = {**members, MEMBER_NAME: name}
    return Record(raw, members, nested, None)
