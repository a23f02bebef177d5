"""Split blocks of a CSV file into lines of fields: plain ones by pyarrow, quoted ones (RFC 4180) by `QuotedText`."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from trustedlake.core.framing.csv_dialect import lines_in
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.source import MAX_WHOLE, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.core.framing.csv_dialect import FramingDialect

SHORT = "line|short"
LONG = "line|long"
ENCODING = "line|encoding"

_LINE_END = re.compile(rb"\r\n|\n|\r")


class Lines(NamedTuple):
    """The lines of a block that aren't blank, in order.

    Attributes:
        total: number of lines in the block, including blank ones.
        places: 0-based places of these lines in the block.
        raw: their texts without line ends; bytes that are not UTF-8 are replaced by U+FFFD.
        fields: texts of the fields, by column; null in every column if the line has too few or too many fields.
        problems: place -> reasons, for lines that can't be read correctly.
    """

    total: int
    places: list[int]
    raw: pa.Array
    fields: list[pa.Array]
    problems: dict[int, str]


def parse_block(block: bytes, width: int, delimiter: str) -> Lines:
    """Split the lines of a block (whole lines, ended by LF, CRLF or CR) into `width` fields each, without quotes."""
    numbers: list[int] | None = None
    if delimiter.isspace() or _has_empty_line(block):
        # pyarrow would turn each blank line into `width` empty fields, which costs memory for nothing.
        every = _LINE_END.split(block)
        numbers = [place for place, line in enumerate(every) if line.strip()]
        block = b"".join(b"%s\n" % every[place] for place in numbers)
        total = len(every) - (not every[-1])
        if not numbers:
            return Lines(total, [], pa.array([], pa.string()), [pa.array([], pa.string())] * width, {})
    damaged: list[int] = []
    if not is_utf8(block):
        damaged = [place for place, line in enumerate(_LINE_END.split(block)) if not is_utf8(line)]
        block = block.decode("utf-8", "replace").encode()
    ragged: list[csv.InvalidRow] = []
    fields = _fields(block, width, ragged, delimiter)
    count = len(fields[0]) + len(ragged)
    problems = {row.number - 1: SHORT if row.actual_columns < width else LONG for row in ragged}
    places = [place for place in range(count) if place not in problems] if problems else list(range(count))
    raw = pc.binary_join_element_wise(*fields, delimiter)
    may_be_blank = width == 1 and pc.any(pc.equal(pc.ascii_trim_whitespace(raw), ""), min_count=0).as_py()
    if ragged:
        places += problems
        raw = pa.concat_arrays([raw, pa.array([row.text for row in ragged], pa.string())])
        absent = pa.nulls(len(ragged), pa.string())
        fields = [pa.concat_arrays([column, absent]) for column in fields]
        order = sorted(range(count), key=places.__getitem__)
        places, raw, fields = _pick(order, places, raw, fields)
    if ragged or may_be_blank:
        blank = {place for place, line in enumerate(_LINE_END.split(block)) if not line.strip()}
        kept = [row for row, place in enumerate(places) if place not in blank]
        places, raw, fields = _pick(kept, places, raw, fields)
        problems = {place: reason for place, reason in problems.items() if place not in blank}
    for place in damaged:
        problems[place] = f"{problems[place]},{ENCODING}" if place in problems else ENCODING
    if numbers is None:
        return Lines(count, places, raw, fields, problems)
    at = {numbers[place]: reason for place, reason in problems.items()}
    return Lines(total, [numbers[place] for place in places], raw, fields, at)


def _has_empty_line(block: bytes) -> bool:
    return block[:1] in b"\r\n" or any(ends in block for ends in (b"\n\n", b"\n\r", b"\r\r"))


def count_lines(block: bytes) -> int:
    """Count the lines in a block, including a last line without a line end."""
    ended = block.endswith((b"\n", b"\r")) or not block
    return block.count(b"\n") + block.count(b"\r") - block.count(b"\r\n") + (not ended)


def is_utf8(text: bytes) -> bool:
    """Whether the bytes are UTF-8."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _fields(block: bytes, width: int, ragged: list[csv.InvalidRow], delimiter: str) -> list[pa.Array]:
    names = [f"column_{place}" for place in range(width)]

    def keep(row: csv.InvalidRow) -> str:
        ragged.append(row)
        return "skip"

    if block.startswith(codecs.BOM_UTF8):
        block = codecs.BOM_UTF8 + block  # pyarrow removes one BOM, although this block is not the start of a file
    table = csv.read_csv(
        pa.BufferReader(block),
        # pyarrow numbers the rows with a wrong field count only with one block and one thread.
        read_options=csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
        # Keep blank lines as rows of empty fields; otherwise row numbers would differ from the file's line numbers.
        parse_options=csv.ParseOptions(
            delimiter=delimiter,
            quote_char=False,
            escape_char=False,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False, check_utf8=False
        ),
    )
    return [column.combine_chunks() for column in table.columns]


def _pick(
    rows: list[int], places: list[int], raw: pa.Array, fields: list[pa.Array]
) -> tuple[list[int], pa.Array, list[pa.Array]]:
    chosen = pa.array(rows, pa.int64())
    return [places[row] for row in rows], raw.take(chosen), [column.take(chosen) for column in fields]


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
            UnreadableError: a quote is still open at the end, or a record has more than `max_record` bytes.
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
            may_be_long = 4 * len(whole) > self._max_record  # a character has at most four bytes
            if may_be_long and len(whole.encode("utf-8", "surrogateescape")) > self._max_record:
                raise self._too_long()
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
            raise self._too_long()
        parts, added = [rest], 0
        while not self._ended and added <= len(rest):
            block = next(self._blocks, None)
            text = self._decoder.decode(block or b"", final=block is None)
            self._ended = block is None
            parts.append(text)
            added += len(text)
        self._text, self._position = "".join(parts), 0
        return added > 0

    def _too_long(self) -> UnreadableError:
        return UnreadableError(
            f"line {self.line}: the record that begins here has more than {self._max_record >> 20} MB",
            hint="a quote may be missing; check that the file has the format that its name says",
        )


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
