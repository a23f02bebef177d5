"""What framing must know of a contract, and the columns that framed rows have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION = ("ano", "mes", "dia")
BATCH_ROWS = 20_000
BATCH_CHARS = 8 << 20
"""A batch of framed rows is closed when it has this many rows, or characters of raw text."""


class Lineage(NamedTuple):
    """Where the rows of a file come from; the date is empty for a table without partitions."""

    file_path: str
    ano: str
    mes: str
    dia: str


class WitnessColumn(NamedTuple):
    """A contract column whose text the proof compares, with the source keys it comes from."""

    name: str
    keys: tuple[str, ...]
    integer: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """The plain data of `Contract.framing()`, looked up once.

    Attributes:
        text_columns: source key -> text column.
        columns: contract column -> its source keys.
        texts: source key that may hold text only -> contract column.
        key: name of the key column.
        key_keys: source keys of the key column.
        required_keys: source keys of the key and the required columns: one of them makes a record.
        film_keys: source keys of every column but the key: without any of them a file holds no movies.
        witness: columns whose text the proof compares, in order.
        schema: of the framed rows.
    """

    text_columns: Mapping[str, str]
    columns: Mapping[str, tuple[str, ...]]
    texts: Mapping[str, str]
    key: str
    key_keys: frozenset[str]
    required_keys: frozenset[str]
    film_keys: frozenset[str]
    witness: tuple[WitnessColumn, ...]
    schema: pa.Schema

    @classmethod
    def of(cls, framing: Mapping[str, Any]) -> Layout:
        """The layout of a contract's framing data."""
        columns = {name: tuple(keys) for name, keys in framing["columns"].items()}
        key_keys = frozenset(columns[framing["key"]])
        required = (framing["key"], *framing["required"])
        integers = frozenset(framing["integers"])
        return cls(
            text_columns=dict(framing["text_columns"]),
            columns=columns,
            texts=dict(framing["texts"]),
            key=framing["key"],
            key_keys=key_keys,
            required_keys=frozenset(key for name in required for key in columns[name]),
            film_keys=frozenset(key for keys in columns.values() for key in keys) - key_keys,
            witness=tuple(WitnessColumn(name, columns[name], name in integers) for name in framing["witness"]),
            schema=framed_schema(framing),
        )

    def batch(
        self,
        *,
        lineage: Lineage,
        indexes: pa.Array,
        raw: pa.Array,
        texts: Mapping[str, pa.Array],
        rescued: pa.Array,
        problem: pa.Array,
    ) -> pa.RecordBatch:
        """Framed rows of one file; `texts` are the columns of the source keys that occur."""
        rows = len(raw)
        absent = pa.nulls(rows, pa.string())
        columns = [
            _repeated(lineage.file_path, rows),
            indexes,
            raw,
            *(texts.get(key, absent) for key in self.text_columns),
            rescued,
            problem,
            *(_repeated(value, rows) for value in lineage[1:]),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _repeated(text: str, rows: int) -> pa.Array:
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def framed_schema(framing: Mapping[str, Any]) -> pa.Schema:
    """Schema of framed rows: one row per record.

    `file_path string, record_index int32, raw string`, one string column for each source key,
    `rescued map<string,string>` (null when no key is unknown), `problem string` (null, or reasons
    `x|rule` joined by commas), `ano, mes, dia string` (empty for a table without partitions).
    """
    text = pa.string()
    return pa.schema(
        [
            pa.field("file_path", text),
            pa.field("record_index", pa.int32()),
            pa.field("raw", text),
            *(pa.field(name, text) for name in framing["text_columns"].values()),
            pa.field("rescued", pa.map_(text, text)),
            pa.field("problem", text),
            *(pa.field(name, text) for name in PARTITION),
        ]
    )
