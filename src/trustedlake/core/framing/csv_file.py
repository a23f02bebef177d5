"""Frame a CSV file: find its header, and turn it into rows block by block; a thread parses the next block ahead."""

from __future__ import annotations

import codecs
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from trustedlake.core.framing.csv_dialect import SEPARATORS, FramingDialect, cells
from trustedlake.core.framing.csv_lines import QuotedText, count_lines, parse_block
from trustedlake.core.framing.csv_rows import CsvRows
from trustedlake.core.framing.source import DRAFT, UnreadableError, check_encoding, shown_names, whole_lines
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.csv_lines import Lines
    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.source import Source

_SHOWN_CHARS = 60
_MAX_NAMES = 10_000
"""A header may have at most this many names: each is a column in memory, however short the lines are."""

_MAX_HEADER_CHARS = 1 << 20

# Possessive quantifiers (`*+`) scan a line's text only once, whatever follows it.
_BLANK_LINES = re.compile(rb"(?:[ \t\v\f]*+(?:\r\n|\n|\r))*+")
_FIRST_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")


class _Start(NamedTuple):
    """The beginning of a file.

    Attributes:
        header: names of the fields, made unique.
        line: number of the first line of records.
        named: number of the line with the header; 0 if there is none.
        records: the lines of records, in blocks.
    """

    header: list[str]
    line: int
    named: int
    records: Iterator[Lines]


