"""Published tables without an engine: Parquet as engines write it, and its ledger."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from trustedlake.app.publishing import state_file
from trustedlake.app.trusted.listing import lineage_path
from trustedlake.core.table_schema import trusted_columns
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths
from trustedlake.models.ledger import Counts, Ledger, Partition, PublishedFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from trustedlake.ports import ObjectStore

_ZONES = ("Trusted/invented", "Quarantine/invented")
_RUN = "run_id"


def publish_rows(
    store: ObjectStore,
    partitions: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    table: str = "tmdb_movies",
    element: str = "element",
) -> Ledger:
    """Put a file with these rows into each partition, and write the table's ledger; columns not given are null."""
    paths = default_paths(CONTRACTS[table])
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
    fields = [(column.name, _named(column.arrow, element)) for column in trusted_columns(CONTRACTS[table])]
    lineage = {"file_path": "Raw/a.json"}
    filled = [{**lineage, "record_index": number, **row} for number, row in enumerate(rows)]
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(filled, schema=pa.schema(fields)), out)
    return out.getvalue()


def _named(kind: pa.DataType, element: str) -> pa.DataType:
    return pa.list_(pa.field(element, kind.value_type)) if pa.types.is_list(kind) else kind


def rows(lake: Path) -> dict[str, list[str]]:
    """Every row of both zones, and of what was refused, as texts in order."""
    told: dict[str, list[str]] = {}
    for zone in (*_ZONES, "_trustedlake/failed"):
        files = sorted((lake / zone).rglob("*.parquet"))
        told[zone] = sorted(
            repr({name: value for name, value in row.items() if name != _RUN})
            for file in files
            for row in pq.ParquetFile(file).read().to_pylist()
        )
    return told
