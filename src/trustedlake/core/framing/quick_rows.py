"""Turn records found by msgspec into framed rows; small files share batches."""

from __future__ import annotations

import array
from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS, Belonging
from trustedlake.core.framing.quick_scan import int32s, json_texts, plain_texts
from trustedlake.core.framing.quick_table import QuickTable
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Segment, places_of, problems, read_columns
from trustedlake.core.framing.witness import witness_crcs, witness_texts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.tally import Tally


MOST_KEYS = 128
MOST_SHAPES = 64
"""A file with more different keys, or more different sets of keys, is left to `reader`: making a whole column for each
of many keys would take time proportional to records times keys."""


class QuickRows:
    """Collects records and returns them as batches of rows; each file has its own tally.

    Grain and columns: as in `JsonRows`.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._begin()

    def _begin(self) -> None:
        self._segments: list[Segment] = []
        self._lineages: list[Lineage] = []
        self._objects: list[Mapping[str, Any]] = []
        self._shapes: list[tuple[str, ...]] = []
        self._keys: set[str] = set()
        self._texts: list[Any] = []
        self._indexes = array.array("i")
        self._foreign: dict[int, str] = {}
        self._chars = 0

    def __len__(self) -> int:
        return len(self._objects)

    @property
    def is_full(self) -> bool:
        """Whether it is time to `flush`."""
        return self._chars >= BATCH_CHARS or len(self) >= BATCH_ROWS or len(self._keys) > MOST_KEYS

    def add(
        self,
        objects: Sequence[Mapping[str, Any]],
        texts: Sequence[Any],
        lineage: Lineage,
        tally: Tally,
        others: Sequence[Selection],
    ) -> bool:
        """Add the next records of a file, as `quick_scan.Scanned.parts` yields them.

        Returns False and adds nothing if no record has a key of the table's columns, or if there are too many keys for
        whole columns.
        """
        shapes = list(map(tuple, objects))
        signatures = Counter(shapes)
        if len(signatures) > MOST_SHAPES or len({key for shape in signatures for key in shape}) > MOST_KEYS:
            return False
        first = tally.places
        tally.places += len(objects)
        indexes: Sequence[int] = range(first, tally.places)
        foreign: Sequence[int] = ()
        if not self._are_ours(signatures):
            objects, texts, indexes, foreign = self._select(objects, texts, first, tally, others)
            shapes = list(map(tuple, objects))
            signatures = Counter(shapes)
        tally.see_keys(signatures)
        if objects and not tally.has_records:
            return False
        self._foreign.update((len(self) + place, not_of(self._layout.table)) for place in foreign)
        self._segments.append(Segment(tally, len(objects), signatures))
        self._lineages.append(lineage)
        self._objects += objects
        self._shapes += shapes
        self._keys.update(*signatures)
        self._texts += texts
        self._indexes.extend(indexes)
        self._chars += sum(map(len, texts))
        return True

    def _are_ours(self, signatures: Iterable[tuple[str, ...]]) -> bool:
        """Whether the keys alone show that all records with these signatures belong to the table."""
        selection = self._layout.selection
        asked = selection.where.keys()
        return all(None in values for values in selection.where.values()) and all(
            asked.isdisjoint(keys) and selection.looks_like(dict.fromkeys(keys)) for keys in signatures
        )

    def _select(
        self,
        objects: Sequence[Mapping[str, Any]],
        texts: Sequence[Any],
        first: int,
        tally: Tally,
        others: Sequence[Selection],
    ) -> tuple[list[Mapping[str, Any]], list[Any], list[int], list[int]]:
        """Return the records that no other table takes, their texts and indexes, and which of them are of no table."""
        selection = self._layout.selection
        keys = {key for one in (selection, *others) for key in one.where}
        kept: list[Mapping[str, Any]] = []
        kept_texts, indexes, foreign = [], [], []
        for index, (one, text) in enumerate(zip(objects, texts, strict=True), first):
            members = dict.fromkeys(one, "") | _texts_of(one, keys)
            belonging = selection.belonging(members, others)
            if belonging is Belonging.ELSEWHERE:
                tally.count_elsewhere(members, others)
                continue
            if belonging is Belonging.FOREIGN:
                tally.count_foreign(bytes(text).decode())
                foreign.append(len(kept))
            kept.append({} if belonging is Belonging.FOREIGN else one)
            kept_texts.append(text)
            indexes.append(index)
        return kept, kept_texts, indexes, foreign

    def flush(self) -> pa.RecordBatch:
        """Return the rows collected since the last flush."""
        layout = self._layout
        rows, segments, lineages, shapes = len(self), self._segments, self._lineages, self._shapes
        objects = self._objects
        raw, indexes, foreign = json_texts(self._texts), int32s(self._indexes), self._foreign
        self._begin()
        table = QuickTable(objects, shapes, segments)
        columns = read_columns(table, layout)
        self._count(columns.texts, indexes, segments)
        numbers = array.array("i")
        for number, segment in enumerate(segments):
            numbers.extend([number] * segment.rows)
        places = int32s(numbers)
        batch = layout.batch(
            file_path=pa.array([lineage.file_path for lineage in lineages], pa.string()).take(places),
            partition=[
                pa.array(list(values), pa.string()).take(places)
                for values in zip(*(lineage.partition for lineage in lineages), strict=True)
            ],
            indexes=indexes,
            raw=raw,
            texts=columns.texts,
            rescued=_rescued(table, shapes, segments, layout, columns.losers),
            problem=problems([foreign.get(row) for row in range(rows)], columns.reasons)
            if foreign or columns.reasons
            else pa.nulls(rows, pa.string()),
        )
        start = 0
        for segment in segments:
            segment.tally.keep_examples(batch.slice(start, segment.rows))
            start += segment.rows
        return batch

    def _count(self, texts: Mapping[str, pa.Array], indexes: pa.Array, segments: Sequence[Segment]) -> None:
        crcs = witness_crcs(witness_texts(texts, self._layout, len(indexes)), indexes)
        start = 0
        for segment in segments:
            segment.tally.count_rows(segment.rows, crcs.slice(start, segment.rows))
            start += segment.rows


def _texts_of(one: Mapping[str, Any], keys: set[str]) -> dict[str, str | None]:
    some = [key for key in keys if key in one]
    if not some:
        return {}
    values = [one[key] for key in some]
    return dict(zip(some, plain_texts(json_texts(values), values).to_pylist(), strict=True))


def _rescued(
    table: QuickTable,
    shapes: Sequence[tuple[str, ...]],
    segments: Sequence[Segment],
    layout: Layout,
    losers: Mapping[int, Sequence[tuple[str, str]]],
) -> pa.Array:
    """Make the column `rescued`: each record's unknown keys, then the sources that lost; counted per file."""
    taken = layout.keys
    unknown = {shape: [key for key in shape if key not in taken] for shape in table.rows_by_shape}
    if not losers and not any(unknown.values()):
        return pa.nulls(table.rows, pa.map_(pa.string(), pa.string()))
    row = 0
    for segment in segments:
        some = [shape for shape in segment.signatures if unknown[shape]]
        if some:
            places = [shapes.index(shape, row) for shape in some]
            firsts = [
                [(key, table.column(key)[place].as_py()) for key in unknown[shape]]
                for shape, place in zip(some, places, strict=True)
            ]
            segment.tally.count_unknown(firsts, [segment.signatures[shape] for shape in some])
        row += segment.rows
    entries = _Entries()
    for shape, keys in unknown.items():
        if not keys:
            continue
        at = pa.array(table.rows_by_shape[shape], pa.int64())
        for key in keys:
            entries.add(at, pa.repeat(pa.scalar(key, pa.string()), len(at)), table.column(key).take(at))
    for place, lost in losers.items():
        entries.add_losers(place, lost, unknown[shapes[place]])
    return entries.maps(table.rows)


