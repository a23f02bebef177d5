"""Contract files of tables invented by tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KEY: Mapping[str, Any] = {"primaryKey": True, "required": True}


def column(name: str, kind: str = "string", *, synonyms: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A column; `list` before a type makes a list of it, and what the standard has no place for is a custom one."""
    standard = {"primaryKey", "primaryKeyPosition", "required", "logicalTypeOptions", "physicalType"}
    is_list, logical = kind.startswith("list "), kind.removeprefix("list ")
    told: dict[str, Any] = {"name": name, "logicalType": "array" if is_list else logical}
    if is_list:
        told["items"] = {"logicalType": logical}
    if synonyms:
        told["synonyms"] = [{"synonym": key} for key in synonyms]
    told |= {key: value for key, value in more.items() if key in standard}
    if custom := {key: value for key, value in more.items() if key not in standard}:
        told["customProperties"] = _custom(custom)
    return told


def contract_file(table: str, columns: Sequence[Mapping[str, Any]], *, duplicates: str = "last", **raw: Any) -> bytes:
    """A contract file (JSON is YAML, too) of a table with these columns, and `raw` as it is given."""
    custom = {"raw": raw, "trusted": {"path": f"Trusted/{table}"}, "duplicates": duplicates}
    schema = {"name": table, "customProperties": _custom(custom), "properties": list(columns)}
    document = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": table,
        "name": table,
        "version": "1.0.0",
        "status": "active",
        "schema": [schema],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _custom(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"property": name, "vendor": "trustedlake", "value": value} for name, value in given.items()]
