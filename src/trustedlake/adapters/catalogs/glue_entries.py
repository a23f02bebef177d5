"""Tables and partitions in the words of Glue's API, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trustedlake.adapters.catalogs import athena_views
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}


def table_input(table: CatalogTable, before: Mapping[str, Any], database: str) -> dict[str, Any]:
    """The `TableInput` of a table or view; what the entry `before` had besides is kept ({} where there was none)."""
    if table.sql:
        return athena_views.view_input(table, before, database)
    descriptor = before.get("StorageDescriptor", {})
    return {
        **before,
        "Name": table.name,
        "Description": table.description,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": dict(table.parameters),
        "PartitionKeys": _columns(table.partition_keys, before.get("PartitionKeys", ())),
        "StorageDescriptor": _descriptor(table.columns, table.location, descriptor),
    }


def table_of(entry: Mapping[str, Any]) -> CatalogTable:
    """The table or view that an entry of Glue stands for."""
    descriptor = entry.get("StorageDescriptor", {})
    is_view = entry.get("TableType") == athena_views.KIND
    parameters = entry.get("Parameters", {})
    return CatalogTable(
        name=entry["Name"],
        description=entry.get("Description", ""),
        columns=_columns_of(descriptor.get("Columns", ())),
        partition_keys=_columns_of(entry.get("PartitionKeys", ())),
        location=_folder(descriptor.get("Location", "")),
        sql=athena_views.sql_of(entry) if is_view else "",
        parameters={name: value for name, value in parameters.items() if not (is_view and name in athena_views.MARKS)},
    )


def partition_input(partition: CatalogPartition) -> dict[str, Any]:
    """The `PartitionInput` of a partition."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _descriptor(partition.columns, partition.location, {}),
        "Parameters": dict(partition.parameters),
    }


def partition_of(entry: Mapping[str, Any]) -> CatalogPartition:
    """The partition that an entry of Glue stands for."""
    descriptor = entry.get("StorageDescriptor", {})
    return CatalogPartition(
        values=tuple(entry["Values"]),
        location=_folder(descriptor.get("Location", "")),
        columns=_columns_of(descriptor.get("Columns", ())),
        parameters=entry.get("Parameters", {}),
    )


def _descriptor(columns: Sequence[CatalogColumn], location: str, before: Mapping[str, Any]) -> dict[str, Any]:
    listed = _columns(columns, before.get("Columns", ()))
    return {**before, **_PARQUET, "Columns": listed, "Location": location}


def _columns(columns: Sequence[CatalogColumn], before: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    known = {column["Name"]: column for column in before}
    listed = []
    for column in columns:
        said = {"Name": column.name, "Type": column.type, **({"Comment": column.comment} if column.comment else {})}
        listed.append({**known.get(column.name, {}), **said})
    return listed


def _columns_of(columns: Iterable[Mapping[str, Any]]) -> tuple[CatalogColumn, ...]:
    return tuple(
        CatalogColumn(name=one["Name"], type=one.get("Type", ""), comment=one.get("Comment", "")) for one in columns
    )


def _folder(location: str) -> str:
    return location.rstrip("/") + "/" if location else ""
