"""Records of a JSON file -> framed rows, in bounded batches."""

from __future__ import annotations

from collections import Counter
from functools import cache
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Table, problems, read_columns, rescued
from trustedlake.core.framing.selection import Belonging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.selection import Selection
    from trustedlake.core.framing.tally import Tally


class JsonRows:
    """Collects the records of one file and gives them out as batches of rows, counted.

    Grain: one row per record that is not another table's. Columns: `core.framing.layout.framed_schema`;
    `record_index` is the place among all records of the file, from 0.
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
        """Add the next record; True when it is time to `flush`."""
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
        """The rows collected since the last time."""
        records, self._records, self._chars = self._records, [], 0
        indexes, self._indexes = pa.array(self._indexes, pa.int32()), []
        members = [record.members for record in records]
        shapes = list(map(tuple, members))
        signatures = Counter(shapes)
        anywhere = frozenset().union(*signatures)
        everywhere = anywhere.intersection(*signatures)
        nested: dict[str, list[int]] = {}
        for row, record in enumerate(records):
            for key in record.nested:
                nested.setdefault(key, []).append(row)

        @cache
        def column(key: str) -> pa.Array:
            texts = map(itemgetter(key), members) if key in everywhere else (known.get(key) for known in members)
            return pa.array(list(texts), pa.string())

        layout, tally = self._layout, self._tally
        table = Table(
            rows=len(records),
            column=column,
            keys=anywhere,
            members=lambda _, rows: members if rows is None else [members[row] for row in rows],
            values=[record.nested for record in records],
            nested=nested,
            signatures=signatures,
        )
        columns = read_columns(table, layout, tally)
        tally.count_rows(columns.texts, indexes, anywhere)
        return layout.batch(
            lineage=self._lineage,
            indexes=indexes,
            raw=pa.array([record.raw for record in records], pa.string()),
            texts=columns.texts,
            rescued=rescued(self._unknown(shapes, members), columns.losers),
            problem=problems([record.problem for record in records], columns.reasons),
        )

    def _unknown(
        self, shapes: Sequence[tuple[str, ...]], members: Sequence[Mapping[str, str | None]]
    ) -> list[list[tuple[str, str | None]]]:
        """For each record the keys that no column takes, with their texts; counted."""
        taken = self._layout.keys
        others = {shape: [key for key in shape if key not in taken] for shape in set(shapes)}
        if not any(others.values()):
            return [[] for _ in shapes]
        found = [[(key, known[key]) for key in others[shape]] for shape, known in zip(shapes, members, strict=True)]
        self._tally.count_unknown(found)
        return found
