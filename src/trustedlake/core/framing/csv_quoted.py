"""Split the text of a CSV file with quotes (RFC 4180) into records; quoted fields may contain line breaks."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from trustedlake.core.framing.csv_block import ENCODING, LONG, SHORT, Lines
from trustedlake.core.framing.dialect import lines_in
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.source import MAX_WHOLE, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.core.framing.dialect import FramingDialect


class QuotedRecord(NamedTuple):
    """One record: its fields without quotes, its text without line end, and the line it begins in."""

    fields: list[str]
    raw: str
    line: int


class QuotedText:
    """Reads records from blocks of UTF-8 bytes.

    Attributes:
        line: number of the next line, from 1.
    """

    def __init__(self, dialect: FramingDialect, blocks: Iterator[bytes], *, max_record: int = MAX_WHOLE) -> None:
        self.line = 1
        self._dialect = dialect
        self._blocks = blocks
        self._max_record = max_record
        # Invalid UTF-8 spoils only its own record. Until the records are split, lone surrogates stand for such bytes.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._text = ""
        self._position = 0
        self._ended = False

    def skip_lines(self, count: int) -> bool:
        """Skip `count` lines, whatever they contain; return False if there are fewer."""
        while count:
            ends = [found for mark in "\r\n" if (found := self._text.find(mark, self._position)) >= 0]
            end = min(ends, default=-1)
            if end < 0 or (end + 1 == len(self._text) and not self._ended):
                if not self._fill():
                    is_last = count == 1 and self._position < len(self._text)
                    self._position = len(self._text)
                    return is_last
                continue
            self._position = end + (2 if self._text.startswith("\r\n", end) else 1)
            self.line += 1
            count -= 1
        return True

    def records(self) -> Iterator[QuotedRecord]:
        """Yield the next records, including blank lines.

        Raises:
            UnreadableError: a quote is still open at the end, or a record has more than `max_record` characters.
        """
        while self._position < len(self._text) or self._fill():
            found = self._dialect.record(self._text, self._position)
            if found is None or (found[1] >= len(self._text) and not self._ended):
                # It may continue in the next block. `_fill` doubles the text, so no character is scanned often.
                if self._fill():
                    continue
                if found is None:
                    raise UnreadableError(
                        f"line {self.line}: the record that begins here has a quote that is still open at the end of"
                        " the file",
                        hint="fetch the whole file again, or remove `quote` from the contract if no field is quoted",
                    )
            fields, end = found
            whole = self._text[self._position : end]
            raw, line = whole.rstrip("\r\n") if whole[-1:] in "\r\n" else whole, self.line
            self._position = end
            self.line += lines_in(whole)
            yield QuotedRecord(fields, raw, line)

    def blocks(self, width: int) -> Iterator[Lines]:
        """Yield the next records as blocks of lines with `width` fields each."""
        first, chars = self.line, 0
        batch: list[QuotedRecord] = []
        for record in self.records():
            chars += len(record.raw)
            batch.append(record)
            if len(batch) >= BATCH_ROWS or chars >= BATCH_CHARS:
                yield _lines(batch, width, first, self.line - first)
                first, chars, batch = self.line, 0, []
        if batch:
            yield _lines(batch, width, first, self.line - first)

    def _fill(self) -> bool:
        """Add blocks until the text has doubled; return False at the end of the file."""
        rest = self._text[self._position :]
        if len(rest) > self._max_record:
            raise UnreadableError(
                f"line {self.line}: the record that begins here has more than {self._max_record >> 20} MB",
                hint="a quote may be missing; check that the file has the format that its name says",
            )
        parts, added = [rest], 0
        while not self._ended and added <= len(rest):
            block = next(self._blocks, None)
            text = self._decoder.decode(block or b"", final=block is None)
            self._ended = block is None
            parts.append(text)
            added += len(text)
        self._text, self._position = "".join(parts), 0
        return added > 0


def _lines(records: list[QuotedRecord], width: int, first: int, total: int) -> Lines:
    full = [record for record in records if record.raw.strip()]
    problems: dict[int, str] = {}
    rows: list[list[str | None]] = []
    for record in full:
        reasons = []
        if len(record.fields) != width:
            reasons.append(SHORT if len(record.fields) < width else LONG)
        if any("\udc80" <= letter <= "\udcff" for letter in record.raw) if not record.raw.isascii() else False:
            reasons.append(ENCODING)
        if reasons:
            problems[record.line - first] = ",".join(reasons)
        rows.append([*map(_clean, record.fields)] if len(record.fields) == width else [None] * width)
    columns = zip(*rows, strict=True) if rows else ([] for _ in range(width))
    return Lines(
        total,
        [record.line - first for record in full],
        pa.array([_clean(record.raw) for record in full], pa.string()),
        [pa.array(list(column), pa.string()) for column in columns],
        problems,
    )


def _clean(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
