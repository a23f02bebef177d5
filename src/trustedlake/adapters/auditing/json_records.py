"""Finds the shape of a JSON file and its records, with the second parser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trustedlake.adapters.auditing.column_texts import keys_of
from trustedlake.adapters.auditing.json_values import (
    BLANKS,
    MAX_DEPTH,
    ORJSON_DEPTH,
    Element,
    NotJsonError,
    end_of,
    members,
    parse,
    skip,
)
from trustedlake.types.source_path import MEMBER_NAME, parse_records

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from trustedlake.models.contract import Contract
    from trustedlake.types.source_path import Steps

_LINE_OF_LIST = re.compile(rb"^[ \t\r]*\[", re.MULTILINE)


class UnreadableFileError(ValueError):
    """The whole file is rejected."""


class PendingLine:
    """A line that comes in pieces: joined once, and rejected as soon as it has more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, piece: bytes) -> None:
        """Add the next piece; the line end doesn't count."""
        self._length += len(piece)
        if self._length > self._limit and self._length - len(piece) + len(piece.rstrip(b"\r\n")) > self._limit:
            raise UnreadableFileError(f"a line of more than {self._limit} bytes")
        self._pieces.append(piece)

    def ends_with(self, end: bytes) -> bool:
        """Return whether the last piece ends with `end`."""
        return bool(self._pieces) and self._pieces[-1].endswith(end)

    def take(self) -> bytes:
        """Return the line, and start a new one."""
        line = b"".join(self._pieces)
        self._pieces, self._length = [], 0
        return line


class JsonAudit:
    """Knows from a contract where its records are, and what tells a record from an object around records."""

    def __init__(self, contract: Contract) -> None:
        keys = {column.name: keys_of(column) for column in contract.columns}
        self._paths = [parse_records(path) for path in contract.raw.records]
        self._key_keys = frozenset(one for name in contract.key for one in keys[name])
        self._other_keys = frozenset(one for name, some in keys.items() if name not in contract.key for one in some)
        self._named = any(MEMBER_NAME in some for some in keys.values())

    def elements(self, content: bytes) -> Iterator[Element]:
        """Yield the records of a whole file, one in memory at a time.

        Raises:
            UnreadableFileError: the file is rejected; ignore what was yielded before.
        """
        position = skip(content, 0)
        if position == len(content):
            raise UnreadableFileError("the file has only blanks")
        yield from self._documents(content, position)

    def lines(self, lines: Iterable[bytes]) -> Iterator[Element]:
        """Yield the records of a file that is too large to be read whole, line by line.

        Raises:
            UnreadableFileError: its first line is not an object.
        """
        first = True
        for line in lines:
            text = line.strip(BLANKS)
            if not text:
                continue
            found = self._line(text)
            if first and (found is None or not text.startswith(b"{")):
                raise UnreadableFileError("too large to read whole, and its first line is not an object")
            first = False
            yield from [Element(text, None)] if found is None else found

    def _documents(self, content: bytes, start: int) -> Iterator[Element]:
        """Yield the records: NDJSON if the first line is one object and more lines follow, else plain documents."""
        try:
            end = yield from self._document(content, start)
        except NotJsonError as error:
            raise UnreadableFileError(str(error)) from None
        objects_only = content[start : start + 1] == b"{"
        if _begins_lines(content, start, end):
            start = yield from self._as_lines(content, skip(content, end))
            objects_only = _LINE_OF_LIST.search(content, 0, start) is None
        else:
            start = skip(content, end)
        while start < len(content):
            try:
                end = yield from self._document(content, start)
            except NotJsonError as error:
                if not (objects_only and _is_cut_object(content, start)):
                    raise UnreadableFileError(str(error)) from None
                yield Element(content[start:], None)
                return
            objects_only = objects_only and content[start : start + 1] == b"{"
            start = skip(content, end)

    def _as_lines(self, content: bytes, start: int) -> Generator[Element, None, int]:
        """Yield the records of the lines from `start`; return where NDJSON ends, which may be the end of the file."""
        surely_lines = False
        while start < len(content):
            end = _line_end(content, start)
            found = self._line(content[start:end])
            if found is None and not surely_lines:
                if _is_sequence(content, start):
                    return start
                surely_lines = True
            yield from [Element(content[start:end].rstrip(BLANKS), None)] if found is None else found
            start = skip(content, end)
        return start

    def _line(self, line: bytes) -> list[Element] | None:
        """Return the records of one line; None if the line is not exactly one document."""
        text = line.rstrip(BLANKS)
        found: list[Element] = []
        try:
            end = _collect(found, self._document(text, 0))
        except NotJsonError:
            return None
        if end != len(text):
            return None
        return found or ([Element(text, None)] if text.startswith(b"[") else [])

    def _document(self, content: bytes, start: int) -> Generator[Element, None, int]:
        """Yield the records of the document at `start`, return its end. Raises NotJsonError, UnreadableFileError."""
        if content[start : start + 1] not in (b"[", b"{"):
            raise NotJsonError(f"byte {start}: neither an array nor an object begins here")
        return (yield from self._value(content, start, self._paths))

    def _value(
        self, content: bytes, start: int, paths: Sequence[Steps], name: str | None = None
    ) -> Generator[Element, None, int]:
        """Yield the records of the value at `start`, return its end. `name` is the member that has the value."""
        if content[start : start + 1] == b"[":
            rests = [path[1:] for path in paths if path and path[0].kind == "each"]
            if rests:
                return (yield from self._list(content, start, rests))
        end, depth = end_of(content, start)
        text = content[start:end]
        value = parse(text, depth)
        if isinstance(value, dict):
            yield from self._object(text, value, depth, paths, name)
        else:
            yield Element(text, None)
        return end

    def _object(
        self, text: bytes, value: dict[str, Any], depth: int, paths: Sequence[Steps], name: str | None
    ) -> Iterator[Element]:
        """Yield the records of an object by the first path that fits; if none fits, yield it as one without a value."""
        for path in paths:
            if not path:
                if name is not None and self._named:
                    value = {**value, MEMBER_NAME: name}
                yield Element(text, value if depth <= MAX_DEPTH else None, name)
                return
            if path[0].kind == "values":
                for key, member in members(text):
                    yield from self._value(member, 0, [path[1:]], key)
                return
            if path[0].kind == "key":
                known = value if depth <= ORJSON_DEPTH else dict(members(text))
                if path[0].name in known and not (() in paths and self._is_record(known, path[0].name)):
                    held = dict(members(text))[path[0].name]
                    if held[:1] in (b"[", b"{") and _fits(held, path[1:]):
                        yield from self._value(held, 0, [path[1:]])
                        return
        yield Element(text, None)

    def _is_record(self, value: Mapping[str, Any], name: str) -> bool:
        """Tell whether an object with records at `name` is a record itself.

        It is one if it has another column of the table, or if it has the table's key and no member `page`, which
        pages of TMDB's lists have.
        """
        has_key = not self._key_keys.isdisjoint(value)
        return not (self._other_keys - {name}).isdisjoint(value) or (has_key and "page" not in value)

    def _list(self, content: bytes, start: int, paths: Sequence[Steps]) -> Generator[Element, None, int]:
        position = skip(content, start + 1)
        if content[position : position + 1] == b"]":
            return position + 1
        while True:
            end = yield from self._value(content, position, paths)
            position = skip(content, end)
            mark = content[position : position + 1]
            if mark == b"]":
                return position + 1
            if mark != b",":
                raise NotJsonError(f"byte {position}: a comma is missing in an array")
            position = skip(content, position + 1)


