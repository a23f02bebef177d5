"""Records of one file, as columns of texts by key -> framed rows, whole columns at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.types import BLANKS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trustedlake.core.framing.column_reader import ColumnReader, Reading
    from trustedlake.core.framing.layout import Layout
    from trustedlake.core.framing.tally import Tally

NO_ROWS = pa.array([], pa.int64())
_NO_VALUES: Mapping[str, Any] = {}


class Table(NamedTuple):
    """The records of a batch.

    Attributes:
        rows: how many.
        column: key -> the texts of its values, null where a record has none; for keys that occur at all.
        members: gives, for the named keys, of each of these rows (None: of every row) its members.
        values: of each record the parsed values among its members; none where there can be none.
        nested: key -> rows in which its value is an array or an object.
        signatures: the keys that a record has -> number of such records.
    """

    rows: int
    column: Callable[[str], pa.Array]
    keys: frozenset[str]
    members: Callable[[Sequence[str], Sequence[int] | None], Iterable[Mapping[str, str | None]]]
    values: Sequence[Mapping[str, Any]]
    nested: Mapping[str, Sequence[int]]
    signatures: Mapping[tuple[str, ...], int]


class Columns(NamedTuple):
    """What a batch says of the contract's columns.

    Attributes:
        texts: contract column -> its framed texts; for those that have a value.
        reasons: row -> reasons `column|rule`.
        losers: row -> path and text of the sources that lost to another one.
    """

    texts: dict[str, pa.Array]
    reasons: Mapping[int, list[str]]
    losers: Mapping[int, list[tuple[str, str]]]


def read_columns(table: Table, layout: Layout, tally: Tally) -> Columns:
    """Read every column of the contract, and count for each how many records have no value, and why."""
    texts: dict[str, pa.Array] = {}
    reasons: defaultdict[int, list[str]] = defaultdict(list)
    losers: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    misfits: Counter[str] = Counter()

    def note(row: int, reading: Reading) -> None:
        if reading.reason is not None:
            reasons[row].append(reading.reason)
            misfits[reading.reason.rpartition("|")[0]] += reading.value is None
        if reading.losers:
            losers[row] += reading.losers

    for name, reader in layout.readers.items():
        keys = [key for key in reader.keys if key in table.keys]
        absent = sum(count for keys_, count in table.signatures.items() if not any(key in keys_ for key in reader.keys))
        if not keys:
            tally.count_column(name, absent=absent, null=0, empty=0)
            continue
        column = _simple(reader, keys, table, note) if reader.is_simple else _by_record(reader, table, note)
        texts[name] = column
        empty = _empty(keys, table)
        lost = absent + misfits[name] + pc.and_(empty, column.is_null()).true_count
        tally.count_column(name, absent=absent, null=column.null_count - lost, empty=empty.true_count)
    return Columns(texts, reasons, losers)


def _by_record(reader: ColumnReader, table: Table, note: Callable[[int, Reading], None]) -> pa.Array:
    values = []
    read = reader.read
    parsed = table.values or repeat(_NO_VALUES, table.rows)
    for row, (members, nested) in enumerate(zip(table.members(reader.keys, None), parsed, strict=True)):
        reading = read(members, nested)
        if reading.reason is not None or reading.losers:
            note(row, reading)
        values.append(reading.value)
    return pa.array(values, pa.list_(pa.string()) if reader.is_list else pa.string())


def _simple(reader: ColumnReader, keys: Sequence[str], table: Table, note: Callable[[int, Reading], None]) -> pa.Array:
    """The column where it is plainly one key's; rows in which more has to be decided are read one by one."""
    columns = [_without_nulls(table.column(key), reader) for key in keys]
    odd = [pa.array(table.nested[key], pa.int64()) for key in keys if key in table.nested]
    merged = columns[0]
    for column in columns[1:]:
        differ = pc.or_(pc.not_equal(merged, column), pc.or_(pc.equal(merged, ""), pc.equal(column, "")))
        odd.append(_rows(differ))
        merged = pc.coalesce(merged, column)
    odd.append(_rows(pc.and_(merged.is_valid(), pc.invert(reader.type.is_normal(merged, reader.options)))))
    rows = pc.unique(pa.concat_arrays([NO_ROWS, *odd])).sort()
    if not len(rows):
        return merged
    found = []
    some = rows.to_pylist()
    for row, members in zip(some, table.members(reader.keys, some), strict=True):
        reading = reader.read(members, table.values[row] if table.values else _NO_VALUES)
        note(row, reading)
        found.append(reading.value)
    mask = pc.is_in(pa.array(range(table.rows), pa.int64()), value_set=rows)
    return pc.replace_with_mask(merged, mask, pa.array(found, pa.string()))


def _without_nulls(texts: pa.Array, reader: ColumnReader) -> pa.Array:
    if reader.type.is_text:
        if not reader.nulls:
            return texts
        null = pc.is_in(pc.utf8_trim(texts, BLANKS), value_set=pa.array(sorted(reader.nulls), pa.string()))
    else:
        null = pc.is_in(texts, value_set=pa.array(sorted({*reader.nulls, ""}), pa.string()))
    return pc.if_else(null, None, texts) if null.true_count else texts


def _rows(mask: pa.Array) -> pa.Array:
    return pc.indices_nonzero(pc.fill_null(mask, fill_value=False)).cast(pa.int64())


def _empty(keys: Sequence[str], table: Table) -> pa.Array:
    """Whether a key has an empty text and none has a fuller one, for each record."""
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
    """The column `rescued`: each row's unknown keys with their texts, and the sources that lost; null for none.

    Args:
        others: for each row, key and text of what the contract does not know.
        losers: row -> path and text of sources that lost.
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
    """The column `problem`: what was wrong with the record as a whole, else with its columns, joined by commas."""
    if not reasons:
        return pa.array(given, pa.string())
    return pa.array([one or ",".join(reasons.get(row, ())) or None for row, one in enumerate(given)], pa.string())
