"""Turn records found by msgspec into columns of texts and of lists of texts, whole columns at once."""

from __future__ import annotations

import json
from functools import reduce
from itertools import chain, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.json_text import scan_object
from trustedlake.core.framing.quick_scan import (
    NULL,
    is_nested,
    json_list,
    json_texts,
    lists_of_lists,
    lists_of_members,
    lists_of_strings,
    objects_of,
    offsets,
    plain_texts,
)
from trustedlake.core.framing.rows import NO_ROWS, Table, Whole, distinct_rows, merge, places_of, rows_of, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trustedlake.core.framing.column_reader import ColumnReader
    from trustedlake.core.framing.rows import Members, Segment, Values
    from trustedlake.core.framing.source_group import SourceGroup


class QuickTable(Table):
    """Records whose values are still JSON.

    Args:
        objects: for each record, key -> JSON of the value.
        shapes: for each record, its keys.
        segments: the files that the records come from.
    """

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]],
        shapes: Sequence[tuple[str, ...]],
        segments: Sequence[Segment],
    ) -> None:
        self.rows_by_shape: dict[tuple[str, ...], list[int]] = {}
        for row, shape in enumerate(shapes):
            self.rows_by_shape.setdefault(shape, []).append(row)
        super().__init__(len(objects), frozenset().union(*self.rows_by_shape), segments)
        self._records = objects
        self._objects: dict[tuple[str, ...], Sequence[Mapping[str, Any] | None]] = {}
        self._values: dict[tuple[str, ...], list[Any]] = {}
        self._json: dict[tuple[str, ...], pa.Array] = {}
        self._columns: dict[tuple[str, ...], pa.Array] = {}

    def json(self, path: tuple[str, ...]) -> pa.Array:
        """Return the JSON of the values at a path of keys; `null` where there is none."""
        if path not in self._json:
            self._json[path] = json_texts(self.values(path))
        return self._json[path]

    def values(self, path: tuple[str, ...]) -> list[Any]:
        """Return the same values as msgspec objects."""
        if path not in self._values:
            self._values[path] = self._top(path[0]) if len(path) == 1 else self._deeper(path)
        return self._values[path]

    def _top(self, key: str) -> list[Any]:
        records = self._records
        having = [shape for shape in self.rows_by_shape if key in shape]
        if len(having) == len(self.rows_by_shape):
            value_of: Callable[[Any], Any] = itemgetter(key)
            return list(map(value_of, records))
        values = [NULL] * self.rows  # many keys are in few records
        for shape in having:
            for row in self.rows_by_shape[shape]:
                values[row] = records[row][key]
        return values

    def _deeper(self, path: tuple[str, ...]) -> list[Any]:
        key = path[-1]
        return [NULL if one is None else one.get(key, NULL) for one in self._objects_at(path[:-1])]

    def _objects_at(self, path: tuple[str, ...]) -> Sequence[Mapping[str, Any] | None]:
        if path not in self._objects:
            values = self.values(path)
            rows = rows_of(pc.starts_with(self.json(path), "{")).to_pylist()
            found: list[Mapping[str, Any] | None] = [None] * self.rows
            for row, one in zip(rows, objects_of(json_list([values[row] for row in rows])), strict=True):
                found[row] = one
            self._objects[path] = found
        return self._objects[path]

    def texts(self, path: tuple[str, ...]) -> pa.Array:
        """Return the texts of the values at a path of keys: strings decoded, null where there is none."""
        if path not in self._columns:
            self._columns[path] = plain_texts(self.json(path), self.values(path))
        return self._columns[path]

    def column(self, key: str) -> pa.Array:
        """See the base."""
        return self.texts((key,))

    def numbers(self, path: tuple[str, ...]) -> pa.Array:
        """See the base."""
        return pc.match_substring_regex(self.json(path), _NUMBER)

    def nested_at(self, path: tuple[str, ...]) -> pa.Array:
        """Return whether the value at a path of keys is an array or an object (boolean)."""
        return is_nested(self.json(path))

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:
        """See the base."""
        names = {key: json.dumps(key).encode() for key in keys}
        for record in self._records if rows is None else (self._records[row] for row in rows):
            members = (b"%s:%s" % (name, bytes(record[key])) for key, name in names.items() if key in record)
            scanned = scan_object(f"{{{b','.join(members).decode()}}}", 0)
            yield scanned.members, scanned.nested

    def whole(self, reader: ColumnReader) -> Whole | None:
        """See the base."""
        if reader.is_list:
            return read_lists(self, reader)
        if not reader.is_plain:
            return self._where_there_is_none(reader)
        paths = [source.path for source in reader.sources if source.path and source.key in self.keys]
        if reader.is_json:  # takes values of any shape
            return merge(self, reader, [(path, self.texts(path)) for path in paths])
        merged = merge(self, reader, [(path, self._scalars(path)) for path in paths])
        return Whole(merged.texts, distinct_rows([merged.odd, self._misfits(paths, merged.texts)]))

    def _scalars(self, path: tuple[str, ...]) -> pa.Array:
        """Return the texts at a path; null where the value is an array or an object."""
        nested = self.nested_at(path)
        return pc.if_else(nested, None, self.texts(path)) if nested.true_count else self.texts(path)

    def _misfits(self, paths: Sequence[tuple[str, ...]], found: pa.Array) -> pa.Array:
        """Return the rows without a fitting value that have one of another shape at a path or above it (int64)."""
        wrong = [self.nested_at(path) for path in paths]
        wrong += [self.is_no_object(path[:depth]) for path in paths for depth in range(1, len(path))]
        some = [one for one in wrong if one.true_count]
        return rows_of(pc.and_(reduce(pc.or_, some), pc.equal(pc.fill_null(found, ""), ""))) if some else NO_ROWS

    def is_no_object(self, path: tuple[str, ...]) -> pa.Array:
        """Return whether there is a value at a path that is not an object (boolean)."""
        json = self.json(path)
        return pc.invert(pc.or_(pc.starts_with(json, "{"), pc.equal(json, NULL.decode())))

    def _where_there_is_none(self, reader: ColumnReader) -> Whole:
        """Mark the records with one of the column's keys as odd: they are read one by one."""
        rows = NO_ROWS
        for key in reader.keys:
            if key in self.keys:
                rows = distinct_rows([rows, rows_of(pc.not_equal(self.json((key,)), NULL.decode()))])
        return Whole(pa.nulls(self.rows, pa.string()), rows)


