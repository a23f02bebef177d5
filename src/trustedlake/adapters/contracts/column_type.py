"""The type of a column, from `logicalType`, `physicalType` and `items`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.adapters.contracts.yaml_tree import meant
from trustedlake.types import ArrayType, column_type

if TYPE_CHECKING:
    from trustedlake.adapters.contracts.yaml_tree import Field
    from trustedlake.types import ColumnType

ELEMENT = (
    "id", "name", "physicalType", "physicalName", "description", "businessName", "deprecated", "synonyms",
    "authoritativeDefinitions", "tags", "customProperties", "logicalType", "quality", "relationships",
)  # fmt: skip
"""ODCS fields that tables and columns share."""

FIELDS = frozenset((
    *ELEMENT, "primaryKey", "primaryKeyPosition", "logicalTypeOptions", "required", "unique", "semanticType",
    "partitioned", "partitionKeyPosition", "classification", "encryptedName", "transformSourceObjects",
    "transformLogic", "transformDescription", "examples", "enum", "criticalDataElement", "properties", "items", "map",
))  # fmt: skip
"""ODCS fields of columns."""

LOGICAL = ("string", "integer", "number", "boolean", "date", "timestamp", "array")
NO_COLUMNS = ("object", "map", "vector", "time")
"""ODCS types that no column can have here."""

_PHYSICAL: dict[str, dict[str, str]] = {
    "string": {"string": "string", "text": "string", "varchar": "string", "json": "json"},
    "integer": {
        "int": "int", "integer": "int", "int32": "int", "int4": "int",
        "bigint": "bigint", "long": "bigint", "int64": "bigint", "int8": "bigint",
    },
    "number": {"double": "double", "double precision": "double", "float64": "double", "float8": "double"},
    "boolean": {"boolean": "boolean", "bool": "boolean"},
    "date": {"date": "date"},
    "timestamp": {"timestamp": "timestamp", "timestamptz": "timestamp"},
}  # fmt: skip
"""Logical type -> physical type name -> our type."""

_DEFAULTS = {"integer": "bigint", "number": "double"}
_DECIMAL = re.compile(r"(?:decimal|numeric|number)\s*(\(.*\))?")


def read_type(own: Field, members: dict[str, Field]) -> ColumnType | None:
    """Derive the type from logicalType, physicalType and items; None if there is none, with a problem or a note."""
    field = members.get("physicalType")
    physical = _physical(field)
    logical = members["logicalType"].choice((*LOGICAL, *NO_COLUMNS)) if "logicalType" in members else _of(physical)
    if logical is None:
        if "logicalType" not in members:
            own.refuse(f"the field logicalType is missing: {', '.join(LOGICAL)}")
        return None
    if logical in NO_COLUMNS:
        own.note(
            f"no column can be {logical}: it is left out, and its key goes to rescued; to keep the value as JSON text"
            " write logicalType: string, physicalType: json, or take its members by sources"
        )
        return None
    return _array(own, members) if logical == "array" else _scalar(field or own, logical, physical)


def _of(physical: str) -> str | None:
    """Return the logical type that a physical type of ours belongs to."""
    ours = {name: logical for logical, names in _PHYSICAL.items() for name in names}
    return ours.get(physical) or ("number" if _DECIMAL.fullmatch(physical) else None)


def _array(own: Field, members: dict[str, Field]) -> ColumnType | None:
    if "items" not in members:
        own.refuse("an array needs items, such as items: {logicalType: string}")
        return None
    items = members["items"]
    inner = {key: value.named(f"{items.name}.{key}") for key, value in items.members(FIELDS).items()}
    if not items.is_object:
        return None
    kind = inner["logicalType"].node.value if "logicalType" in inner else ""
    if kind in ("array", *NO_COLUMNS):
        items.refuse(
            f"a column can't be a list of {kind}; take a member of each element by sources (`key[].member`),"
            " or write logicalType: string, physicalType: json"
        )
        return None
    for key in sorted({"logicalTypeOptions", "enum", "quality", "required", "unique"} & inner.keys()):
        inner[key].note("is not judged for the elements of a list")
    element = read_type(items, inner)
    return None if element is None else column_type(f"array<{element.name}>")


def _physical(field: Field | None) -> str:
    return (field.text() or "").strip().casefold() if field is not None and not field.is_null else ""


def _scalar(field: Field, logical: str, physical: str) -> ColumnType | None:
    """Refine a logical type with the physical one; a database's own types add nothing."""
    default = column_type(_DEFAULTS.get(logical, logical))
    if not physical:
        return default
    if name := _PHYSICAL[logical].get(physical):
        return column_type(name)
    decimal = _DECIMAL.fullmatch(physical)
    if decimal and logical == "number":
        return _decimal(field, decimal[1])
    other = _of(physical)
    if other is None or {logical, other} == {"integer", "number"}:
        field.note(f"{physical} is ignored; taken as {default.name}{meant(physical, _PHYSICAL[logical])}")
        return default
    fits = ", ".join(dict.fromkeys(_PHYSICAL[logical].values()))
    field.refuse(f"{physical} does not go with logicalType {logical}; write {fits}, or logicalType {other}")
    return None


def _decimal(field: Field, digits: str | None) -> ColumnType | None:
    if digits is None:
        field.refuse("a decimal needs its numbers of digits: decimal(10,2) has ten, two of them after the point")
        return None
    try:
        return column_type(f"decimal{digits}")
    except ValueError as error:
        field.refuse(f"{error}; write decimal(10,2)")
        return None


def logical_type(type_: ColumnType) -> str:
    """Return the ODCS name of the type."""
    if isinstance(type_, ArrayType):
        return "array"
    return next((one for one, names in _PHYSICAL.items() if type_.name in names.values()), "number")