class _Entries:
    """Collects map entries, each with its row."""

    def __init__(self) -> None:
        self._rows: list[pa.Array] = []
        self._keys: list[pa.Array] = []
        self._items: list[pa.Array] = []

    def add(self, rows: pa.Array, keys: pa.Array, items: pa.Array) -> None:
        """Add an entry for each of these rows."""
        self._rows.append(rows)
        self._keys.append(keys)
        self._items.append(items)

    def add_losers(self, row: int, losers: Iterable[tuple[str, str]], known: Collection[str]) -> None:
        """Add the sources that lost in one row, the first of each path, unless the path is among the `known` keys."""
        texts: dict[str, str] = {}
        for path, text in losers:
            if path not in known:
                texts.setdefault(path, text)
        self.add(
            pa.array([row] * len(texts), pa.int64()),
            pa.array(list(texts), pa.string()),
            pa.array(list(texts.values()), pa.string()),
        )

    def maps(self, rows: int) -> pa.Array:
        """Return a map for each of the `rows` rows, entries in the order of adding; null if a row has none."""
        every = pa.concat_arrays(self._rows)
        order = pc.sort_indices(every)  # stable
        values, counts = pc.value_counts(every).flatten()
        lengths = pc.fill_null(counts.take(pc.index_in(places_of(rows), value_set=values)), 0).cast(pa.int32())
        starts = pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths)])
        is_null = pa.concat_arrays([pc.equal(lengths, 0), pa.array([False])])
        return pa.MapArray.from_arrays(
            pc.if_else(is_null, None, starts),
            pa.concat_arrays(self._keys).take(order),
            pa.concat_arrays(self._items).take(order),
        )