_OF_OBJECTS = r"\A\[[ \t\r\n]*\{"
_NUMBER = r"\A[-0-9]"
_FEW = 64
"""If this many lists or fewer can't be decoded together, they are read one by one."""


class _Lists(NamedTuple):
    """Lists that were read: their rows (int64), and the texts of their elements."""

    rows: pa.Array
    texts: pa.Array


class _Column:
    """Reads a list column source by source, in order of preference.

    Attributes:
        open: rows for which no source has had an answer yet (boolean).
        wrong: rows in which a source found a value of another shape; those still open at the end are read one by one.
    """

    def __init__(self, table: QuickTable, reader: ColumnReader) -> None:
        self._table = table
        self._reader = reader
        self._found: list[_Lists] = []
        self._odd: list[pa.Array] = []
        self.open = pa.repeat(pa.scalar(value=True), table.rows)
        self.wrong = pa.repeat(pa.scalar(value=False), table.rows)

    def look(self, path: tuple[str, ...], sources: Sequence[SourceGroup]) -> None:
        """Read the lists at this path for the sources that take them."""
        table = self._table
        plain = [source for source in sources if not source.tails]
        tails = [source for source in sources if source.tails]
        if len(plain) == 1 and self._take_texts(path, plain[0]):
            return
        json = table.json(path)
        is_list = pc.and_(self.open, pc.starts_with(json, "["))
        other = pc.and_(self.open, pc.invert(pc.or_(is_list, pc.equal(json, NULL.decode()))))
        self.wrong = pc.or_(self.wrong, other)
        for depth in range(1, len(path)):
            self.wrong = pc.or_(self.wrong, pc.and_(self.open, table.is_no_object(path[:depth])))
        if plain and self._reader.splits:
            self.leave(rows_of(pc.and_(other, pc.starts_with(json, '"'))))
        if len(plain) > 1 or len(tails) > 1 or (tails and tails[0].only_key is None):
            self.leave(rows_of(is_list))
            return
        of_objects = pc.and_(is_list, pc.match_substring_regex(json, _OF_OBJECTS))
        values = table.values(path)
        if tails:
            self._members(rows_of(of_objects).to_pylist(), values, tails[0].only_key or "")
        else:
            self.wrong = pc.or_(self.wrong, of_objects)
        self._elements(rows_of(pc.and_not(is_list, of_objects)), values, plain[0] if plain else None)

    def _take_texts(self, path: tuple[str, ...], plain: SourceGroup) -> bool:
        """Read the first source of a column if each of its values is a list of texts, or null; else return False."""
        reader = self._reader
        is_first = len(path) == 1 and not self._found and not self._odd
        if not is_first or not reader.type.is_text or reader.nulls or reader.is_numeric_of(plain):
            return False
        try:
            lists = lists_of_strings(json_list(self._table.values(path)))
        except ValueError:
            return False
        texts = pa.array(lists, pa.list_(pa.string()))
        rows = rows_of(texts.is_valid())
        if len(rows):
            self._answer(rows)
            self._found.append(_Lists(rows, texts.drop_null()))
        return True

    def leave(self, rows: pa.Array) -> None:
        """Mark these rows as odd: they are read one by one."""
        if len(rows):
            self._odd.append(rows)
            self._answer(rows)

    def _answer(self, rows: pa.Array) -> None:
        if len(rows) == self._table.rows:
            self.open = pa.repeat(pa.scalar(value=False), self._table.rows)
            return
        self.open = pc.and_not(self.open, pc.is_in(places_of(self._table.rows), value_set=rows))

    def _members(self, rows: list[int], values: Sequence[Any], key: str) -> None:
        """Read lists of objects: the value of one member of each element."""
        if not rows:
            return
        try:
            lists = lists_of_members(key)(json_list([values[row] for row in rows]))
        except ValueError:
            if len(rows) <= _FEW:
                self.leave(pa.array(rows, pa.int64()))
            else:
                self._members(rows[: len(rows) // 2], values, key)
                self._members(rows[len(rows) // 2 :], values, key)
            return
        flat = [NULL if one is None else one.value for one in chain.from_iterable(lists)]
        lacking = []
        if None in flat:
            lacking = [row for row, one in zip(rows, lists, strict=True) if any(e and e.value is None for e in one)]
            flat = [one or NULL for one in flat]
        self._take(pa.array(rows, pa.int64()), list(map(len, lists)), flat, pa.array(lacking, pa.int64()))

    def _elements(self, rows: pa.Array, values: Sequence[Any], plain: SourceGroup | None) -> None:
        """Read all other lists, including empty ones."""
        if not len(rows):
            return
        lists = lists_of_lists(json_list([values[row] for row in rows.to_pylist()]))
        lengths = pa.array(list(map(len, lists)), pa.int32())
        if plain is None:
            some = pc.not_equal(lengths, 0)
            first = json_texts([one[0] for one in lists if one])
            simple = pc.match_substring_regex(first, r'\A["\-0-9]')
            others = rows.filter(some)
            self.wrong = pc.or_(self.wrong, pc.is_in(places_of(self._table.rows), value_set=others.filter(simple)))
            self.leave(others.filter(pc.invert(simple)))
            empty = rows.filter(pc.invert(some))
            self._take(empty, [0] * len(empty), [], NO_ROWS)
            return
        flat = list(chain.from_iterable(lists))
        numeric = self._reader.is_numeric_of(plain)
        if numeric is None:
            self._take(rows, lengths.to_pylist(), flat, NO_ROWS)
            return
        json = json_texts(flat)
        number, text = pc.match_substring_regex(json, _NUMBER), pc.starts_with(json, '"')
        mine, theirs = (number, text) if numeric else (text, number)
        null = pc.equal(json, NULL.decode())
        parents = _parents(rows, lengths)
        has_theirs = pc.is_in(rows, value_set=parents.filter(theirs))
        has_others = pc.is_in(rows, value_set=parents.filter(pc.invert(pc.or_(theirs, null))))
        odd = pc.is_in(rows, value_set=parents.filter(pc.invert(pc.or_(pc.or_(mine, theirs), null))))
        odd = pc.or_(odd, pc.and_(has_theirs, has_others))
        self.leave(rows.filter(odd))
        taken = pc.invert(pc.or_(odd, has_theirs))
        keep = taken.to_pylist()
        self._take(
            rows.filter(taken),
            lengths.filter(taken).to_pylist(),
            list(chain.from_iterable(one for one, kept in zip(lists, keep, strict=True) if kept)),
            NO_ROWS,
        )

    def _take(self, rows: pa.Array, lengths: list[int], flat: Sequence[Any], lacking: pa.Array) -> None:
        """Take lists; mark as odd those that lack a value or have one that is not certainly normal."""
        if not len(rows):
            return
        reader = self._reader
        json = json_texts(flat)
        texts = without_nulls(plain_texts(json, flat), reader)
        normal = pc.fill_null(reader.type.is_normal(texts, reader.options), fill_value=False)
        unsure = pc.or_(is_nested(json), pc.and_(texts.is_valid(), pc.invert(normal)))
        self._answer(rows)
        if unsure.true_count or len(lacking):
            self._odd += [lacking, _parents(rows, pa.array(lengths, pa.int32())).filter(unsure)]
        self._found.append(_Lists(rows, pa.ListArray.from_arrays(offsets(lengths), texts)))

    def whole(self) -> Whole:
        """Return the column."""
        odd = distinct_rows([*self._odd, rows_of(pc.and_(self.open, self.wrong))])
        kind = pa.list_(pa.string())
        if not self._found:
            return Whole(pa.nulls(self._table.rows, kind), odd)
        rows = pa.concat_arrays([found.rows for found in self._found])
        texts = pa.concat_arrays([found.texts for found in self._found])
        if len(rows) == self._table.rows and len(self._found) == 1:
            return Whole(texts, odd)
        return Whole(texts.take(pc.index_in(places_of(self._table.rows), value_set=rows)), odd)


def read_lists(table: QuickTable, reader: ColumnReader) -> Whole:
    """Return a list column; rows are odd if their list doesn't have the usual shape."""
    column = _Column(table, reader)
    for (key, path), sources in groupby(reader.sources, key=lambda source: (source.key, source.path)):
        if key not in table.keys:
            continue
        if path is None or not reader.is_plain_list:
            column.leave(rows_of(pc.and_(column.open, pc.not_equal(table.json((key,)), NULL.decode()))))
        else:
            column.look(path, list(sources))
    return column.whole()


def _parents(rows: pa.Array, lengths: pa.Array) -> pa.Array:
    """Return the row of each element's list."""
    flat = pa.nulls(pc.sum(lengths, min_count=0).as_py())
    lists = pa.ListArray.from_arrays(offsets(lengths.to_pylist()), flat)
    return rows.take(pc.list_parent_indices(lists))
