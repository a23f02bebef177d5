"""A column of an earlier Trusted file, to recognise its values in a file in which the column has another key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from trustedlake.core.renames import Before

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from trustedlake.models.contract import Contract

ROWS = 100_000
"""Number of rows of a file that are read at most, about."""

_DIFFERENT = 10_000
"""Number of different values that are looked at."""


class EarlierRows:
    """Port `EarlierColumn`: the first rows of the file that have a value in the column."""

    def __init__(self, file: Path, contract: Contract, column: str) -> None:
        self._key, self._column = contract.key, column
        names = [*dict.fromkeys((*contract.key, column)), "rescued"]
        parts: list[pa.RecordBatch] = []
        try:
            with parquet.ParquetFile(file) as opened:
                for rows in opened.iter_batches(ROWS, columns=names):
                    parts.append(rows.filter(pc.is_valid(rows.column(column))))
                    if sum(map(len, parts)) >= ROWS:
                        break
        except (OSError, KeyError, pa.ArrowException):
            parts = []  # the next run or the audit reports what is wrong with the file
        self._rows = pa.Table.from_batches(parts) if parts else None

    def before(self, records: Collection[tuple[str, ...]]) -> Before:
        """See the port."""
        if self._rows is None:
            return Before()
        values = pc.unique(self._rows.column(self._column))[:_DIFFERENT].to_pylist()
        known = {key for part in self._rows.column("rescued").chunks for key in pc.unique(part.keys).to_pylist()}
        return Before(self._of(records), frozenset(values), frozenset(known))

    def _of(self, records: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], object]:
        if not records or not self._key or self._rows is None:
            return {}
        first = pa.array(sorted({record[0] for record in records}), pa.string())
        likely = self._rows.filter(pc.is_in(self._rows.column(self._key[0]).cast(pa.string()), first))
        *keys, values = (likely.column(name).to_pylist() for name in (*self._key, self._column))
        found = zip(zip(*(map(str, key) for key in keys), strict=True), values, strict=True)
        return {key: value for key, value in found if key in records}
