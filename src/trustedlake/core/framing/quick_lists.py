"""A list column of records as msgspec found them: the elements of all lists at once."""

from __future__ import annotations

from itertools import chain, groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.quick_json import (
    NULL,
    is_nested,
    json_list,
    json_texts,
    lists_of_lists,
    lists_of_members,
    offsets,
    plain_texts,
)
from trustedlake.core.framing.rows import NO_ROWS, Whole, distinct_rows, places_of, rows_of, without_nulls

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.core.framing.column_reader import ColumnReader, Source
    from trustedlake.core.framing.quick_table import QuickTable

_OF_OBJECTS = r"\A\[[ \t\r\n]*\{"
_NUMBER = r"\A[-0-9]"
_FEW = 64
"""Lists among which one of another shape is looked for no further: each is read by itself."""


class _Lists(NamedTuple):
    """Lists that were read: their rows (int64), and the texts of their elements."""

    rows: pa.Array
    texts: pa.Array


class _Column:
    """A list column while its sources are looked through, in order of preference.

    Attributes:
        open: the rows that no source has answered yet (boolean).
        wrong: those in which a source found a value of another shape; what stays open is then read by itself.
    """

    def __init__(self, table: QuickTable, reader: ColumnReader) -> None:
        self._table = table
        self._reader = reader
        self._found: list[_Lists] = []
        self._odd: list[pa.Array] = []
        self.open = pa.repeat(pa.scalar(value=True), table.rows)
        self.wrong = pa.repeat(pa.scalar(value=False), table.rows)

    def look(self, path: tuple[str, ...], sources: Sequence[Source]) -> None:
        """Let the sources that take the list at this path answer."""
        table = self._table
        json = table.json(path)
        is_list = pc.and_(self.open, pc.starts_with(json, "["))
        other = pc.and_(self.open, pc.invert(pc.or_(is_list, pc.equal(json, NULL.decode()))))
        self.wrong = pc.or_(self.wrong, other)
        for depth in range(1, len(path)):
            self.wrong = pc.or_(self.wrong, pc.and_(self.open, table.is_no_object(path[:depth])))
        plain = [source for source in sources if not source.tails]
        tails = [source for source in sources if source.tails]
        if plain and self._reader.splits:
            self.leave(rows_of(pc.and_(other, pc.starts_with(json, '"'))))
        if len(plain) > 1 or len(tails) > 1 or (tails and tails[0].only_key is None):
            self.leave(rows_of(is_list))
            return
        of_objects = pc.and_(is_list, pc.match_substring_regex(json, _OF_OBJECTS))
        values = table.values(path)
        if tails:
            self._members(rows_of(of_objects), values, tails[0].only_key or "")
        else:
            self.wrong = pc.or_(self.wrong, of_objects)
        self._elements(rows_of(pc.and_not(is_list, of_objects)), values, plain[0] if plain else None)

    def leave(self, rows: pa.Array) -> None:
        """These rows are read by themselves."""
        if len(rows):
            self._odd.append(rows)
            self._answer(rows)

    def _answer(self, rows: pa.Array) -> None:
        self.open = pc.and_not(self.open, pc.is_in(places_of(self._table.rows), value_set=rows))

    def _members(self, rows: pa.Array, values: Sequence[Any], key: str) -> None:
        """Lists of objects: of each element the value of one member."""
        decode = lists_of_members(key)

        def take(some: list[int]) -> None:
            try:
                lists = decode(json_list([values[row] for row in some]))
            except ValueError:
                if len(some) <= _FEW:
                    self.leave(pa.array(some, pa.int64()))
                else:
                    take(some[: len(some) // 2])
                    take(some[len(some) // 2 :])
                return
            flat = [NULL if one is None else one.value for one in chain.from_iterable(lists)]
            lacking = []
            if None in flat:
                lacking = [row for row, one in zip(some, lists, strict=True) if any(e and e.value is None for e in one)]
                flat = [one or NULL for one in flat]
            self._take(pa.array(some, pa.int64()), list(map(len, lists)), flat, pa.array(lacking, pa.int64()))

        if len(rows):
            take(rows.to_pylist())

    def _elements(self, rows: pa.Array, values: Sequence[Any], plain: Source | None) -> None:
        """Lists of anything else, empty ones too."""
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
        """Take lists; those among them that lack a value, or have one that is not plainly normal, are left."""
        if not len(rows):
            return
        reader = self._reader
        json = json_texts(flat)
        texts = without_nulls(plain_texts(json, flat), reader)
        # A date may look like one and be none: here that is told at once.
        normal = pc.fill_null(reader.type.is_normal(texts, reader.options), fill_value=False)
        sure = pc.and_(normal, reader.type.decode(pc.if_else(normal, texts, None)).is_valid())
        unsure = pc.or_(is_nested(json), pc.and_(texts.is_valid(), pc.invert(sure)))
        self._answer(rows)
        if unsure.true_count or len(lacking):
            self._odd += [lacking, _parents(rows, pa.array(lengths, pa.int32())).filter(unsure)]
        self._found.append(_Lists(rows, pa.ListArray.from_arrays(offsets(lengths), texts)))

    def whole(self) -> Whole:
        """The column."""
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
    """The column, of which rows are odd where a list has not the shape that nearly all have."""
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
    """For each element the row of its list."""
    flat = pa.nulls(pc.sum(lengths, min_count=0).as_py())
    lists = pa.ListArray.from_arrays(offsets(lengths.to_pylist()), flat)
    return rows.take(pc.list_parent_indices(lists))
