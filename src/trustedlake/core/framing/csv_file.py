"""Turn a CSV file into framed rows and facts; a thread parses the next block meanwhile."""

from __future__ import annotations

import codecs
import re
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.csv_block import cells, count_lines, distinct, lacking_key, parse_block, read_header
from trustedlake.core.framing.csv_quoted import QuotedText
from trustedlake.core.framing.dialect import FramingDialect
from trustedlake.core.framing.documents import shown_names
from trustedlake.core.framing.layout import Belonging, repeated
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Segment, Table, problems, read_columns, rescued
from trustedlake.core.framing.source import UnreadableError, check_encoding
from trustedlake.core.framing.tally import Tally
from trustedlake.core.framing.witness import witness_crcs, witness_texts
from trustedlake.types import BLANKS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.csv_block import Lines
    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.rows import Members, Values
    from trustedlake.core.framing.source import Source


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


HEADER = "line|header"


class CsvRows:
    """Turns the lines of one file into framed rows, block by block, and counts them.

    Grain: one row per line that isn't blank and does not belong to another table. `record_index` is the number of
    the line in which the record begins, from 1. Columns: `core.framing.layout.framed_schema`. A line with too few
    or too many fields has only its text.
    """

    def __init__(  # noqa: PLR0917 - one caller
        self,
        layout: Layout,
        lineage: Lineage,
        header: list[str],
        tally: Tally,
        others: Sequence[Selection],
        dialect: FramingDialect,
    ) -> None:
        self._layout = layout
        self._lineage = lineage
        self._header = header
        self._tally = tally
        self._others = others
        self._dialect = dialect
        self._nulls = pa.array(sorted(layout.selection.nulls), pa.string())
        shapes = {key: name for name, reader in layout.readers.items() for key in reader.keys}
        # A second field of the same name competes with the first one, if a column reads that name.
        self._twins = [
            (name, name.rpartition("#")[0], shapes[name.rpartition("#")[0]])
            for name in header
            if name not in layout.keys and name.rpartition("#")[0] in shapes
        ]

    def rows(self, lines: Lines, first_line: int) -> pa.RecordBatch:
        """Make rows from the lines of a block that begins at line `first_line` of the file."""
        problem = self._problems(lines)
        keep, problem = self._select(lines, problem)
        if keep is not None:
            lines = lines._replace(
                places=[lines.places[row] for row in keep.to_pylist()],
                raw=lines.raw.take(keep),
                fields=[field.take(keep) for field in lines.fields],
            )
        layout, tally = self._layout, self._tally
        fields = dict(zip(self._header, lines.fields, strict=True))
        indexes = pa.array([first_line + place for place in lines.places], pa.int32())
        ragged = lines.fields[0].null_count if lines.fields else 0
        names = frozenset(self._header)
        segment = Segment(tally, len(indexes), {tuple(self._header): len(indexes) - ragged, (): ragged})
        columns = read_columns(_Fields(fields, segment), layout)
        tally.count_rows(len(indexes), witness_crcs(witness_texts(columns.texts, layout, len(indexes)), indexes))
        tally.see_keys([names])
        reasons, losers = dict(columns.reasons), dict(columns.losers)
        self._add_conflicts(fields, reasons)
        batch = layout.batch(
            file_path=repeated(self._lineage.file_path, len(indexes)),
            partition=[repeated(value, len(indexes)) for value in self._lineage.partition],
            indexes=indexes,
            raw=lines.raw,
            texts=columns.texts,
            rescued=rescued(self._unknown(fields, len(indexes)), losers),
            problem=problems(problem, reasons),
        )
        tally.keep_examples(batch)
        return batch

    def _problems(self, lines: Lines) -> list[str | None]:
        found = dict(lines.problems)
        if self._dialect.header and lines.fields:
            suspects = pc.equal(pc.utf8_trim_whitespace(lines.fields[0]), self._header[0])
            for row in pc.indices_nonzero(suspects.fill_null(False)).to_pylist():
                if cells([field[row].as_py() or "" for field in lines.fields]) == self._header:
                    found.setdefault(lines.places[row], HEADER)
        return [found.get(place) for place in lines.places] if found else [None] * len(lines.places)

    def _select(self, lines: Lines, problem: list[str | None]) -> tuple[pa.Array | None, list[str | None]]:
        """Return the rows that do not belong to another table (None: all), and their problems."""
        selection = self._layout.selection
        looks_like = selection.looks_like(dict.fromkeys(self._header))
        if looks_like and not selection.where:
            self._tally.places += len(lines.places)
            return None, problem
        fields = dict(zip(self._header, lines.fields, strict=True))
        names = {key for one in (selection, *self._others) for key in one.where}
        kept: list[int] = []
        told: list[str | None] = []
        for row, what in enumerate(problem):
            self._tally.place()
            members: Mapping[str, Any] = {
                name: fields[name][row].as_py() if name in names else "" for name in self._header
            }
            belonging = Belonging.OURS if what else selection.belonging(members, self._others)
            if belonging is Belonging.ELSEWHERE:
                self._tally.count_elsewhere(members, self._others)
                continue
            if belonging is Belonging.FOREIGN:
                self._tally.count_foreign(lines.raw[row].as_py())
                what = not_of(self._layout.table)  # noqa: PLW2901 - a line has one problem
            kept.append(row)
            told.append(what)
        return pa.array(kept, pa.int64()), told

    def _add_conflicts(self, fields: Mapping[str, pa.Array], reasons: dict[int, list[str]]) -> None:
        """Reject lines with two different values for a key column; other columns keep the second value in `rescued`."""
        for twin, first, column in self._twins:
            if column not in self._layout.key:
                continue
            nulls = {*self._layout.readers[column].nulls, ""}
            differ = pc.fill_null(pc.not_equal(fields[first], fields[twin]), fill_value=False)
            for row in pc.indices_nonzero(differ).to_pylist():
                one, other = fields[first][row].as_py(), fields[twin][row].as_py()
                if not {one.strip(BLANKS), other.strip(BLANKS)} & nulls:
                    reasons[row] = [*reasons.get(row, ()), f"{column}|conflict"]

    def _unknown(self, fields: Mapping[str, pa.Array], rows: int) -> list[list[tuple[str, str | None]]]:
        """Return, for each line, the fields that no column takes, with their texts; also counts them."""
        names = [name for name in self._header if name not in self._layout.keys]
        if not names or not rows:
            return [[]] * rows
        whole = fields[self._header[0]].is_valid().to_pylist()
        columns = [self._without_nulls(fields[name]).to_pylist() for name in names]
        found: list[list[tuple[str, str | None]]] = [
            [(name, column[row]) for name, column in zip(names, columns, strict=True)] if whole[row] else []
            for row in range(rows)
        ]
        self._tally.count_unknown(found)
        return found

    def _without_nulls(self, field: pa.Array) -> pa.Array:
        """Replace texts that stand for null by null, in a field that no column takes; empty texts stay."""
        null = pc.and_(pc.is_in(field, value_set=self._nulls), pc.not_equal(field, ""))
        return pc.if_else(null, None, field)


