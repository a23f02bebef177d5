"""Records as msgspec found them -> columns of texts by path, whole columns at once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.json_text import scan_object
from trustedlake.core.framing.quick_json import NULL, is_nested, json_list, json_texts, objects_of, plain_texts
from trustedlake.core.framing.quick_lists import read_lists
from trustedlake.core.framing.rows import NO_ROWS, Table, Whole, distinct_rows, merge, rows_of, without_nulls

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from trustedlake.core.framing.column_reader import ColumnReader
    from trustedlake.core.framing.rows import Members, Segment, Values


class QuickTable(Table):
    """Records whose values are still JSON.

    Args:
        objects: of each record key -> JSON of the value.
        shapes: of each record its keys.
        texts: of each record its JSON; empty where no column may be read.
        segments: of the files they are of.
    """

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]],
        shapes: Sequence[tuple[str, ...]],
        texts: pa.Array,
        segments: Sequence[Segment],
    ) -> None:
        self.rows_by_shape: dict[tuple[str, ...], list[int]] = {}
        for row, shape in enumerate(shapes):
            self.rows_by_shape.setdefault(shape, []).append(row)
        super().__init__(len(objects), frozenset().union(*self.rows_by_shape), segments)
        self._texts = texts
        self._records = objects
        self._objects: dict[tuple[str, ...], Sequence[Mapping[str, Any] | None]] = {}
        self._values: dict[tuple[str, ...], list[Any]] = {}
        self._json: dict[tuple[str, ...], pa.Array] = {}
        self._columns: dict[tuple[str, ...], pa.Array] = {}

    def json(self, path: tuple[str, ...]) -> pa.Array:
        """The JSON of the values at a path of keys, `null` where there is none."""
        if path not in self._json:
            self._json[path] = json_texts(self.values(path))
        return self._json[path]

    def values(self, path: tuple[str, ...]) -> list[Any]:
        """The same as msgspec has it."""
        if path not in self._values:
            self._values[path] = self._top(path[0]) if len(path) == 1 else self._deeper(path)
        return self._values[path]

    def _top(self, key: str) -> list[Any]:
        records = self._records
        having = [shape for shape in self.rows_by_shape if key in shape]
        if len(having) == len(self.rows_by_shape):
            value_of: Callable[[Any], Any] = itemgetter(key)
            return list(map(value_of, records))
        values = [NULL] * self.rows  # most records lack most of the keys that a few have
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
        """The texts of the values at a path of keys: strings decoded, null where there is none."""
        if path not in self._columns:
            self._columns[path] = plain_texts(self.json(path), self.values(path))
        return self._columns[path]

    def column(self, key: str) -> pa.Array:
        """See the base."""
        return self.texts((key,))

    def nested_at(self, path: tuple[str, ...]) -> pa.Array:
        """Whether the value at a path of keys is an array or an object (boolean)."""
        return is_nested(self.json(path))

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:  # noqa: ARG002
        """See the base."""
        for text in (self._texts if rows is None else self._texts.take(pa.array(rows, pa.int64()))).to_pylist():
            if text.startswith("{"):
                scanned = scan_object(text, 0)
                yield scanned.members, scanned.nested
            else:
                yield {}, {}

    def whole(self, reader: ColumnReader) -> Whole | None:
        """See the base."""
        if reader.is_list:
            return read_lists(self, reader)
        if not reader.is_plain:
            return self._where_there_is_none(reader)
        paths = [source.path for source in reader.sources if source.path and source.key in self.keys]
        merged = merge([without_nulls(self._scalars(path), reader) for path in paths], reader)
        return Whole(merged.texts, distinct_rows([merged.odd, rows_of(self._misfits(paths, merged.texts))]))

    def _scalars(self, path: tuple[str, ...]) -> pa.Array:
        """The texts at a path, none where the value is an array or an object."""
        nested = self.nested_at(path)
        return pc.if_else(nested, None, self.texts(path)) if nested.true_count else self.texts(path)

    def _misfits(self, paths: Sequence[tuple[str, ...]], found: pa.Array) -> pa.Array:
        """Whether a record has no value, and one of another shape at a path or above it."""
        wrong = pa.repeat(pa.scalar(value=False), self.rows)
        for path in paths:
            wrong = pc.or_(wrong, self.nested_at(path))
            for depth in range(1, len(path)):
                wrong = pc.or_(wrong, self.is_no_object(path[:depth]))
        return pc.and_(wrong, pc.equal(pc.fill_null(found, ""), ""))

    def is_no_object(self, path: tuple[str, ...]) -> pa.Array:
        """Whether the value at a path is there and no object (boolean)."""
        json = self.json(path)
        return pc.invert(pc.or_(pc.starts_with(json, "{"), pc.equal(json, NULL.decode())))

    def _where_there_is_none(self, reader: ColumnReader) -> Whole:
        """A column that is read record by record, where a record has one of its keys."""
        rows = NO_ROWS
        for key in reader.keys:
            if key in self.keys:
                rows = distinct_rows([rows, rows_of(pc.not_equal(self.json((key,)), NULL.decode()))])
        return Whole(pa.nulls(self.rows, pa.string()), rows)
