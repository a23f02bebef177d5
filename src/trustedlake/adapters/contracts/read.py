"""Reads a contract file: each entry of its `schema` is a table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from trustedlake.adapters.contracts.column_section import ColumnPart, prose, read_column
from trustedlake.adapters.contracts.column_type import ELEMENT
from trustedlake.adapters.contracts.custom import TABLE, custom_properties
from trustedlake.adapters.contracts.document import parse
from trustedlake.adapters.contracts.raw_section import check_folder, read_raw
from trustedlake.adapters.contracts.yaml_tree import Remark, Remarks
from trustedlake.errors import ContractError
from trustedlake.models.contract import WITNESS_TYPES, Contract, Duplicates, overlap

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.adapters.contracts.raw_section import RawPart
    from trustedlake.adapters.contracts.yaml_tree import Field

API_VERSION = "v3.2.0"
"""The required version of the standard; earlier versions have neither synonyms nor vendors."""

SUFFIXES = (".odcs.yaml", ".odcs.yml", ".odcs.json")

_TOP = (
    "version", "kind", "apiVersion", "id", "name", "tenant", "tags", "status", "servers", "dataProduct", "description",
    "domain", "schema", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties",
    "authoritativeDefinitions", "customProperties", "context", "contractCreatedTs",
)  # fmt: skip
_TABLE_FIELDS = (*ELEMENT, "dataGranularityDescription", "properties", "context")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ZONE = ("Trusted", "trusted", "TRUSTED")


class ContractFile(NamedTuple):
    """A contract file that was read.

    Attributes:
        name: what the user calls the file.
        contracts: its tables.
        notes: parts of the file that we ignore or don't check.
    """

    name: str
    contracts: tuple[Contract, ...]
    notes: tuple[Remark, ...] = ()


def read_contracts(data: bytes, name: str) -> ContractFile:
    """Read the tables of a contract file.

    Args:
        data: content of the file.
        name: name for messages; the file is JSON if the name ends in `.json`.

    Raises:
        ContractError: it is not a valid contract; the error lists all problems with line and field.
    """
    file, remarks = examine(data, name)
    if file is None:
        raise error_of(name, remarks.problems)
    return file


def examine(data: bytes, name: str) -> tuple[ContractFile | None, Remarks]:
    """Return the file and the remarks on it; None instead of the file if there are problems."""
    remarks = Remarks()
    root = parse(data, remarks, is_json=name.endswith(".json"))
    contracts = _tables(root) if root is not None else []
    remarks.problems.sort()
    remarks.notes.sort()
    if remarks.problems:
        return None, remarks
    return ContractFile(name, tuple(contracts), tuple(remarks.notes)), remarks


def error_of(name: str, problems: Sequence[Remark]) -> ContractError:
    """Combine all problems of a file into one error."""
    told = tuple(dict.fromkeys(problem.told(name) for problem in problems))
    many = f", then the other {len(told) - 1}" if len(told) > 1 else ""
    return ContractError(
        "\n".join(told),
        hint=f"correct line {problems[0].line}{many}; trustedlake contract check checks the whole file",
        problems=told,
    )


def _tables(root: Field) -> list[Contract]:
    members = root.members(_TOP)
    if not root.is_object:
        return []
    _check_head(root, members)
    version = _version(members.get("version"))
    if "schema" not in members:
        root.named("schema").refuse("is missing: the list of tables")
        return []
    tables = members["schema"].items()
    if members["schema"].is_list and not tables:
        members["schema"].refuse("has no table")
    found: list[Contract] = []
    for one in tables:
        before = len(root.remarks.problems)
        contract = _table(one, version)
        if contract is None:
            continue
        for other in found:
            _refuse_clash(one.named(contract.table), contract, other)
        if len(root.remarks.problems) == before:
            found.append(contract)
    return found


def _check_head(root: Field, members: dict[str, Field]) -> None:
    examples = {"apiVersion": API_VERSION, "kind": "DataContract", "id": "the file's own name", "version": "1.0.0"}
    for name, example in examples.items():
        if name not in members:
            root.named(name).refuse(f"is missing; write {name}: {example}")
    if "kind" in members:
        members["kind"].choice(("DataContract",))
    if "apiVersion" in members:
        given = members["apiVersion"].text()
        if given is not None and given != API_VERSION:
            members["apiVersion"].refuse(f"{given!r} does not support vendor and synonyms; write {API_VERSION}")
    for name in ("id", "name", "status"):
        if name in members and not members[name].is_null:
            members[name].text()
    for name in ("slaProperties", "servers"):
        if name in members:
            members[name].note("is ignored")


def _version(field: Field | None) -> int:
    text = field.text() if field is not None else None
    if field is None or text is None:
        return 1
    number = re.match(r"v?([0-9]{1,9})(?![0-9])", text)
    if number is None:
        field.note(f"{text!r} does not begin with a number; it counts as version 1")
        return 1
    return int(number[1])


def _refuse_clash(field: Field, contract: Contract, other: Contract) -> None:
    if contract.table.casefold() == other.table.casefold():
        field.refuse("two tables have this name")
    elif overlap(contract.trusted, other.trusted):
        field.refuse(f"{contract.trusted} is also a folder of {other.table}; set another one with trusted.path")


def _table(field: Field, version: int) -> Contract | None:
    members = field.members(_TABLE_FIELDS)
    if not field.is_object:
        return None
    table = members["name"].text() if "name" in members else None
    if table is None:
        if "name" not in members:
            field.refuse("the field name is missing: the table's name")
        return None
    if not _NAME.fullmatch(table):
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
            custom["witness"].refuse(f"{name} is {types[name]}; the proof compares {comparable} only")


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
        members["path"].refuse(f"{path!r}: no part may begin with . or _, nor hold any of {{ }} * ? [ ] =")
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