def _fits(text: bytes, path: Steps) -> bool:
    """Return whether the list or object that the rest of a path leads to exists."""
    if not path:
        return True
    if path[0].kind == "each":
        return text.startswith(b"[")
    if path[0].kind == "values" or not text.startswith(b"{"):
        return text.startswith(b"{")
    held = dict(members(text)).get(path[0].name, b"")
    return held[:1] in (b"[", b"{") and _fits(held, path[1:])


def _collect(found: list[Element], elements: Generator[Element, None, int]) -> int:
    """Collect the yielded elements; return the generator's return value."""
    while True:
        try:
            found.append(next(elements))
        except StopIteration as stop:
            return int(stop.value)


def _line_end(content: bytes, start: int) -> int:
    found = content.find(b"\n", start)
    return len(content) if found < 0 else found


def _begins_lines(content: bytes, start: int, end: int) -> bool:
    """Return whether the document is an object on a line by itself, with more after it."""
    following = skip(content, end)
    return (
        content[start : start + 1] == b"{"
        and following < len(content)
        and b"\n" not in content[start:end]
        and b"\n" in content[end:following]
    )


def _is_sequence(content: bytes, start: int) -> bool:
    """Return whether only documents follow; the last may be a truncated object if a document spans several lines."""
    spans_lines = False
    while start < len(content):
        if content[start : start + 1] not in (b"[", b"{"):
            return False
        try:
            end, depth = end_of(content, start)
            parse(content[start:end], depth)
        except NotJsonError:
            return spans_lines and _is_cut_object(content, start)
        spans_lines = spans_lines or b"\n" in content[start:end]
        start = skip(content, end)
    return True


def _is_cut_object(content: bytes, start: int) -> bool:
    if content[start : start + 1] != b"{":
        return False
    try:
        end_of(content, start)
    except NotJsonError:
        return True
    return False
