"""Reads an entry of `schema` in a contract file as a table: its columns, and what its own properties say together."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from trustedlake.adapters.contracts.column_section import ColumnPart, prose, read_column
from trustedlake.adapters.contracts.column_type import ELEMENT
from trustedlake.adapters.contracts.custom_properties import custom_properties
from trustedlake.adapters.contracts.raw_section import check_folder, read_raw
from trustedlake.models.contract import TABLE_NAME, WITNESS_TYPES, Contract, Duplicates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.adapters.contracts.raw_section import RawPart
    from trustedlake.adapters.contracts.yaml_tree import Field

_FIELDS = (*ELEMENT, "dataGranularityDescription", "properties", "context")
_ZONE = ("Trusted", "trusted", "TRUSTED")

TABLE = ("raw", "trusted", "duplicates", "witness", "source", "entity")
"""Our properties of a table."""


def read_table(field: Field, version: int) -> Contract | None:
    """Read the table; None, with problems, if its contract is invalid."""
    members = field.members(_FIELDS)
    if not field.is_object:
        return None
    table = members["name"].text() if "name" in members else None
    if table is None:
        if "name" not in members:
            field.refuse("the field name is missing: the table's name")
        return None
    if not re.fullmatch(TABLE_NAME, table):
        members["name"].refuse(
            f"{table!r} is not a valid table name: use a-z, digits and _, and don't begin with a digit"
        )
    members = {key: value.named(f"{table}.{key}") for key, value in members.items()}
    own = field.named(table)
    _check_table(own, members)
    custom = custom_properties(members.get("customProperties"), table, TABLE)
    raw = _raw(own, custom)
    columns = _columns(own, members, table, raw)
    trusted = _trusted(custom.get("trusted"), table)
    duplicates, prefer = _duplicates(custom.get("duplicates"))
    if field.remarks.problems or raw is None or not columns:
        return None
    given: dict[str, Any] = {
        "table": table,
        "version": version,
        "raw": raw.raw,
        "trusted": trusted,
        "partition": raw.partition,
        "key": _key(columns),
        "duplicates": duplicates,
        "prefer": prefer,
        "columns": tuple(part.column for part in columns),
    }
    if "description" in members:
        given["description"] = prose(members["description"])
    for name in ("source", "entity"):
        if name in custom:
            given[name] = custom[name].text()
    if "witness" in custom:
        given["witness"] = custom["witness"].texts()
    return _contract(own, given, columns, custom)


def _check_witness(names: Iterable[str], columns: list[ColumnPart], custom: dict[str, Field]) -> None:
    types = {part.column.name: part.column.type for part in columns}
    for name in names:
        if name not in types:
            custom["witness"].refuse(f"there is no column {name!r}")
        elif types[name] not in WITNESS_TYPES:
            comparable = ", ".join(sorted(WITNESS_TYPES))
            custom["witness"].refuse(f"{name} is {types[name]}; the proof can compare only {comparable}")


def _contract(
    own: Field, given: dict[str, Any], columns: list[ColumnPart], custom: dict[str, Field]
) -> Contract | None:
    """Return the contract if its parts fit together."""
    _check_witness(given.get("witness") or (), columns, custom)
    partition = {name.casefold() for name in given["partition"]}
    seen: set[str] = set()
    for part in columns:
        folded = part.column.name.casefold()
        if folded in seen:
            part.field.refuse("two columns have this name")
        if folded in partition:
            part.field.refuse(
                "a placeholder of raw.path has this name, too; add partitioned: true to the column, or rename one"
            )
        seen.add(folded)
    if not given["key"] and given["duplicates"] in {Duplicates.LAST, Duplicates.MERGE}:
        own.refuse(
            f"duplicates: {given['duplicates']} needs a key: mark a column by primaryKey: true,"
            " or write duplicates: equal, or keep"
        )
    if own.remarks.problems:
        return None
    try:
        return Contract.model_validate(given)
    except ValidationError as error:
        for one in error.errors():
            where = ".".join(str(part) for part in one["loc"])
            own.named(f"{own.name}.{where}" if where else own.name).refuse(one["msg"].removeprefix("Value error, "))
        return None


def _check_table(own: Field, members: dict[str, Field]) -> None:
    if "logicalType" in members:
        members["logicalType"].choice(("object",))
    if "quality" in members:
        members["quality"].note(
            "is not judged; trustedlake judges required, unique, enum, logicalTypeOptions of columns"
        )
    if "relationships" in members:
        members["relationships"].note("is not judged")
    if "properties" not in members:
        own.refuse("the field properties is missing: the list of columns")
    elif members["properties"].is_list and not members["properties"].items():
        members["properties"].refuse("has no column")


def _raw(own: Field, custom: dict[str, Field]) -> RawPart | None:
    if "raw" not in custom:
        own.named(f"{own.name}.raw").refuse(
            "is missing: add to the table's customProperties"
            " {property: raw, vendor: trustedlake, value: {path: ..., format: json}}"
        )
        return None
    return read_raw(custom["raw"])


def _columns(own: Field, members: dict[str, Field], table: str, raw: RawPart | None) -> list[ColumnPart]:
    if "properties" not in members:
        return []
    found = []
    for one in members["properties"].items():
        part = read_column(one, table, decimal=raw.decimal if raw else ".", partition=raw.partition if raw else ())
        if part is not None:
            found.append(part)
    if not found and not own.remarks.problems:
        own.refuse("has no column")
    return found


def _key(columns: list[ColumnPart]) -> tuple[str, ...]:
    """Return the columns of the primary key, in the order of their positions."""
    parts = [part for part in columns if part.key_position is not None]
    positions = [part.key_position for part in parts if part.key_position]
    for part in parts:
        if len(parts) > 1 and part.key_position and positions.count(part.key_position) > 1:
            part.field.refuse(f"two columns have the primaryKeyPosition {part.key_position}")
        if positions and not part.key_position:
            part.field.refuse("needs a primaryKeyPosition, since other columns of the key have one")
    return tuple(part.column.name for part in sorted(parts, key=lambda part: part.key_position or 0))


def _trusted(field: Field | None, table: str) -> str:
    if field is None:
        return f"Trusted/{table}"
    members = field.members(("path",))
    path = members["path"].text() if "path" in members else None
    if path is None:
        return f"Trusted/{table}"
    parts = check_folder(members["path"], path)
    if parts[0] not in _ZONE or len(parts) < 2:  # noqa: PLR2004 - a zone and a folder in it
        members["path"].refuse(f"{path!r} must be a folder in Trusted, as Trusted/{table}")
    elif any(part.startswith((".", "_")) or set(part) & set("{}*?[]=") for part in parts):
        members["path"].refuse(f"{path!r}: no part may begin with . or _ or contain any of {{ }} * ? [ ] =")
    return path


def _duplicates(field: Field | None) -> tuple[Duplicates, tuple[str, ...]]:
    prefer: tuple[str, ...] = ()
    mode: str | None = Duplicates.LAST
    if field is None:
        return Duplicates.LAST, prefer
    if field.is_object:
        members = field.members(("mode", "prefer"))
        mode = members["mode"].choice(list(Duplicates)) if "mode" in members else mode
        if "prefer" in members:
            prefer = members["prefer"].texts() or ()
    else:
        mode = field.choice(list(Duplicates))
    chosen = Duplicates(mode or Duplicates.LAST)
    if prefer and chosen not in {Duplicates.LAST, Duplicates.MERGE}:
        field.refuse(f"prefer applies only to last and merge, not to {chosen}")
    return chosen, prefer
