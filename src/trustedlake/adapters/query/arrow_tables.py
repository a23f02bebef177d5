"""Published tables as Arrow datasets: their files by name, their types and partitions as the contract declares them."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

from pyarrow import dataset

from trustedlake.core.partition import partition_values
from trustedlake.core.table_schema import arrow_schema, without_zones

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.adapters.query.file_systems import FileSystems
    from trustedlake.models.published import PublishedTable


def arrow_dataset(table: PublishedTable, address: Callable[[str], str], systems: FileSystems) -> dataset.Dataset:
    """The table; nothing is read before someone scans it, and then only partitions that the scan asks for.

    `address` gives a key's absolute path, or `s3://bucket/key`.
    """
    files = [(name, file.key) for name, published in table.partitions.items() for file in published]
    filesystem, paths = systems.readable([address(key) for _, key in files])
    return dataset.FileSystemDataset.from_paths(
        paths,
        schema=without_zones(arrow_schema(table.contract)),
        format=dataset.ParquetFileFormat(),
        filesystem=filesystem,
        partitions=[_values(name) for name, _ in files],
    )


def _values(partition: str) -> dataset.Expression:
    """What is known of all rows of a partition: `ano=2025/mes=06/dia=17`."""
    known = [dataset.field(name) == value for name, value in partition_values(partition).items()]
    return reduce(and_, known) if known else dataset.scalar(True)
