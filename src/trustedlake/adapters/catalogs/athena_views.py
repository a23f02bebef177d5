"""Views in the words of Glue's API, as Athena writes them: JSON in base64 in a comment of SQL."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.models.catalog import CatalogTable

KIND = "VIRTUAL_VIEW"

MARKS = {"presto_view": "true", "comment": "Presto View"}
"""Parameters by which Athena knows its views."""

_TEXT = re.compile(r"/\*\s*Presto View:\s*([A-Za-z0-9+/=\s]+?)\s*\*/")
_SCALARS = {"string": "varchar", "int": "integer"}
_NESTED = re.compile(r"(array|map)<(.*)>")


def view_input(view: CatalogTable, before: Mapping[str, Any], database: str) -> dict[str, Any]:
    """The `TableInput` of a view; what the entry `before` had besides is kept ({} where there was none)."""
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
    """The SELECT of an entry that is a view; of one that Athena didn't write, its text."""
    text = str(entry.get("ViewOriginalText", ""))
    found = _TEXT.fullmatch(text.strip())
    if found is None:
        return text
    try:
        return str(json.loads(base64.b64decode(found[1]))["originalSql"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return text


def presto_type(hive: str) -> str:
    """A type as Athena's engine names it: `map<string,array<int>>` -> `map(varchar,array(integer))`."""
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
