"""Published tables without an engine: Parquet as engines write it, and the ledger that knows it."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from trustedlake.app.publishing import state_file
from trustedlake.app.trusted.listing import lineage_path
from trustedlake.models.contract import ColumnType
from trustedlake.models.lake import Entity, Source, default_paths
from trustedlake.models.ledger import Counts, Ledger, Partition, PublishedFile
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.ports import ObjectStore

TABLES = {
    "tmdb_movies": (Source.TMDB, Entity.MOVIES),
    "tmdb_series": (Source.TMDB, Entity.SERIES),
    "local_movies": (Source.CSV, Entity.MOVIES),
    "local_series": (Source.CSV, Entity.SERIES),
}


def publish_rows(
    store: ObjectStore,
    partitions: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    table: str = "tmdb_movies",
    element: str = "element",
) -> Ledger:
    """Put a file with these rows into each partition, and write the table's ledger; columns not given are null."""
    paths = default_paths(*TABLES[table])
    published = {}
    for name, rows in partitions.items():
        key = "/".join(part for part in (paths.trusted, name, "part-00000.parquet") if part)
        data = parquet_of(rows, table=table, element=element)
        tag = store.put(key, data)
        file = PublishedFile(key=key, size=len(data), rows=len(rows), sha256=hashlib.sha256(data).hexdigest(), tag=tag)
        counts = Counts(framed=len(rows), trusted=len(rows))
        published[name] = Partition(contract=CONTRACTS[table].version, counts=counts, trusted=(file,))
    roots = [lineage_path(store, paths, root) for root in (*paths.inputs, paths.trusted)]
    ledger = Ledger(table=table, inputs=tuple(roots[:-1]), target=roots[-1], partitions=published)
    head = store.head(paths.ledger)
    state_file.write(store, paths.ledger, ledger, replaces=head.tag if head else None)
    return ledger


def parquet_of(rows: Sequence[Mapping[str, Any]], *, table: str = "tmdb_movies", element: str = "element") -> bytes:
    """A Parquet file of the table; `element` is what the engine calls the elements of a list."""
    types = {
        ColumnType.STRING: pa.string(),
        ColumnType.INT: pa.int32(),
        ColumnType.BIGINT: pa.int64(),
        ColumnType.DOUBLE: pa.float64(),
        ColumnType.BOOLEAN: pa.bool_(),
        ColumnType.DATE: pa.date32(),
        ColumnType.STRINGS: pa.list_(pa.field(element, pa.string())),
        ColumnType.BIGINTS: pa.list_(pa.field(element, pa.int64())),
    }
    fields = [(column.name, types[column.type]) for column in CONTRACTS[table].columns]
    fields += [("rescued", pa.map_(pa.string(), pa.string())), ("file_path", pa.string()), ("record_index", pa.int32())]
    lineage = {"file_path": "Raw/a.json"}
    filled = [{**lineage, "record_index": number, **row} for number, row in enumerate(rows)]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(filled, schema=pa.schema(fields)), out)
    return out.getvalue()
