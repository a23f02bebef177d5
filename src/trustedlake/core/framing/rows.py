"""Turn records, as columns of texts by key, into framed rows, whole columns at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections import Counter, defaultdict
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.column_reader import NOTHING
from trustedlake.types import BLANKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trustedlake.core.framing.column_reader import ColumnReader, Reading
    from trustedlake.core.framing.layout import Layout
    from trustedlake.core.framing.tally import Tally

NO_ROWS = pa.array([], pa.int64())

Members: TypeAlias = "Mapping[str, str | None]"
Values: TypeAlias = "Mapping[str, Any]"


class Segment(NamedTuple):
    """The rows of one file in a batch.

    Attributes:
        tally: tally of that file.
        rows: number of rows.
        signatures: set of keys in a record -> number of such records.
    """

    tally: Tally
    rows: int
    signatures: Mapping[tuple[str, ...], int]


class Whole(NamedTuple):
    """A column that was read as a whole.

    Attributes:
        texts: valid for all rows but the odd ones.
        odd: rows that need a closer look: they are read one by one.
    """

    texts: pa.Array
    odd: pa.Array


class Table(ABC):
    """The records of a batch.

    Attributes:
        rows: number of records.
        keys: all keys in the batch.
        segments: the files that the records come from, in order.
    """

    def __init__(self, rows: int, keys: frozenset[str], segments: Sequence[Segment]) -> None:
        self.rows = rows
        self.keys = keys
        self.segments = segments

    def segment_of(self, row: int) -> int:
        """Return the number of the segment that a record is in."""
        return bisect_right(self._ends, row)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(segment.rows for segment in self.segments))

    @abstractmethod
    def column(self, key: str) -> pa.Array:
        """Return the texts of a key's values; null if a record has none."""

    @abstractmethod
    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterable[tuple[Members, Values]]:
        """Yield, for each of these rows (None: all), the members with these keys, and the parsed values among them."""

    def numbers(self, path: tuple[str, ...]) -> pa.Array:  # noqa: ARG002 - most tables have none
        """Return which values at a path of keys are JSON numbers (boolean)."""
        return pa.repeat(pa.scalar(value=False), self.rows)

    def nested(self, key: str) -> pa.Array:  # noqa: ARG002 - most tables have none
        """Return the rows in which the key's value is an array or an object (int64)."""
        return NO_ROWS

    def whole(self, reader: ColumnReader) -> Whole | None:
        """Return the column if it can be read as a whole; None if the records have to be read one by one."""
        if not reader.is_simple:
            return None
        keys = [key for key in reader.keys if key in self.keys]
        merged = merge(self, reader, [((key,), self.column(key)) for key in keys])
        return Whole(merged.texts, distinct_rows([merged.odd, *(self.nested(key) for key in keys)]))


class Columns(NamedTuple):
    """The contract's columns in a batch.

    Attributes:
        texts: contract column -> its framed texts; only columns whose keys occur.
        reasons: row -> reasons `column|rule`.
        losers: row -> path and text of the sources that lost to another source.
    """

    texts: dict[str, pa.Array]
    reasons: Mapping[int, list[str]]
    losers: Mapping[int, list[tuple[str, str]]]


def read_columns(table: Table, layout: Layout) -> Columns:
    """Read every column of the contract; count per file how many records have no value, and why."""
    texts: dict[str, pa.Array] = {}
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    losers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for name, reader in layout.readers.items():
        misfits: list[int] = []

        def note(row: int, reading: Reading, misfits: list[int] = misfits, name: str = name) -> None:
            if reading.misread:
                table.segments[table.segment_of(row)].tally.see_misread(name, reading.misread)
            if reading.reason is not None:
                reasons[row].append(reading.reason)
                if reading.value is None:
                    misfits.append(row)
            if reading.losers:
                losers[row] += reading.losers

        keys = [key for key in reader.keys if key in table.keys]
        if keys:
            texts[name] = _read(table, reader, note)
        _count(table, reader, texts.get(name), misfits)
    return Columns(texts, reasons, losers)