def frame_csv(
    source: Source, layout: Layout, lineage: Lineage, others: Sequence[Selection], *, max_line: int, block: int
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a CSV file in the contract's dialect, `block` bytes at a time.

    Raises:
        UnreadableError: the file is refused, before any row was yielded.
    """
    dialect = FramingDialect.of(layout.dialect)
    _validate(source, dialect, max_line, block)
    tally = Tally(layout)
    is_plain = dialect.quote is None and dialect.delimiter.isascii()  # the only kind that we give to Arrow
    start = _unquoted(source, layout, dialect, block) if is_plain else _quoted(source, layout, dialect, block)
    rows = CsvRows(layout, lineage, start.header, tally, others, dialect)
    line = start.line
    if start.named and (name := _lacking_key(start.header, layout)):
        for lines in islice(start.records, 1):
            rows.rows(lines, line)  # for the values of its columns: one of them may be the key
        raise _no_key(name, start, layout, tally)
    for lines in one_ahead(start.records):
        batch = rows.rows(lines, line)
        line += lines.total
        if len(batch):
            yield batch
    sha256 = source.sha256()
    return tally.facts(lineage.file_path, size=source.size, sha256=sha256, shape="csv", header=start.header)


def _validate(source: Source, dialect: FramingDialect, max_line: int, block: int) -> None:
    """Read the whole file in advance if a fault could turn up after its first records."""
    if source.compressed or source.raw_size() > max_line:
        source.validate(utf8=False, line_ends=b"\r\n", max_line=max_line)
    if not dialect.is_utf8:
        for _ in dialect.recoded(source.blocks(block)):
            pass
        source.rewind()
    if dialect.quote:
        text = QuotedText(dialect, text_blocks(source, dialect, block), max_record=max_line)
        text.skip_lines(dialect.skip)
        for _ in text.records():
            pass
        source.rewind()


def text_blocks(source: Source, dialect: FramingDialect, size: int) -> Iterator[bytes]:
    """Yield the content in UTF-8, without a byte order mark."""
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


def _unquoted(source: Source, layout: Layout, dialect: FramingDialect, size: int) -> _Start:
    blocks = whole_lines(text_blocks(source, dialect, size), carriage_return=True)
    header, line, rest = _find_header(blocks, layout, dialect)
    width = len(header)
    parsed = (parse_block(lines, width, dialect.delimiter) for lines in chain([rest] if rest else [], blocks))
    return _Start(header, line, line - 1 if dialect.header else 0, parsed)


def _quoted(source: Source, layout: Layout, dialect: FramingDialect, size: int) -> _Start:
    text = QuotedText(dialect, text_blocks(source, dialect, size))
    are_there = text.skip_lines(dialect.skip)
    if are_there and not dialect.header:
        return _Start(_own_names(layout, dialect), text.line, 0, text.blocks(len(_own_names(layout, dialect))))
    for record in text.records():
        if any(field.strip() for field in record.fields):
            header = _read_header(record.fields, record.raw, record.line, layout, dialect)
            return _Start(header, text.line, record.line, text.blocks(len(header)))
    raise _blank(dialect.skip)


T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """Yield the items; while the caller works on one, a thread makes the next."""
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(_next, items)
        while found := coming.result():
            coming = thread.submit(_next, items)
            yield found[0]


def _next(items: Iterator[T]) -> tuple[T] | None:
    for item in items:
        return (item,)
    return None


def _find_header(blocks: Iterator[bytes], layout: Layout, dialect: FramingDialect) -> tuple[list[str], int, bytes]:
    """Return the header, the number of the line after it, and the rest of its block."""
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
            cells = header.split(dialect.delimiter)
            if any(cell.strip() for cell in cells):  # spreadsheets write empty cells above a header
                return _read_header(cells, header, line - 1, layout, dialect), line, lines[end:]
    raise _blank(dialect.skip)


def _span(pattern: re.Pattern[bytes], lines: bytes, position: int) -> tuple[int, int]:
    """Return where the match begins and ends; the pattern matches at any position, if only an empty text."""
    found = pattern.match(lines, position)
    return found.span() if found else (position, position)


def _own_names(layout: Layout, dialect: FramingDialect) -> list[str]:
    """Return the field names of a file without a header."""
    return _distinct(dialect.columns or [reader.keys[0] for reader in layout.readers.values()])


def _lacking_key(header: Sequence[str], layout: Layout) -> str | None:
    """Return the first column of the primary key that is not in the header; None if all are."""
    return next((name for name in layout.key if set(layout.readers[name].keys).isdisjoint(header)), None)


def _no_key(name: str, start: _Start, layout: Layout, tally: Tally) -> UnreadableError:
    """Make the error for a file whose header lacks this column of the primary key."""
    return UnreadableError(
        f"line {start.named}: the header has no column {name!r} (columns found: {shown_names(start.header)})",
        hint=f"columns are found by name: a file of {layout.table} has {shown_names(list(layout.readers))}; name the"
        f" identifier column {name!r}, or add its name to the contract as a synonym",
        found=tally.found(),
    )


def _blank(skip: int) -> UnreadableError:
    if skip:
        return UnreadableError(
            f"no lines, or only blank ones, follow the {skip} line(s) that the contract skips",
            hint="each file of the table, even a correction, needs those lines and the header; or remove it from Raw",
        )
    return UnreadableError("the file has only blank lines", hint="fetch the file again, or remove it from Raw")


def _distinct(names: Sequence[str]) -> list[str]:
    """Number repeated names so that all names differ: `id, id` -> `id, id#2`."""
    given = set(names)
    result: dict[str, None] = {}
    numbers = dict.fromkeys(given, 1)
    for name in names:
        one = name
        while one in result or (one != name and one in given):
            numbers[name] += 1
            one = f"{name}#{numbers[name]}"
        result[one] = None
    return list(result)


def _read_header(fields: Sequence[str], line: str, number: int, layout: Layout, dialect: FramingDialect) -> list[str]:
    """Return the column names of a file from its first record that isn't blank (line `number` of the file).

    Raises:
        UnreadableError: it has none of the contract's columns, or more than _MAX_NAMES names or _MAX_HEADER_CHARS
            characters.
    """
    if len(line) > _MAX_HEADER_CHARS or len(fields) > _MAX_NAMES:
        raise UnreadableError(
            f"line {number}: the header has more than {_MAX_NAMES:,} names or {_MAX_HEADER_CHARS >> 20} MB",
            hint="check that the file has the format that its name says",
        )
    header = cells(fields)
    if layout.keys.isdisjoint(header):
        raise _no_header(line, number, layout, dialect)
    return _distinct(header)


def _no_header(line: str, number: int, layout: Layout, dialect: FramingDialect) -> UnreadableError:
    mine = SEPARATORS.get(dialect.delimiter, repr(dialect.delimiter))
    for separator, name in SEPARATORS.items():
        others = cells(line.replace('"', "").split(separator))
        if separator != dialect.delimiter and not layout.keys.isdisjoint(others):
            return UnreadableError(
                f"line {number}: the columns are separated by {name}, not by {mine}",
                hint=f"write a contract with `delimiter: {separator!r}` ({DRAFT}), or"
                " save the file with the contract's separator",
            )
    return UnreadableError(
        f"line {number}: no header: none of the contract's column names in {line[:_SHOWN_CHARS]!r}",
        hint=f"the first line must name the columns: {dialect.delimiter.join(layout.readers)}",
    )
