"""Parses the bytes of a contract file, YAML or JSON; for a syntax error it gives the line."""

from __future__ import annotations

import re

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from trustedlake.adapters.contracts.yaml_tree import Field, Remark, Remarks

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

MOST_BYTES = 2_000_000
_MOST_NODES = 50_000
_DEEPEST = 60

# Plain strings, compiled only when needed: most files need none of them.
_FLOW_BRACKETS = r"""[\[{,:]\s*[^"'\s,\]}]*(?:\[\]|\{\}|\{\w+(?::\d+d)?\})"""
_OPENING_SIGN = r":\s+['\"]?[*&@`%|>!]"
_SURROGATES = r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})"


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
