"""What a query reads, as Arrow has it: published files, typed as the contract declares, and the lake's state."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import dataset

from trustedlake.core.partition import partition_values
from trustedlake.core.table_schema import arrow_schema, without_zones
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trustedlake.adapters.query.file_systems import FileSystems
    from trustedlake.models.published import PublishedTable


def arrow_dataset(table: PublishedTable, address: Callable[[str], str], systems: FileSystems) -> dataset.Dataset:
    """The table; nothing is read before someone scans it, and then only partitions that the scan asks for.

    `address` gives a key's absolute path, or `s3://bucket/key`.
    """
    files = [
        (address(file.key), partition_values(name))
        for name, published in table.partitions.items()
        for file in published
    ]
    return parquet_dataset(files, without_zones(arrow_schema(table.contract)), systems)


def parquet_dataset(
    files: Sequence[tuple[str, Mapping[str, object]]], schema: pa.Schema, systems: FileSystems
) -> dataset.Dataset:
    """Parquet files, by their addresses, each with what is known of all its rows: column -> value."""
    filesystem, paths = systems.readable([address for address, _ in files])
    return dataset.FileSystemDataset.from_paths(
        paths,
        schema=schema,
        format=dataset.ParquetFileFormat(),
        filesystem=filesystem,
        partitions=[_known(schema, values) for _, values in files],
    )


def arrow_table(rows: Iterable[Mapping[str, object]], schema: pa.Schema) -> pa.Table:
    """Rows as a table. Raises InputError for a value that no column holds: state files may say anything."""
    try:
        return pa.Table.from_pylist(list(rows), schema=schema)
    except (pa.ArrowException, OverflowError, UnicodeError) as error:
        raise InputError(
            f"the lake's state has a value that no table holds: {error}", hint="trustedlake audit looks at the state"
        ) from error


def _known(schema: pa.Schema, values: Mapping[str, object]) -> dataset.Expression:
    known = [
        dataset.field(name) == pa.scalar(value, schema.field(name).type)
        for name, value in values.items()
        if value is not None
    ]
    return reduce(and_, known) if known else dataset.scalar(True)
