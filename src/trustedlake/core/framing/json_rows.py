"""Records of a JSON file -> framed rows, in bounded batches."""

from __future__ import annotations

from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS

if TYPE_CHECKING:
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.tally import Tally


class JsonRows:
    """Collects the records of one file and gives them out as batches of rows, counted.

    Grain: one row per record. Columns: `trustedlake.core.framing.layout.framed_schema`.
    """

    def __init__(self, layout: Layout, lineage: Lineage, tally: Tally) -> None:
        self._layout = layout
        self._lineage = lineage
        self._tally = tally
        self._records: list[Record] = []
        self._chars = 0

    def add(self, record: Record) -> bool:
        """Add the next record; True when it is time to `flush`."""
        self._records.append(record)
        self._chars += len(record.raw)
        return self._chars >= BATCH_CHARS or len(self._records) >= BATCH_ROWS

    def __len__(self) -> int:
        return len(self._records)

    def flush(self) -> pa.RecordBatch:
        """The rows collected since the last time."""
        records, self._records, self._chars = self._records, [], 0
        first = self._tally.records
        indexes = pa.array(range(first, first + len(records)), pa.int32())
        members = [record.members for record in records]
        signatures: Counter[tuple[str, ...]] = Counter(map(tuple, members))
        anywhere = set().union(*signatures)
        everywhere = anywhere.intersection(*signatures)
        texts = {
            key: pa.array(
                list(map(itemgetter(key), members)) if key in everywhere else [known.get(key) for known in members],
                pa.string(),
            )
            for key in self._layout.text_columns
            if key in anywhere
        }
        self._tally.count(texts, signatures, indexes)
        return self._layout.batch(
            lineage=self._lineage,
            indexes=indexes,
            raw=pa.array([record.raw for record in records], pa.string()),
            texts=texts,
            rescued=self._rescued(records, signatures),
            problem=pa.array([record.problem for record in records], pa.string()),
        )

    def _rescued(self, records: list[Record], signatures: Counter[tuple[str, ...]]) -> pa.Array:
        known = self._layout.text_columns
        unknown = {signature: [key for key in signature if key not in known] for signature in signatures}
        if not any(unknown.values()):
            return pa.nulls(len(records), self._layout.schema.field("rescued").type)
        told: set[tuple[str, ...]] = set()
        offsets: list[int | None] = []
        keys: list[str] = []
        items: list[str | None] = []
        for record in records:
            members = record.members
            signature = tuple(members)
            others = unknown[signature]
            if others and signature not in told:
                told.add(signature)
                count = signatures[signature]  # looked up once: its hash takes as long as it has keys
                for key in others:
                    self._tally.count_unknown(key, count, (members[key],))
            offsets.append(len(keys) if others else None)
            keys += others
            items += [members[key] for key in others]
        offsets.append(len(keys))
        return pa.MapArray.from_arrays(
            pa.array(offsets, pa.int32()), pa.array(keys, pa.string()), pa.array(items, pa.string())
        )