class _Fields(Table):
    """The lines of a block, by field name."""

    def __init__(self, fields: Mapping[str, pa.Array], segment: Segment) -> None:
        super().__init__(segment.rows, frozenset(fields), [segment])
        self._fields = fields

    def column(self, key: str) -> pa.Array:
        """See the base."""
        return self._fields[key]

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:
        """See the base."""
        for members in _members(self._fields, keys, rows):
            yield members, {}


def _members(
    fields: Mapping[str, pa.Array], keys: Sequence[str], rows: Sequence[int] | None
) -> Iterator[Mapping[str, str | None]]:
    """Yield each line's members with these keys."""
    names = [key for key in keys if key in fields]
    columns = [fields[name] if rows is None else fields[name].take(pa.array(rows, pa.int64())) for name in names]
    for texts in zip(*(column.to_pylist() for column in columns), strict=True):
        yield dict(zip(names, texts, strict=True))


# Possessive quantifiers (`*+`) scan a line's text only once, whatever follows it.
_BLANK_LINES = re.compile(rb"(?:[ \t\v\f]*+(?:\r\n|\n|\r))*+")
_FIRST_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")


class Start(NamedTuple):
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
    if start.named and (name := lacking_key(start.header, layout)):
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
        text = QuotedText(dialect, _blocks(source, dialect, block), max_record=max_line)
        text.skip_lines(dialect.skip)
        for _ in text.records():
            pass
        source.rewind()


def _blocks(source: Source, dialect: FramingDialect, size: int) -> Iterator[bytes]:
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


def _unquoted(source: Source, layout: Layout, dialect: FramingDialect, size: int) -> Start:
    blocks = whole_lines(_blocks(source, dialect, size), carriage_return=True)
    header, line, rest = _find_header(blocks, layout, dialect)
    width = len(header)
    parsed = (parse_block(lines, width, dialect.delimiter) for lines in chain([rest] if rest else [], blocks))
    return Start(header, line, line - 1 if dialect.header else 0, parsed)


def _quoted(source: Source, layout: Layout, dialect: FramingDialect, size: int) -> Start:
    text = QuotedText(dialect, _blocks(source, dialect, size))
    are_there = text.skip_lines(dialect.skip)
    if are_there and not dialect.header:
        return Start(_own_names(layout, dialect), text.line, 0, text.blocks(len(_own_names(layout, dialect))))
    for record in text.records():
        if any(field.strip() for field in record.fields):
            header = read_header(record.fields, record.raw, record.line, layout, dialect)
            return Start(header, text.line, record.line, text.blocks(len(header)))
    raise _blank(dialect.skip)


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
                return read_header(cells, header, line - 1, layout, dialect), line, lines[end:]
    raise _blank(dialect.skip)


def _own_names(layout: Layout, dialect: FramingDialect) -> list[str]:
    """Return the field names of a file without a header."""
    return distinct(dialect.columns or [reader.keys[0] for reader in layout.readers.values()])


def _no_key(name: str, start: Start, layout: Layout, tally: Tally) -> UnreadableError:
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
    return UnreadableError("the file holds blank lines only", hint="fetch the file again, or remove it from Raw")


def _span(pattern: re.Pattern[bytes], lines: bytes, position: int) -> tuple[int, int]:
    """Return where the match begins and ends; the pattern matches at any position, if only an empty text."""
    found = pattern.match(lines, position)
    return found.span() if found else (position, position)