def _read(table: Table, reader: ColumnReader, note: Callable[[int, Reading], None]) -> pa.Array:
    whole = table.whole(reader)
    if whole is None:
        return _by_record(table, reader, None, note)
    if not len(whole.odd):
        return whole.texts
    both = pa.concat_arrays([whole.texts, _by_record(table, reader, whole.odd.to_pylist(), note)])
    # pyarrow can't replace list values by a mask.
    places = pc.index_in(places_of(table.rows), value_set=whole.odd).cast(pa.int64())
    return both.take(pc.coalesce(pc.add(places, table.rows), places_of(table.rows)))


def _by_record(
    table: Table, reader: ColumnReader, rows: Sequence[int] | None, note: Callable[[int, Reading], None]
) -> pa.Array:
    found = []
    numbers = range(table.rows) if rows is None else rows
    for row, (members, values) in zip(numbers, table.records(reader.keys, rows), strict=True):
        reading = reader.read(members, values)
        if reading is not NOTHING:
            note(row, reading)
        found.append(reading.value)
    return pa.array(found, pa.list_(pa.string()) if reader.is_list else pa.string())


def _count(table: Table, reader: ColumnReader, texts: pa.Array | None, misfits: Sequence[int]) -> None:
    lacking: dict[tuple[str, ...], bool] = {}

    def absent(segment: Segment) -> int:
        count = 0
        for signature, records in segment.signatures.items():
            if signature not in lacking:
                lacking[signature] = not any(key in signature for key in reader.keys)
            count += records * lacking[signature]
        return count

    if texts is None or not (texts.null_count or reader.type.is_text):
        for segment in table.segments:
            segment.tally.count_column(reader.name, absent=absent(segment), null=0, empty=0)
        return
    empty = _empty([key for key in reader.keys if key in table.keys], table)
    nulls = per_segment(texts.is_null(), table.segments)
    empties = per_segment(empty, table.segments)
    lost = per_segment(pc.and_(empty, texts.is_null()), table.segments)
    wrong = Counter(map(table.segment_of, misfits))
    for number, segment in enumerate(table.segments):
        lacks = absent(segment)
        null = nulls[number] - lost[number] - wrong[number] - lacks
        segment.tally.count_column(reader.name, absent=lacks, null=null, empty=empties[number])


def per_segment(mask: pa.Array, segments: Sequence[Segment]) -> list[int]:
    """Count how often a mask without nulls is true in each segment."""
    if len(segments) == 1:
        return [mask.true_count]
    counts, start = [], 0
    for segment in segments:
        counts.append(mask.slice(start, segment.rows).true_count)
        start += segment.rows
    return counts


def merge(table: Table, reader: ColumnReader, sources: Sequence[tuple[tuple[str, ...], pa.Array]]) -> Whole:
    """Merge the sources of a column, each a path and its texts, and give the texts their normal spelling.

    The first value wins. A row is odd if two sources differ or one is empty, or if its text has no normal spelling.
    """
    paths, columns = zip(*((path, without_nulls(texts, reader)) for path, texts in sources), strict=True)
    merged, odd = columns[0], []
    for column in columns[1:]:
        differ = pc.or_(pc.not_equal(merged, column), pc.or_(pc.equal(merged, ""), pc.equal(column, "")))
        odd.append(rows_of(differ))
        merged = pc.coalesce(merged, column)
    unsure = pc.and_(merged.is_valid(), pc.invert(reader.type.is_normal(merged, reader.options)))
    if unsure.true_count:
        numbers = pa.repeat(pa.scalar(value=False), table.rows)
        for path, column in zip(paths, columns, strict=True):
            theirs = pc.and_(table.numbers(path), column.is_valid())
            numbers = pc.or_(numbers, theirs)
            # The same text may mean something else as a JSON number than as a text.
            odd.append(rows_of(pc.and_(pc.xor(numbers, theirs), column.is_valid())))
        merged = _respelled(merged, unsure, numbers, reader)
        odd.append(rows_of(pc.and_(unsure, merged.is_null())))
    return Whole(merged, distinct_rows(odd))


