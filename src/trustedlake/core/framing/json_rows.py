"""Turn the records of a JSON file into framed rows, as `reader` yields them."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from trustedlake.core.framing.json_text import Number
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS, Belonging, repeated
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Segment, Table, problems, read_columns, rescued
from trustedlake.core.framing.witness import witness_crcs, witness_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.rows import Members, Values
    from trustedlake.core.framing.tally import Tally


class JsonRows:
    """Collects the records of one file, counts them, and returns them as batches of rows.

    Grain: one row per record that does not belong to another table. Columns: `core.framing.layout.framed_schema`;
    `record_index` is the record's place among all records of the file, from 0.
    """

    def __init__(self, layout: Layout, lineage: Lineage, tally: Tally, others: Sequence[Selection]) -> None:
        self._layout = layout
        self._lineage = lineage
        self._tally = tally
        self._others = others
        self._records: list[Record] = []
        self._indexes: list[int] = []
        self._chars = 0

    def add(self, record: Record) -> bool:
        """Add the next record; return True when it is time to `flush`."""
        index = self._tally.place()
        if record.problem is None:
            belonging = self._layout.selection.belonging(record.members, self._others)
            if belonging is Belonging.ELSEWHERE:
                self._tally.count_elsewhere(record.members, self._others)
                return False
            if belonging is Belonging.FOREIGN:
                record = record._replace(members={}, nested={}, problem=not_of(self._layout.table))
        if record.problem == not_of(self._layout.table) or record.raw.startswith("["):
            self._tally.count_foreign(record.raw)
        self._records.append(record)
        self._indexes.append(index)
        self._chars += len(record.raw)
        return self._chars >= BATCH_CHARS or len(self._records) >= BATCH_ROWS

    def __len__(self) -> int:
        return len(self._records)

    def flush(self) -> pa.RecordBatch:
        """Return the rows collected since the last flush."""
        records, self._records, self._chars = self._records, [], 0
        indexes, self._indexes = pa.array(self._indexes, pa.int32()), []
        members = [record.members for record in records]
        shapes = list(map(tuple, members))
        layout, tally = self._layout, self._tally
        table = _Scanned(records, Segment(tally, len(records), Counter(shapes)))
        columns = read_columns(table, layout)
        crcs = witness_crcs(witness_texts(columns.texts, layout, len(records)), indexes)
        tally.count_rows(len(records), crcs)
        tally.see_keys([table.keys])
        batch = layout.batch(
            file_path=repeated(self._lineage.file_path, len(records)),
            partition=[repeated(value, len(records)) for value in self._lineage.partition],
            indexes=indexes,
            raw=pa.array([record.raw for record in records], pa.string()),
            texts=columns.texts,
            rescued=rescued(self._unknown(shapes, members), columns.losers),
            problem=problems([record.problem for record in records], columns.reasons),
        )
        tally.keep_examples(batch)
        return batch

    def _unknown(
        self, shapes: Sequence[tuple[str, ...]], members: Sequence[Mapping[str, str | None]]
    ) -> list[list[tuple[str, str | None]]]:
        """Return, for each record, the keys that no column takes, with their texts; also counts them."""
        taken = self._layout.keys
        others = {shape: [key for key in shape if key not in taken] for shape in set(shapes)}
        if not any(others.values()):
            return [[] for _ in shapes]
        found = [[(key, known[key]) for key in others[shape]] for shape, known in zip(shapes, members, strict=True)]
        self._tally.count_unknown(found)
        return found


class _Scanned(Table):
    """Records that were read one by one."""

    def __init__(self, records: Sequence[Record], segment: Segment) -> None:
        self._records = records
        self._members = [record.members for record in records]
        keys = frozenset[str]().union(*segment.signatures)
        self._everywhere = keys.intersection(*segment.signatures)
        super().__init__(len(records), keys, [segment])
        self._columns: dict[str, pa.Array] = {}
        self._nested: dict[str, list[int]] = {}
        for row, record in enumerate(records):
            for key in record.nested:
                self._nested.setdefault(key, []).append(row)

    def column(self, key: str) -> pa.Array:
        """See the base."""
        if key not in self._columns:
            members = self._members
            texts = map(itemgetter(key), members) if key in self._everywhere else (known.get(key) for known in members)
            self._columns[key] = pa.array(list(texts), pa.string())
        return self._columns[key]

    def numbers(self, path: tuple[str, ...]) -> pa.Array:
        """See the base."""
        return pa.array([known.get(path[0]).__class__ is Number for known in self._members], pa.bool_())

    def nested(self, key: str) -> pa.Array:
        """See the base."""
        return pa.array(self._nested.get(key, []), pa.int64())

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:  # noqa: ARG002 - all members are already there
        """See the base."""
        some = self._records if rows is None else (self._records[row] for row in rows)
        return ((record.members, record.nested) for record in some)
