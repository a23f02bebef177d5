"""Split the text of a JSON file into documents and records, whichever of the accepted shapes it has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustedlake.core.framing.json_text import (
    BLANKS,
    balanced_end,
    members_of,
    scan_object,
    scan_shallow,
    skip_blanks,
    value_end,
)
from trustedlake.core.framing.record import (
    NOT_JSON,
    NOT_OBJECT,
    TRUNCATED,
    not_of,
    object_record,
    rejected,
    scanned_record,
)
from trustedlake.core.framing.source import UnreadableError
from trustedlake.types.source_path import EACH, VALUES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence, Set

    from trustedlake.core.framing.layout import Layout
    from trustedlake.core.framing.record import Record
    from trustedlake.types.source_path import Steps

_SHOWN_CHARS = 40


class JsonReader:
    """Reads the records of one file, from its whole text or from blocks of its lines.

    Attributes:
        shape: shape of what was read so far: `array`, `object`, `page`, `nested`, `values`, `ndjson` or `documents`.
    """

    def __init__(self, layout: Layout, *, lines: bool = False) -> None:
        """Set `lines` if the texts are blocks of whole lines of an NDJSON file."""
        self._layout = layout
        self._lines = lines
        self._surely_lines = lines
        self._documents = 0
        self._objects_only = True
        self.shape = "ndjson" if lines else ""

    def records(self, text: str) -> Iterator[Record]:
        """Yield the records of a text, in order.

        If the first line is one whole object and more lines follow, the file is NDJSON: each line counts by
        itself, and a line that is not JSON becomes one rejected record. Exception: if all documents follow one
        another without a break, they may span lines.

        Raises:
            UnreadableError: the whole file is refused; ignore the records that were yielded before.
        """
        position = _skip(text, 0)
        if not self._lines and position == len(text):
            raise UnreadableError("the file has only blanks", hint="fetch the file again, or remove it from Raw")
        while position < len(text):
            if self._lines:
                end = yield from self._line(text, position)
            else:
                end = yield from self._next_document(text, position)
                if self._documents == 1:
                    self._lines = _is_one_line(text, position, end)
            if self._documents > 1:
                self.shape = "ndjson" if self._lines else "documents"
            position = _skip(text, end)

    def _next_document(self, text: str, start: int) -> Generator[Record, None, int]:
        try:
            end = yield from self._document(text, start)
        except json.JSONDecodeError as error:
            if self._documents and self._objects_only and _is_cut_object(text, start):
                self._documents += 1
                yield rejected(text[start:], TRUNCATED)
                return len(text)
            raise _unreadable(text, start, error) from None
        self._documents += 1
        return end

    def _line(self, text: str, start: int) -> Generator[Record, None, int]:
        found = text.find("\n", start)
        end = len(text) if found < 0 else found
        line = text[start:end].rstrip(BLANKS)
        try:
            # Parse a copy of the line: in the whole text, each JSON error would count all the lines before it.
            records = _collect(self._document(line, 0), line)
        except json.JSONDecodeError:
            if not self._surely_lines:
                self._surely_lines = True
                if _is_sequence(text, start):
                    self._lines = False
                    return (yield from self._next_document(text, start))
            records = [rejected(line, NOT_OBJECT if _is_value(line) else NOT_JSON)]
        if not records and line.startswith("["):
            records = [rejected(line, NOT_OBJECT)]  # an empty list in place of an object
        self._documents += 1
        yield from records
        return end

    def _document(self, text: str, start: int) -> Generator[Record, None, int]:
        if text[start] == "[":
            self._objects_only = False
            self.shape = "array"
        elif text[start] == "{":
            self.shape = "object"
        else:
            raise json.JSONDecodeError("Expecting an array or an object", text, start)
        return (yield from self._records_at(text, start, self._layout.records))

    def _records_at(
        self, text: str, start: int, paths: Sequence[Steps], name: str | None = None
    ) -> Generator[Record, None, int]:
        """Yield the records in the value at `start`, by the first path that fits; return where the value ends.

        `name`: the key whose value this is, if it is a member of an object.
        """
        mark = text[start : start + 1]
        if mark == "[":
            rests = [path[1:] for path in paths if path and path[0] == EACH]
            if rests:
                return (yield from self._elements(text, start, rests))
        elif mark == "{":
            return (yield from self._object(text, start, paths, name))
        end = value_end(text, start)
        yield rejected(text[start:end], NOT_OBJECT)
        return end

    def _object(self, text: str, start: int, paths: Sequence[Steps], name: str | None) -> Generator[Record, None, int]:
        if not paths[0]:
            record, end = object_record(text, start, self._layout, name=name)
            yield record
            return end
        try:
            scanned = scan_object(text, start)
        except RecursionError:
            scanned = scan_object(text, start, scan_shallow)
        for path in paths:
            if not path:
                yield scanned_record(text, start, scanned, self._layout, name=name)
                return scanned.end
            if path[0] == VALUES:
                self.shape = "values"
                for key, member in members_of(text, start):
                    yield from self._records_at(member, 0, [path[1:]], key)
                return scanned.end
            key = path[0].name
            if (
                path[0] != EACH
                and key in scanned.nested
                and leads_to_records(
                    scanned.members.keys(), scanned.members[key] or "", path, self._layout, can_be_record=() in paths
                )
            ):
                self.shape = "page" if path[1:] == (EACH,) else "nested"
                yield from self._records_at(scanned.members[key] or "", 0, [path[1:]])
                return scanned.end
        yield rejected(text[start : scanned.end], not_of(self._layout.table))
        return scanned.end

    def _elements(self, text: str, start: int, paths: Sequence[Steps]) -> Generator[Record, None, int]:
        position = _skip(text, start + 1)
        if text[position : position + 1] == "]":
            return position + 1
        while True:
            end = yield from self._records_at(text, position, paths)
            position = _skip(text, end)
            mark = text[position : position + 1]
            if mark == "]":
                return position + 1
            if mark != ",":
                raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
            position = _skip(text, position + 1)


def leads_to_records(keys: Set[str], text: str, path: Steps, layout: Layout, *, can_be_record: bool) -> bool:
    """Whether the path fits an object with these keys; `text` is the value of the path's first key.

    An object that may be a record and looks like one is not a wrapper. For example, `/tv/{id}/keywords` returns
    `{"id": ..., "results": [...]}`. An object with the table's key and without `page` is not a page.
    """
    if not _fits(text, path[1:]):
        return False
    has_key = not layout.key_keys.isdisjoint(keys)
    is_record = not (layout.other_keys - {path[0].name}).isdisjoint(keys) or (has_key and "page" not in keys)
    return not (can_be_record and is_record)


def _fits(text: str, path: Steps) -> bool:
    """Whether the path leads to a list or object, empty or not."""
    if not path:
        return True
    if path[0] == EACH:
        return text.startswith("[")
    if not text.startswith("{") or path[0] == VALUES:
        return text.startswith("{")
    scanned = scan_object(text, 0, scan_shallow)
    return path[0].name in scanned.nested and _fits(scanned.members[path[0].name] or "", path[1:])


def is_whole_object(line: str, layout: Layout) -> bool:
    """Whether the line is one object and nothing else."""
    try:
        return line.startswith("{") and object_record(line, 0, layout)[1] == len(line.rstrip(BLANKS))
    except json.JSONDecodeError:
        return False


def _skip(text: str, position: int) -> int:
    return skip_blanks(text, position).end()  # type: ignore[union-attr]


def _collect(records: Generator[Record, None, int], line: str) -> list[Record]:
    collected = []
    while True:
        try:
            collected.append(next(records))
        except StopIteration as stop:
            if stop.value < len(line):
                raise json.JSONDecodeError("Extra data", line, stop.value) from None
            return collected


def _is_one_line(text: str, start: int, end: int) -> bool:
    """Whether the document is an object on a line of its own, with more lines after it."""
    following = _skip(text, end)
    return (
        text[start] == "{"
        and following < len(text)
        and text.find("\n", start, end) < 0
        and text.find("\n", end, following) >= 0
    )


def _is_sequence(text: str, start: int) -> bool:
    """Whether only documents follow; the last may be a truncated object if an earlier document spans lines."""
    spans_lines = False
    while start < len(text):
        if text[start] not in "[{":
            return False
        try:
            end = value_end(text, start)
        except json.JSONDecodeError:
            return spans_lines and _is_cut_object(text, start)
        spans_lines = spans_lines or text.find("\n", start, end) >= 0
        start = _skip(text, end)
    return True


def _is_cut_object(text: str, start: int) -> bool:
    return text[start] == "{" and balanced_end(text, start) is None


def _is_value(line: str) -> bool:
    try:
        return value_end(line, 0) == len(line)
    except json.JSONDecodeError:
        return False


def _unreadable(text: str, start: int, error: json.JSONDecodeError) -> UnreadableError:
    place = f"line {error.lineno} column {error.colno}"
    if text[start] not in "[{":
        shown = text[start : start + _SHOWN_CHARS].split("\n", maxsplit=1)[0].rstrip()
        what = f"{place}: expected a JSON array or object, found {shown!r}"
        hint = "fetch the file again; it must contain only JSON"
    elif balanced_end(text, start) is None:
        opened = json.JSONDecodeError("", text, start)
        kind = "array" if text[start] == "[" else "object"
        what = (
            f"{place}: {error.msg}; the {kind} that begins at line {opened.lineno} column {opened.colno} "
            f"is still open at the end of the file: it is truncated"
        )
        hint = "fetch the whole file again"
    else:
        what = f"{place}: {error.msg}"
        hint = "correct the file at this place, or fetch it again"
    return UnreadableError(what, hint=hint)
