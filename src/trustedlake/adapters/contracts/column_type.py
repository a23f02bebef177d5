"""The type of a column, from `logicalType`, `physicalType` and `items`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.adapters.contracts.yaml_tree import meant
from trustedlake.types import SCALARS, ArrayType, column_type, plain_type
from trustedlake.types.decimals import DecimalType

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

_LOGICAL = (*dict.fromkeys(kind.logical for kind in SCALARS), ArrayType.logical)
_NO_COLUMNS = tuple(one for one in ("object", "map", "vector", "time") if one not in _LOGICAL)
"""ODCS types that no column can have here."""

_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
UNCHECKED = {
    "string": ("maxLength", "format"),
    "integer": ("multipleOf", "exclusiveMinimum", "exclusiveMaximum", "format"),
    "number": ("multipleOf", "exclusiveMinimum", "exclusiveMaximum", "format"),
    "date": _BOUNDS,
    "timestamp": (*_BOUNDS, "timezone", "defaultTimezone"),
    "array": ("minItems", "maxItems", "uniqueItems"),
}
"""Logical type -> options that ODCS has and that we accept but do not check."""

_ALIASES = {
    "string": ("text", "varchar"),
    "int": ("integer", "int32", "int4"),
    "bigint": ("long", "int64", "int8"),
    "double": ("double precision", "float64", "float8"),
    "boolean": ("bool",),
    "timestamp": ("timestamptz",),
}
"""Our type -> its names in databases, besides our own."""

_PHYSICAL = {alias: name for kind in SCALARS for name in kind.names for alias in (name, *_ALIASES.get(name, ()))}
"""Physical type name -> our type; a decimal has its own digits."""

_DECIMAL = re.compile(r"(?:decimal|numeric|number)\s*(\(.*\))?")


def read_type(own: Field, members: dict[str, Field]) -> ColumnType | None:
    """Derive the type from logicalType, physicalType and items; None if there is none, with a problem or a note."""
    field = members.get("physicalType")
    physical = _physical(field)
    logical = members["logicalType"].choice((*_LOGICAL, *_NO_COLUMNS)) if "logicalType" in members else _of(physical)
    if logical is None:
        if "logicalType" not in members:
            own.refuse(f"the field logicalType is missing: {', '.join(_LOGICAL)}")
        return None
    if logical in _NO_COLUMNS:
        own.note(
            f"no column can be {logical}: it is left out, and its key goes to rescued; to keep the value as JSON text"
            " write logicalType: string, physicalType: json, or take its members by sources"
        )
        return None
    return _array(own, members) if logical == "array" else _scalar(field or own, logical, physical)


def _of(physical: str) -> str | None:
    """Return the logical type that a physical type of ours belongs to."""
    if _DECIMAL.fullmatch(physical):
        return DecimalType.logical
    return column_type(_PHYSICAL[physical]).logical if physical in _PHYSICAL else None


def _array(own: Field, members: dict[str, Field]) -> ColumnType | None:
    if "items" not in members:
        own.refuse("an array needs items, such as items: {logicalType: string}")
        return None
    items = members["items"]
    inner = {key: value.named(f"{items.name}.{key}") for key, value in items.members(FIELDS).items()}
    if not items.is_object:
        return None
    kind = inner["logicalType"].node.value if "logicalType" in inner else ""
    if kind in ("array", *_NO_COLUMNS):
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
    default = plain_type(logical)
    if not physical:
        return default
    other = _of(physical)
    if other == logical:
        decimal = _DECIMAL.fullmatch(physical)
        return _decimal(field, decimal[1]) if decimal else column_type(_PHYSICAL[physical])
    names = [name for kind in SCALARS if kind.logical == logical for name in kind.names]
    if other is None or {logical, other} == {"integer", "number"}:
        aliases = [alias for alias, name in _PHYSICAL.items() if name in names]
        field.note(f"{physical} is ignored; taken as {default.name}{meant(physical, aliases)}")
        return default
    fits = ", ".join(names)
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
