"""Finds the records of a CSV file by plain string operations, without a CSV reader."""

from __future__ import annotations

import codecs
from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.adapters.auditing.column_texts import RecordWitness, keys_of
from trustedlake.adapters.auditing.json_records import PendingLine, UnreadableFileError
from trustedlake.adapters.auditing.record_table import AuditedSelection, Share
from trustedlake.core.auditing import Census

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.models.contract import Contract
    from trustedlake.models.raw import Dialect

MAX_NAMES = 10_000
MAX_HEADER_CHARS = 1 << 20
_NO_UTF8 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE, b"\x1f\x8b")


class Line(NamedTuple):
    """A record: number of its first line, count of lines, text, and fields (ignored if the record is blank)."""

    number: int
    lines: int
    raw: bytes
    fields: Sequence[bytes]


def take_lines(blocks: Iterable[bytes], contract: Contract, others: Sequence[Contract], max_line: int) -> Census:
    """Take the census of a CSV file; a record's index is the number of its first line, counted from 1.

    Raises:
        UnreadableFileError: it is not in the contract's dialect, has no header with the key columns, or has a line of
            more than `max_line` bytes.
    """
    dialect = contract.raw.dialect
    lines = _lines(_utf8(blocks, dialect), max_line)
    for number in range(dialect.skip):
        if next(lines, None) is None:
            raise UnreadableFileError(f"it has {number} lines, and the contract skips {dialect.skip}")
    records = _records(lines, dialect, max_line)
    census = Census()
    for _ in range(dialect.skip + 1):  # one more, because there is no line 0
        census.skip()
    names = None if dialect.header else _distinct(dialect.columns or [keys_of(one)[0] for one in contract.columns])
    reader = None if names is None else LineReader(names, contract, others)
    for line in records:
        if _is_blank(line, dialect) or (reader is None and not any(_text(one).strip() for one in line.fields)):
            census.skip()
        elif reader is None:
            reader = LineReader(_header(line, contract), contract, others)
            census.skip()
        else:
            reader.take(line, census)
        for _ in range(line.lines - 1):
            census.skip()
    if reader is None:
        raise UnreadableFileError("the file has no lines")
    return census


class LineReader:
    """Counts the lines after a header."""

    def __init__(self, names: Sequence[str], contract: Contract, others: Sequence[Contract]) -> None:
        self._names = names
        self._has_header = contract.raw.dialect.header
        self._witness = RecordWitness(contract)
        self._selection = AuditedSelection(contract, others)

    def take(self, line: Line, census: Census) -> None:
        """Count a line as a record, unless it belongs to another table. A malformed line always counts here."""
        raw, texts = _text(line.raw), [_text(field) for field in line.fields]
        fields = dict(zip(self._names, texts, strict=False))
        witness = self._witness.none
        if len(texts) == len(self._names):
            witness = self._witness.of_fields(fields)
            if raw.encode() == line.raw and not self._is_header(texts):
                share = self._selection.share(fields, fields.get)
                if share in {Share.ELSEWHERE, Share.UNTAKEN}:
                    census.leave(untaken=share is Share.UNTAKEN)
                    return
        census.add(raw.encode(), witness)

    def _is_header(self, texts: Sequence[str]) -> bool:
        return self._has_header and texts[0].strip() == self._names[0] and _cells(texts) == self._names


def _header(line: Line, contract: Contract) -> list[str]:
    if len(_text(line.raw)) > MAX_HEADER_CHARS or len(line.fields) > MAX_NAMES:
        raise UnreadableFileError("the header has too many names")
    names = _cells([_text(field) for field in line.fields])
    keys = {column.name: keys_of(column) for column in contract.columns}
    if not {key for some in keys.values() for key in some} & {*names}:
        raise UnreadableFileError("the header has no column of the contract")
    for column in contract.key:
        if not {*keys[column]} & {*names}:
            raise UnreadableFileError(f"the header has no column {column}")
    return _distinct(names)


def _cells(texts: Iterable[str]) -> list[str]:
    return [text.strip().strip("\ufeff").strip() for text in texts]


