"""The grammar of paths: which part of a record a column reads, and where the records of a document are."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, TypeAlias

MEMBER_NAME = "@key"
"""Source that reads the key under which a record was found, when records are the values of an object."""

_SEGMENT = re.compile(r"(?:`([^`]+)`|([^.\[\]`{}]+))?((?:\[[^\[\]]*\]|\{\})*)")
_SELECTOR = re.compile(r"\[\]|\{\}|\[([^=\[\]]+)=([^\[\]]*)\]")


class Step(NamedTuple):
    """One step of a path.

    Attributes:
        kind: what the step does:
            `key`: take the value of the member `name`;
            `each`: take each element of a list;
            `values`: take the value of each member of an object;
            `pick`: take the elements of a list that are objects whose member `name` has this `text`.
    """

    kind: Literal["key", "each", "values", "pick"]
    name: str = ""
    text: str = ""


Steps: TypeAlias = tuple[Step, ...]

EACH = Step("each")
VALUES = Step("values")


def parse_source(source: str) -> Steps:
    """Parse a column's source into steps; the first step is a key.

        collection                            key
        credits.crew[job=Director].name       key, key, pick, key
        `Nota.Média`                          key

    Raises:
        ValueError: it is not a valid source.
    """
    if source == MEMBER_NAME:
        return (Step("key", MEMBER_NAME),)
    steps = _parse(source)
    if not steps or steps[0].kind != "key" or VALUES in steps:
        raise ValueError(
            f"source {source!r}: write `key`, `key.field`, `key[].field`, `key.list[].field` or"
            " `key.list[field=text].field`; a key with such signs stands between backticks"
        )
    return steps


def parse_records(path: str) -> Steps:
    """Parse the path to the records of a document; `.`, the document itself, has no steps.

        []            each                    results[]     key, each
        [].results[]  each, key, each         porId{}       key, values

    Raises:
        ValueError: it is not a valid path to records.
    """
    if path == ".":
        return ()
    steps = _parse(path)
    if not steps or steps[-1].kind == "key" or any(step.kind == "pick" for step in steps):
        raise ValueError(f"records {path!r}: write `[]`, `key[]`, `key.other[]`, `[].key[]`, `key{{}}` or `.`")
    return steps


def _parse(path: str) -> Steps:
    steps: list[Step] = []
    position = 0
    while True:
        match = _SEGMENT.match(path, position)
        if match is None or match.end() == position:
            return ()
        name = match[1] or match[2]
        if name:
            steps.append(Step("key", name if match[1] else name.strip()))
        for selector in _SELECTOR.finditer(match[3]):
            if selector[1]:
                steps.append(Step("pick", selector[1].strip(), selector[2].strip()))
            else:
                steps.append(EACH if selector[0] == "[]" else VALUES)
        if match[3] and "".join(found[0] for found in _SELECTOR.finditer(match[3])) != match[3]:
            return ()
        position = match.end()
        if position == len(path):
            return tuple(steps)
        if path[position] != ".":
            return ()
        position += 1