def _respelled(texts: pa.Array, unsure: pa.Array, numbers: pa.Array, reader: ColumnReader) -> pa.Array:
    """Replace the unsure texts by their normal spelling, or by null; each different text is looked at once."""
    for is_number, mask in ((True, pc.and_(unsure, numbers)), (False, pc.and_not(unsure, numbers))):
        if mask.true_count:
            words = texts.filter(mask).dictionary_encode()
            spelled = [reader.spelling(word, is_number=is_number) for word in words.dictionary.to_pylist()]
            texts = pc.replace_with_mask(texts, mask, pa.array(spelled, pa.string()).take(words.indices))
    return texts


def distinct_rows(rows: Sequence[pa.Array]) -> pa.Array:
    """Return all these rows without repeats, in order."""
    some = [one for one in rows if len(one)]
    return pc.unique(pa.concat_arrays(some)).sort() if some else NO_ROWS


def places_of(rows: int) -> pa.Array:
    """Return the row numbers from 0 to `rows` - 1: int64."""
    return pa.array(range(rows), pa.int64())


def without_nulls(texts: pa.Array, reader: ColumnReader) -> pa.Array:
    """Replace texts that mean null by null."""
    if reader.type.is_text:
        if not reader.nulls:
            return texts
        null = pc.is_in(pc.utf8_trim(texts, BLANKS), value_set=pa.array(sorted(reader.nulls), pa.string()))
    else:
        null = pc.is_in(texts, value_set=pa.array(sorted({*reader.nulls, ""}), pa.string()))
    return pc.if_else(null, None, texts) if null.true_count else texts


def rows_of(mask: pa.Array) -> pa.Array:
    """Return the rows where a mask is true: int64."""
    return pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).cast(pa.int64())


def _empty(keys: Sequence[str], table: Table) -> pa.Array:
    """Return, for each record, whether one of the keys has an empty text and none has a longer one."""
    some = pa.repeat(pa.scalar(value=False), table.rows)
    fuller = some
    for key in keys:
        is_empty = pc.equal(table.column(key), "")
        some = pc.or_(some, pc.fill_null(is_empty, fill_value=False))
        fuller = pc.or_(fuller, pc.fill_null(pc.invert(is_empty), fill_value=False))
    return pc.and_not(some, fuller)


def rescued(
    others: Sequence[Sequence[tuple[str, str | None]]], losers: Mapping[int, Sequence[tuple[str, str]]]
) -> pa.Array:
    """Make the column `rescued`: each row's unknown keys with their texts, and the sources that lost; null if none.

    Args:
        others: for each row, key and text of what the contract does not know.
        losers: row -> path and text of the sources that lost.
    """
    kind = pa.map_(pa.string(), pa.string())
    if not losers and not any(others):
        return pa.nulls(len(others), kind)
    offsets: list[int | None] = []
    keys: list[str] = []
    items: list[str | None] = []
    for row, unknown in enumerate(others):
        entries = dict(unknown)
        for path, text in losers.get(row, ()):
            entries.setdefault(path, text)
        offsets.append(len(keys) if entries else None)
        keys += entries.keys()
        items += entries.values()
    offsets.append(len(keys))
    return pa.MapArray.from_arrays(
        pa.array(offsets, pa.int32()), pa.array(keys, pa.string()), pa.array(items, pa.string())
    )


def problems(given: Sequence[str | None], reasons: Mapping[int, Sequence[str]]) -> pa.Array:
    """Make the column `problem`: the fault of the record as a whole, else those of its columns, joined by commas."""
    if not reasons:
        return pa.array(given, pa.string())
    return pa.array([one or ",".join(reasons.get(row, ())) or None for row, one in enumerate(given)], pa.string())