def _distinct(names: Iterable[str]) -> list[str]:
    """Rename repeated names (`name#2`), so that the first cell with a name counts."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return found


def _text(field: bytes) -> str:
    return field.decode("utf-8", "replace")


def _is_blank(line: Line, dialect: Dialect) -> bool:
    return not (_text(line.raw).strip() if dialect.quote else line.raw.strip())


def _utf8(blocks: Iterable[bytes], dialect: Dialect) -> Iterator[bytes]:
    """Yield the file in UTF-8, without a byte order mark."""
    blocks = iter(blocks)
    first = next(blocks, b"")
    if not first:
        raise UnreadableFileError("the file is empty")
    if codecs.lookup(dialect.encoding).name in {"utf-8", "utf-8-sig"}:
        while len(first) < len(codecs.BOM_UTF8) + 1 and (more := next(blocks, b"")):
            first += more
        if first.startswith(_NO_UTF8) or b"\0" in first[:4]:
            raise UnreadableFileError("it is not UTF-8")
    else:
        blocks = _recoded(chain([first], blocks), dialect.encoding)
        first = next(blocks, b"")
    yield first.removeprefix(codecs.BOM_UTF8)
    yield from blocks


def _recoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in blocks:
            if text := decoder.decode(block):
                yield text.encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError as error:
        raise UnreadableFileError(f"it is not {encoding}: {error}") from None


def _records(lines: Iterator[bytes], dialect: Dialect, max_line: int) -> Iterator[Line]:
    """Yield the records of lines that still have their line ends."""
    delimiter, quote = dialect.delimiter.encode(), (dialect.quote or "").encode()
    number = dialect.skip
    for line in lines:
        number += 1
        if not quote:
            raw = _without_end(line)
            yield Line(number, 1, raw, raw.split(delimiter))
            continue
        begun = QuotedLine(delimiter, quote)
        pieces, size = [line], len(line)
        while not begun.is_whole(pieces[-1]):
            following = next(lines, None)
            if following is None:
                raise UnreadableFileError(f"line {number}: a quote is still open at the end")
            pieces.append(following)
            size += len(following)
            if size > max_line:
                raise UnreadableFileError(f"line {number}: a record of more than {max_line} bytes")
        yield Line(number, len(pieces), _without_end(b"".join(pieces)), begun.fields)
        number += len(pieces) - 1


class QuotedLine:
    """A record with quotes, which may span several lines."""

    def __init__(self, delimiter: bytes, quote: bytes) -> None:
        self.fields: list[bytes] = []
        self._delimiter = delimiter
        self._quote = quote
        self._inside: list[bytes] | None = None

    def is_whole(self, line: bytes) -> bool:
        """Take the next line; return whether the record ends with it."""
        position, end = 0, len(_without_end(line))
        while True:
            if self._inside is None and line.startswith(self._quote, position):
                self._inside = []
                position += len(self._quote)
            if self._inside is not None:
                at = self._closing(line, position)
                if at < 0:
                    return False
                position = at
            found = line.find(self._delimiter, position, end)
            rest = line[position : end if found < 0 else found]
            self.fields.append(b"".join(self._inside or []) + rest)
            self._inside = None
            if found < 0:
                return True
            position = found + len(self._delimiter)

    def _closing(self, line: bytes, position: int) -> int:
        """Return the position after the quote that closes the field; -1 if it is not in this line."""
        inside, quote = self._inside or [], self._quote
        self._inside = inside
        while True:
            at = line.find(quote, position)
            if at < 0:
                inside.append(line[position:])
                return -1
            behind = at + len(quote)
            if not line.startswith(quote, behind):
                inside.append(line[position:at])
                return behind
            inside.append(line[position:behind])  # a doubled quote stands for one
            position = behind + len(quote)


def _without_end(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def _lines(blocks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    """Yield lines with their line ends (LF, CRLF or CR)."""
    pending = PendingLine(max_line)
    for block in blocks:
        if not block:
            continue
        # Only the next block shows whether a CR at the end is a line end or part of a CRLF.
        if pending.ends_with(b"\r") and not block.startswith(b"\n"):
            yield pending.take()
        lines = block.splitlines(keepends=True)
        last = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            pending.add(line)
            yield pending.take()
        pending.add(last)
    if rest := pending.take():
        yield rest
