"""Reads a contract file, YAML or JSON: each entry of its `schema` is a table. A syntax error gives the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, cast

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

import trustedlake
from trustedlake.adapters.contracts.table_section import read_table
from trustedlake.adapters.contracts.yaml_tree import Field, Remark, Remarks
from trustedlake.errors import ContractError
from trustedlake.models.contract import overlap

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import SourceLoader

    from trustedlake.models.contract import Contract

API_VERSION = "v3.2.0"
"""The required version of the standard; earlier versions have neither synonyms nor vendors."""

SUFFIXES = (".odcs.yaml", ".odcs.yml", ".odcs.json")

_TOP = (
    "version", "kind", "apiVersion", "id", "name", "tenant", "tags", "status", "servers", "dataProduct", "description",
    "domain", "schema", "support", "price", "team", "roles", "slaDefaultElement", "slaProperties",
    "authoritativeDefinitions", "customProperties", "context", "contractCreatedTs",
)  # fmt: skip

MOST_BYTES = 2_000_000
_MOST_NODES = 50_000
_DEEPEST = 60

# Plain strings, compiled only when needed: most files need none of them.
_FLOW_BRACKETS = r"""[\[{,:]\s*[^"'\s,\]}]*(?:\[\]|\{\}|\{\w+(?::\d+d)?\})"""
_OPENING_SIGN = r":\s+['\"]?[*&@`%|>!]"
_SURROGATES = r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"


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


class _RefusedError(Exception):
    """The file can't be parsed; holds the line and the reason."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.remark = Remark(line, "", message)


def parse(data: bytes, remarks: Remarks, *, is_json: bool) -> Field | None:
    """Return the file's only document; None, with a problem, if it has none."""
    try:
        text = _text(data)
        node = _compose(_json_as_yaml(text) if is_json else text)
    except _RefusedError as refused:
        remarks.problems.append(refused.remark)
        return None
    return Field(node, "", remarks)


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise _RefusedError(1, f"{len(data):,} bytes are too many for a contract")
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _RefusedError(line, "is not UTF-8; save the file as UTF-8") from error


def _json_as_yaml(text: str) -> str:
    """Check that it is JSON, and make it YAML: replace tabs, and join characters that are written as two escapes."""
    import json  # noqa: PLC0415 - few contracts are JSON

    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        raise _RefusedError(error.lineno, f"not valid JSON: {error.msg}, column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise _RefusedError(1, "the JSON is nested too deeply, or has a number that is too long") from error
    return re.sub(_SURROGATES, _joined, text.replace("\t", " "))


def _joined(found: re.Match[str]) -> str:
    return found[1] + bytes.fromhex(found[2] + found[3]).decode("utf-16-be")


def _compose(text: str) -> Node:
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        raise _RefusedError(*_syntax(error, text)) from error
    except yaml.YAMLError as error:
        # A character that YAML refuses. One of the two parsers counts bytes, the other characters.
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise _RefusedError(line, f"not valid YAML: {getattr(error, 'reason', error)}") from error
    except RecursionError as error:
        raise _RefusedError(1, "is nested too deeply") from error
    if node is None:
        raise _RefusedError(1, "is empty")
    if not _is_small(node):
        raise _RefusedError(1, f"is nested too deeply, or holds more than {_MOST_NODES:,} values, aliases written out")
    return node


def _syntax(error: yaml.MarkedYAMLError, text: str) -> tuple[int, str]:
    """Return the line of a syntax error and its message, with the most frequent cause."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    number = min(mark.line + 1 if mark else 1, len(lines))
    near = lines[max(0, number - 2) : number]
    why = f"not valid YAML: {error.problem or error.context}"
    if any("\t" in line[: len(line) - len(line.lstrip())] for line in near):
        return number, f"{why}; the line begins with a tab: indent with spaces"
    if any(re.search(_FLOW_BRACKETS, line) for line in near):
        return number, f'{why}; texts with [] or {{}} need quotes there: "results[]", "Raw/{{tema}}"'
    if any(re.search(_OPENING_SIGN, line) for line in near):
        return number, f"{why}; a text that begins with one of * & @ ` % | > ! needs quotes"
    return number, f"{why}; quote texts that hold any of : # [ ] {{ }} , & * ` @"


def _is_small(node: Node) -> bool:
    """Return whether the tree with all aliases expanded is small enough: one alias may stand for millions of nodes."""
    left = _MOST_NODES
    waiting = [(node, 0)]
    while waiting:
        one, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > _DEEPEST:
            return False
        if isinstance(one, MappingNode):
            waiting += [(part, depth + 1) for pair in one.value for part in pair]
        elif isinstance(one, SequenceNode):
            waiting += [(part, depth + 1) for part in one.value]
    return True
