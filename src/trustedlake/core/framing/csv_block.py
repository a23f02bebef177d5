"""Read a CSV file's header, and parse blocks of its lines into columns of texts with pyarrow."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from trustedlake.core.framing.source import DRAFT, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.core.framing.dialect import FramingDialect
    from trustedlake.core.framing.layout import Layout


_SEPARATORS = {"|": "'|'", ";": "';'", ",": "','", "\t": "a tab"}
_SHOWN_CHARS = 60
MAX_NAMES = 10_000
"""A header may have at most this many names: each is a column in memory, however short the lines are."""

MAX_HEADER_CHARS = 1 << 20


def cells(fields: Sequence[str]) -> list[str]:
    """Strip blanks and the byte order mark from the names in a header."""
    return [cell.strip().strip("\ufeff").strip() for cell in fields]


def distinct(names: Sequence[str]) -> list[str]:
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


def read_header(fields: Sequence[str], line: str, number: int, layout: Layout, dialect: FramingDialect) -> list[str]:
    """Return the column names of a file from its first record that isn't blank (line `number` of the file).

    Raises:
        UnreadableError: it has none of the contract's columns, or more than MAX_NAMES names or MAX_HEADER_CHARS
            characters.
    """
    if len(line) > MAX_HEADER_CHARS or len(fields) > MAX_NAMES:
        raise UnreadableError(
            f"line {number}: the header has more than {MAX_NAMES:,} names or {MAX_HEADER_CHARS >> 20} MB",
            hint="check that the file has the format that its name says",
        )
    header = cells(fields)
    if layout.keys.isdisjoint(header):
        raise _no_header(line, number, layout, dialect)
    return distinct(header)


def lacking_key(header: Sequence[str], layout: Layout) -> str | None:
    """Return the first column of the primary key that is not in the header; None if all are."""
    return next((name for name in layout.key if set(layout.readers[name].keys).isdisjoint(header)), None)


def _no_header(line: str, number: int, layout: Layout, dialect: FramingDialect) -> UnreadableError:
    mine = _SEPARATORS.get(dialect.delimiter, repr(dialect.delimiter))
    for separator, name in _SEPARATORS.items():
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
