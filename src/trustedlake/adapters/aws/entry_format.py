"""Converts catalog tables and views to the entries that Glue and Athena keep, and back."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


KIND = "VIRTUAL_VIEW"

MARKS = {"presto_view": "true", "comment": "Presto View"}
"""Parameters by which Athena recognizes its views."""

_TEXT = re.compile(r"/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/")
_SCALARS = {"string": "varchar", "int": "integer"}
_NESTED = re.compile(r"(array|map)<(.*)>")


def view_input(view: CatalogTable, before: Mapping[str, Any], database: str) -> dict[str, Any]:
    """Return the `TableInput` of a view; keep the other fields of the entry `before` ({} if there was none)."""
    columns = [{"Name": column.name, "Type": column.type, "Comment": column.comment} for column in view.columns]
    return {
        **before,
        "Name": view.name,
        "Description": view.description,
        "TableType": KIND,
        "Parameters": {**view.parameters, **MARKS},
        "PartitionKeys": [],
        "ViewOriginalText": f"/* Presto View: {_encoded(view, database)} */",
        "ViewExpandedText": "/* Presto View */",
        "StorageDescriptor": {"Columns": columns, "Location": "", "SerdeInfo": {}},
    }


def sql_of(entry: Mapping[str, Any]) -> str:
    """Return the SELECT of a view's entry; if Athena didn't write the view, return its raw text."""
    text = str(entry.get("ViewOriginalText", ""))
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return text
    try:
        return str(json.loads(base64.b64decode(found[1]))["originalSql"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return text


def presto_type(hive: str) -> str:
    """Return a type as Athena's engine names it: `map<string,array<int>>` -> `map(varchar,array(integer))`."""
    nested = _NESTED.fullmatch(hive)
    if nested is None:
        return _SCALARS.get(hive, hive)
    kind, inside = nested.groups()
    parts = inside.split(",", 1) if kind == "map" else [inside]  # a map's key is a scalar
    return f"{kind}({','.join(presto_type(part) for part in parts)})"


def _encoded(view: CatalogTable, database: str) -> str:
    columns = [{"name": column.name, "type": presto_type(column.type)} for column in view.columns]
    said = {"originalSql": view.sql, "catalog": "awsdatacatalog", "schema": database, "columns": columns}
    return base64.b64encode(json.dumps(said, ensure_ascii=False).encode()).decode()


_PARQUET = {
    "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
    "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
    "SerdeInfo": {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    },
}


def table_input(table: CatalogTable, before: Mapping[str, Any], database: str) -> dict[str, Any]:
    """Return the `TableInput` of a table or view; keep the other fields of the entry `before` ({} if none)."""
    if table.sql:
        return view_input(table, before, database)
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
    """Return the table or view that a Glue entry describes."""
    descriptor = entry.get("StorageDescriptor", {})
    is_view = entry.get("TableType") == KIND
    parameters = entry.get("Parameters", {})
    return CatalogTable(
        name=entry["Name"],
        description=entry.get("Description", ""),
        columns=_columns_of(descriptor.get("Columns", ())),
        partition_keys=_columns_of(entry.get("PartitionKeys", ())),
        location=_folder(descriptor.get("Location", "")),
        sql=sql_of(entry) if is_view else "",
        parameters={name: value for name, value in parameters.items() if not (is_view and name in MARKS)},
    )


def partition_input(partition: CatalogPartition) -> dict[str, Any]:
    """Return the `PartitionInput` of a partition."""
    return {
        "Values": list(partition.values),
        "StorageDescriptor": _descriptor(partition.columns, partition.location, {}),
        "Parameters": dict(partition.parameters),
    }


def partition_of(entry: Mapping[str, Any]) -> CatalogPartition:
    """Return the partition that a Glue entry describes."""
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
