"""A CSV file -> framed rows and facts."""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.framing.ahead import one_ahead
from trustedlake.core.framing.csv_block import count_lines, parse_block
from trustedlake.core.framing.csv_header import distinct, read_header
from trustedlake.core.framing.csv_quoted import QuotedText
from trustedlake.core.framing.csv_rows import CsvRows
from trustedlake.core.framing.dialect import Dialect
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.source import UnreadableError, check_encoding
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.csv_block import Lines
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.selection import Selection
    from trustedlake.core.framing.source import Source

# Possessive: a line's text is looked at once, whatever follows it.
_BLANK_LINES = re.compile(rb"(?:[ \t\v\f]*+(?:\r\n|\n|\r))*+")
_FIRST_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")


class Start(NamedTuple):
    """The beginning of a file.

    Attributes:
        header: names of the fields, each once.
        line: number of the first line of records.
        records: the lines of records, in blocks.
    """

    header: list[str]
    line: int
    records: Iterator[Lines]


def frame_csv(
    source: Source, layout: Layout, lineage: Lineage, others: Sequence[Selection], *, max_line: int, block: int
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a CSV file in the contract's dialect, `block` bytes at a time.

    Raises:
        UnreadableError: the file is refused; nothing was yielded then.
    """
    dialect = Dialect.of(layout.dialect)
    _validate(source, dialect, max_line, block)
    tally = Tally(layout)
    is_plain = dialect.quote is None and dialect.delimiter.isascii()  # what Arrow reads
    start = _unquoted(source, layout, dialect, block) if is_plain else _quoted(source, layout, dialect, block)
    rows = CsvRows(layout, lineage, start.header, tally, others, dialect)
    line = start.line
    for lines in one_ahead(start.records):
        batch = rows.rows(lines, line)
        line += lines.total
        if len(batch):
            yield batch
    sha256 = source.sha256()
    return tally.facts(lineage.file_path, size=source.size, sha256=sha256, shape="csv", header=start.header)


def _validate(source: Source, dialect: Dialect, max_line: int, block: int) -> None:
    """Read the file once where it may turn out unreadable only behind its first records."""
    if source.compressed or source.raw_size() > max_line:
        source.validate(utf8=False, line_ends=b"\r\n", max_line=max_line)
    if not dialect.is_utf8:
        for _ in dialect.recoded(source.blocks(block)):
            pass
        source.rewind()
    if dialect.quote:
        text = QuotedText(dialect, _blocks(source, dialect, block), max_record=max_line)
        text.skip_lines(dialect.skip)
        for _ in text.records():
            pass
        source.rewind()


def _blocks(source: Source, dialect: Dialect, size: int) -> Iterator[bytes]:
    """The content in UTF-8, without a byte order mark."""
    raw = source.blocks(size)
    first = next(raw, b"")
    if dialect.is_utf8:
        check_encoding(first)
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from raw
    else:
        if not first:
            check_encoding(first)
        recoded = dialect.recoded(chain([first], raw))
        yield next(recoded, b"").removeprefix(codecs.BOM_UTF8)
        yield from recoded


def _unquoted(source: Source, layout: Layout, dialect: Dialect, size: int) -> Start:
    blocks = whole_lines(_blocks(source, dialect, size), carriage_return=True)
    header, line, rest = _find_header(blocks, layout, dialect)
    width = len(header)
    parsed = (parse_block(lines, width, dialect.delimiter) for lines in chain([rest] if rest else [], blocks))
    return Start(header, line, parsed)


def _quoted(source: Source, layout: Layout, dialect: Dialect, size: int) -> Start:
    text = QuotedText(dialect, _blocks(source, dialect, size))
    are_there = text.skip_lines(dialect.skip)
    if are_there and not dialect.header:
        return Start(_own_names(layout, dialect), text.line, text.blocks(len(_own_names(layout, dialect))))
    for record in text.records():
        if any(field.strip() for field in record.fields):
            header = read_header(record.fields, record.raw, record.line, layout, dialect)
            return Start(header, text.line, text.blocks(len(header)))
    raise _blank()


def _find_header(blocks: Iterator[bytes], layout: Layout, dialect: Dialect) -> tuple[list[str], int, bytes]:
    """The header, the number of the line behind it, and what is left of its block."""
    line, to_skip = 1, dialect.skip
    for lines in blocks:
        position = 0
        while to_skip and position < len(lines):
            position = _span(_FIRST_LINE, lines, position)[1]
            line, to_skip = line + 1, to_skip - 1
        if not dialect.header:
            if position < len(lines) or not to_skip:
                return _own_names(layout, dialect), line, lines[position:]
            continue
        while position < len(lines):
            first, end = _span(_FIRST_LINE, lines, _span(_BLANK_LINES, lines, position)[1])
            line += count_lines(lines[position:end])
            position = end
            header = lines[first:end].decode("utf-8", "replace").rstrip("\r\n")
            if header.strip():
                names = read_header(header.split(dialect.delimiter), header, line - 1, layout, dialect)
                return names, line, lines[end:]
    raise _blank()


def _own_names(layout: Layout, dialect: Dialect) -> list[str]:
    """The names of the fields of a file without a header."""
    return distinct(dialect.columns or [reader.keys[0] for reader in layout.readers.values()])


def _blank() -> UnreadableError:
    return UnreadableError("the file holds blank lines only", hint="fetch the file again, or remove it from Raw")


def _span(pattern: re.Pattern[bytes], lines: bytes, position: int) -> tuple[int, int]:
    """Where the pattern, which fits everywhere, begins and ends."""
    found = pattern.match(lines, position)
    return found.span() if found else (position, position)
