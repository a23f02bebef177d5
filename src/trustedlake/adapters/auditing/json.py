"""The records of a JSON file, told by the second parser: which shape it has, and where each record is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.adapters.auditing.values import BLANKS, MAX_DEPTH, NotJsonError, end_of, members, parse, skip

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping

    from trustedlake.models.contract import Contract

_LINE_OF_LIST = re.compile(rb"^[ \t\r]*\[", re.MULTILINE)


class UnreadableFileError(ValueError):
    """The file is refused whole."""


class PendingLine:
    """A line that comes in pieces: joined once, and refused as soon as it has more than `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[bytes] = []
        self._length = 0

    def add(self, piece: bytes) -> None:
        """Take the next piece; the line's end doesn't count."""
        self._length += len(piece)
        if self._length > self._limit and self._length - len(piece) + len(piece.rstrip(b"\r\n")) > self._limit:
            raise UnreadableFileError(f"a line of more than {self._limit} bytes")
        self._pieces.append(piece)

    def ends_with(self, end: bytes) -> bool:
        """Whether the last piece ends so."""
        return bool(self._pieces) and self._pieces[-1].endswith(end)

    def take(self) -> bytes:
        """The line, which begins anew."""
        line = b"".join(self._pieces)
        self._pieces, self._length = [], 0
        return line


class Element(NamedTuple):
    """A record: its exact text and, if it is one readable object, its members."""

    text: bytes
    value: Mapping[str, Any] | None


class JsonAudit:
    """What a contract asks of JSON: which keys make a film, and which a page."""

    def __init__(self, contract: Contract) -> None:
        keys = {column.name: column.keys for column in contract.columns}
        required = {contract.key, *(column.name for column in contract.columns if column.required)}
        self._key_keys = frozenset(keys[contract.key])
        self._film_keys = frozenset(key for names in keys.values() for key in names) - self._key_keys
        self._record_keys = frozenset(key for name in required for key in keys[name])

    def elements(self, content: bytes) -> Iterator[Element]:
        """The records of a whole file, one in memory at a time.

        Raises:
            UnreadableFileError: the file is refused; what was yielded before counts for nothing.
        """
        position = skip(content, 0)
        if position == len(content):
            raise UnreadableFileError("blanks only")
        is_empty, has_films = True, False
        for element in self._documents(content, position):
            is_empty = False
            has_films = has_films or self._is_film(element)
            yield element
        if not (is_empty or has_films):
            raise UnreadableFileError("no record has a column of the contract besides the key")

    def lines(self, lines: Iterable[bytes]) -> Iterator[Element]:
        """The records of a file too large to be read whole: one line after another.

        Raises:
            UnreadableFileError: its first line is no object.
        """
        first = True
        for line in lines:
            text = line.strip(BLANKS)
            if not text:
                continue
            found = self._line(text)
            if first and (found is None or not text.startswith(b"{")):
                raise UnreadableFileError("too large to be read whole, and its first line is no object")
            first = False
            yield from [Element(text, None)] if found is None else found

    def _documents(self, content: bytes, start: int) -> Iterator[Element]:
        """One object on a line by itself and more lines after it are NDJSON; all else are documents."""
        try:
            end = yield from self._document(content, start, alone=True)
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
        """The records of the lines from `start`; returns where lines stop to count, the end if they don't."""
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
        """The records of one line; None if it is not one document."""
        text = line.rstrip(BLANKS)
        found: list[Element] = []
        try:
            end = _collect(found, self._document(text, 0))
        except NotJsonError:
            return None
        if end != len(text):
            return None
        return found or ([Element(text, None)] if text.startswith(b"[") else [])

    def _document(self, content: bytes, start: int, *, alone: bool = False) -> Generator[Element, None, int]:
        """The records of the document at `start`; returns where it ends. Raises NotJsonError, UnreadableFileError."""
        mark = content[start : start + 1]
        if mark == b"[":
            return (yield from _list_elements(content, start))
        if mark != b"{":
            raise NotJsonError(f"byte {start}: neither an array nor an object begins here")
        end, depth = end_of(content, start)
        text = content[start:end]
        value = parse(text, depth)
        if self._is_page(value):
            yield from _list_elements(dict(members(text))["results"], 0)
            return end
        if alone and self._record_keys.isdisjoint(value) and skip(content, end) == len(content):
            raise UnreadableFileError("a document that holds no movies")
        yield Element(text, value if depth <= MAX_DEPTH else None)
        return end

    def _is_page(self, value: Mapping[str, Any]) -> bool:
        has_key = not self._key_keys.isdisjoint(value)
        return (
            isinstance(value.get("results"), list)
            and self._film_keys.isdisjoint(value)
            and (not has_key or "page" in value)
        )

    def _is_film(self, element: Element) -> bool:
        return element.value is not None and not self._film_keys.isdisjoint(element.value)


def _list_elements(content: bytes, start: int) -> Generator[Element, None, int]:
    position = skip(content, start + 1)
    if content[position : position + 1] == b"]":
        return position + 1
    while True:
        end, depth = end_of(content, position)
        text = content[position:end]
        value = parse(text, depth)
        yield Element(text, value if isinstance(value, dict) and depth <= MAX_DEPTH else None)
        position = skip(content, end)
        mark = content[position : position + 1]
        if mark == b"]":
            return position + 1
        if mark != b",":
            raise NotJsonError(f"byte {position}: an array goes on without a comma")
        position = skip(content, position + 1)


def _collect(found: list[Element], elements: Generator[Element, None, int]) -> int:
    """Collect what is yielded; return what is returned."""
    while True:
        try:
            found.append(next(elements))
        except StopIteration as stop:
            return int(stop.value)


def _line_end(content: bytes, start: int) -> int:
    found = content.find(b"\n", start)
    return len(content) if found < 0 else found


def _begins_lines(content: bytes, start: int, end: int) -> bool:
    """Whether the document is an object on a line by itself, with more after it."""
    following = skip(content, end)
    return (
        content[start : start + 1] == b"{"
        and following < len(content)
        and b"\n" not in content[start:end]
        and b"\n" in content[end:following]
    )


def _is_sequence(content: bytes, start: int) -> bool:
    """Whether documents follow one another to the end, or to a cut object after one that spans lines."""
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
