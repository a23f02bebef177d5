"""Published tables as Arrow datasets: their files by name, their types and partitions as the contract declares them."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import dataset

from trustedlake.models.contract import LINEAGE, PARTITION, ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.adapters.query.file_systems import FileSystems
    from trustedlake.models.contract import Contract
    from trustedlake.models.published import PublishedTable

_TYPES: dict[str, pa.DataType] = {
    ColumnType.STRING: pa.string(),
    ColumnType.INT: pa.int32(),
    ColumnType.BIGINT: pa.int64(),
    ColumnType.DOUBLE: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.STRINGS: pa.list_(pa.string()),
    ColumnType.BIGINTS: pa.list_(pa.int64()),
}


def arrow_schema(contract: Contract) -> pa.Schema:
    """The table's columns: the contract's, `rescued`, the lineage, and `ano`, `mes`, `dia` as strings."""
    fields = [(column.name, _TYPES[column.type]) for column in contract.columns]
    fields.append(("rescued", pa.map_(pa.string(), pa.string())))
    fields += [(name, _TYPES[kind]) for name, kind in LINEAGE]
    fields += [(name, pa.string()) for name in PARTITION if contract.partitioned]
    return pa.schema(fields)


def arrow_dataset(table: PublishedTable, address: Callable[[str], str], systems: FileSystems) -> dataset.Dataset:
    """The table; nothing is read before someone scans it, and then only partitions that the scan asks for.

    `address` gives a key's absolute path, or `s3://bucket/key`.
    """
    files = [(name, file.key) for name, published in table.partitions.items() for file in published]
    filesystem, paths = systems.readable([address(key) for _, key in files])
    return dataset.FileSystemDataset.from_paths(
        paths,
        schema=arrow_schema(table.contract),
        format=dataset.ParquetFileFormat(),
        filesystem=filesystem,
        partitions=[_values(name) for name, _ in files],
    )


def _values(partition: str) -> dataset.Expression:
    """What is known of all rows of a partition: `ano=2025/mes=06/dia=17`."""
    pairs = [part.split("=") for part in partition.split("/") if part]
    known = [dataset.field(name) == value for name, value in pairs]
    return reduce(and_, known) if known else dataset.scalar(True)
