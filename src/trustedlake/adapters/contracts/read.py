"""Reads a contract file, a built-in one too: each entry of its `schema` is a table."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import trustedlake
from trustedlake.adapters.contracts.document import parse
from trustedlake.adapters.contracts.table_section import read_table
from trustedlake.adapters.contracts.yaml_tree import Remark, Remarks
from trustedlake.errors import ContractError
from trustedlake.models.contract import overlap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import SourceLoader

    from trustedlake.adapters.contracts.yaml_tree import Field
    from trustedlake.models.contract import Contract

API_VERSION = "v3.2.0"
"""The required version of the standard; earlier versions have neither synonyms nor vendors."""

SUFFIXES = (".odcs.yaml", ".odcs.yml", ".odcs.json")

_TOP = (
    "version", "kind", "apiVersion", "id", "name", "tenant", "tags", "status", "servers", "dataProduct", "description",
    "domain", "schema", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties",
    "authoritativeDefinitions", "customProperties", "context", "contractCreatedTs",
)  # fmt: skip


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


def built_in_content(table: str) -> bytes:
    """Return the contract file of a built-in table."""
    # The package's own loader also reads zip archives; importlib.resources would take a millisecond to start.
    loader = cast("SourceLoader", trustedlake.__spec__.loader)
    return loader.get_data(str(Path(trustedlake.__file__).parent / "contracts" / f"{table}.odcs.yaml"))


def read_built_in(table: str) -> Contract:
    """Return the contract of a built-in table."""
    return read_contracts(built_in_content(table), f"{table}.odcs.yaml").contracts[0]


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
        contract = read_table(one, version)
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
