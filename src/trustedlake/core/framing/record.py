"""One JSON object -> one record: its text, its members, and what already forbids it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.framing.json_text import (
    has_surrogate_escape,
    nested_end,
    replace_surrogates,
    scan_object,
    too_deep,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.core.framing.json_text import ScannedObject
    from trustedlake.core.framing.layout import Layout

NOT_OBJECT = "record|not_object"
NOT_JSON = "record|not_json"
NO_MOVIE = "record|no_movie"
TRUNCATED = "record|truncated"
DEPTH = "record|depth"

_NO_MEMBERS: Mapping[str, str | None] = {}


class Record(NamedTuple):
    """A record of a JSON file.

    Attributes:
        raw: exactly its text in the file.
        members: key -> text of the value, None for null; empty where there is no object to read.
        problem: None, or reasons `x|rule` joined by commas.
    """

    raw: str
    members: Mapping[str, str | None]
    problem: str | None


def rejected(raw: str, reason: str) -> Record:
    """A record without members."""
    return Record(raw, _NO_MEMBERS, reason)


def object_record(text: str, start: int, layout: Layout) -> tuple[Record, int]:
    """The record whose `{` is at `start`, and the index behind it.

    Raises:
        json.JSONDecodeError: it is not JSON.
    """
    try:
        scanned = scan_object(text, start)
    except RecursionError:
        end = nested_end(text, start)
        return rejected(text[start:end], DEPTH), end
    return scanned_record(text, start, scanned, layout), scanned.end


def scanned_record(text: str, start: int, scanned: ScannedObject, layout: Layout) -> Record:
    """The record of an object that was walked already."""
    raw = text[start : scanned.end]
    if too_deep(raw):
        return rejected(raw, DEPTH)
    if has_surrogate_escape(raw):
        scanned = replace_surrogates(scanned)
    members = scanned.members
    problem = None
    for key, value in scanned.nested:
        # A later equal key may have replaced the nested value by a text.
        if key in layout.texts and members[key] is value:
            reason = f"{layout.texts[key]}|type"
            problem = reason if problem is None else f"{problem},{reason}"
            members[key] = None
    return Record(raw, members, problem)
