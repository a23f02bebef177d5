"""Adds a key to a column in the text of a contract file, and leaves everything else as it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from trustedlake.adapters.contracts.contract_file import read_contracts
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Iterator


def with_synonym(text: str, table: str, column: str, key: str) -> str | None:
    """Return the text with one more synonym for the column; None if there is no safe place for it."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    found = [
        part
        for schema in _items(_member(node, "schema"))
        if _text(schema, "name") == table
        for part in _items(_member(schema, "properties"))
        if _text(part, "name") == column
    ]
    if len(found) != 1:
        return None
    written = _written(text, found[0], json.dumps(key, ensure_ascii=False))
    return written if written is not None and _says(written, table, column, key) else None


def _written(text: str, column: Node, key: str) -> str | None:
    synonyms, name = _member(column, "synonyms"), _member(column, "name")
    if isinstance(synonyms, SequenceNode) and synonyms.value:
        last = synonyms.value[-1]
        if synonyms.flow_style:
            end = last.end_mark.index
            return f"{text[:end]}, {{synonym: {key}}}{text[end:]}"
        line = _end_of_line(text, last.end_mark.index if last.flow_style else _last(last).end_mark.index)
        return f"{text[:line]}\n{' ' * synonyms.start_mark.column}- {{synonym: {key}}}{text[line:]}"
    if synonyms is None and name is not None and getattr(column, "flow_style", False):
        end = name.end_mark.index
        return f"{text[:end]}, synonyms: [{{synonym: {key}}}]{text[end:]}"
    if synonyms is None and name is not None:
        line = _end_of_line(text, name.end_mark.index)
        return f"{text[:line]}\n{' ' * column.start_mark.column}synonyms: [{{synonym: {key}}}]{text[line:]}"
    return None


def _says(text: str, table: str, column: str, key: str) -> bool:
    """Return whether the new text is a valid contract in which the column has that key as a synonym."""
    try:
        contracts = read_contracts(text.encode(), "patched.odcs.yaml").contracts
    except TrustedLakeError:
        return False
    return any(key in one.column(column).synonyms for one in contracts if one.table == table)


def _member(node: Node | None, name: str) -> Node | None:
    pairs = node.value if isinstance(node, MappingNode) else ()
    return next((value for key, value in pairs if isinstance(key, ScalarNode) and key.value == name), None)


def _items(node: Node | None) -> Iterator[Node]:
    yield from node.value if isinstance(node, SequenceNode) else ()


def _text(node: Node, name: str) -> str | None:
    member = _member(node, name)
    return member.value if isinstance(member, ScalarNode) else None


def _last(node: Node) -> Node:
    """Return the last value in a node, because a block node's own end is where the next block begins."""
    while isinstance(node, (MappingNode, SequenceNode)) and node.value and not node.flow_style:
        node = node.value[-1][1] if isinstance(node, MappingNode) else node.value[-1]
    return node


def _end_of_line(text: str, index: int) -> int:
    end = text.find("\n", index)
    return len(text) if end < 0 else end
