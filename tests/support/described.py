"""TMDB's description: bodies made from it, and a check that a body has exactly the described keys."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_FIXTURE = Path(__file__).parents[2] / "data" / "fixtures" / "tmdb-openapi.json"
DESCRIPTION: dict[str, Any] = json.loads(_FIXTURE.read_bytes())

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def schema(path: str, status: int = 200) -> dict[str, Any]:
    """What the answer is described as."""
    answer = DESCRIPTION["paths"][path]["get"]["responses"][str(status)]
    found: dict[str, Any] = answer["content"]["application/json"]["schema"]
    return found


def described_bodies() -> list[tuple[str, Any]]:
    """A body made after every answer of the description, as (path, body)."""
    return [
        (path, body_of(schema(path, int(status))))
        for path, methods in DESCRIPTION["paths"].items()
        for status in methods["get"]["responses"]
    ]


def body_of(schema: Mapping[str, Any]) -> Any:
    """A body with every key of the schema, lists of two; no two numbers and no two texts in it are equal."""
    return _value(schema, "", count(1))


def _value(schema: Mapping[str, Any], key: str, numbers: Iterator[int]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        return {name: _value(inner, name, numbers) for name, inner in schema["properties"].items()}
    if kind == "array":
        return [_value(schema["items"], key, numbers) for _ in range(2)]
    number = next(numbers)
    if key.endswith("_date"):
        return f"{1950 + number % 60}-02-03"
    if key == "vote_average":
        return number % 10
    values = {"string": f'{key} "{number}" ação', "integer": number, "number": number / 100, "boolean": False}
    return values.get(str(kind))


def differences(
    schema: Mapping[str, Any], value: Any, *, at: str = "", but: Mapping[str, Collection[type]]
) -> Iterator[tuple[str, str]]:
    """Where `value` is not what the schema says, as (place, what is there).

    A schema's properties are all required here. `but`: place -> types that are right there all the same.
    """
    declared = schema.get("type")
    if declared is None or type(value) in but.get(at, ()):
        return
    if type(value) not in TYPES[declared]:
        yield at, type(value).__name__
    elif isinstance(value, dict):
        properties = schema["properties"]
        yield from ((f"{at}.{key}", "missing") for key in properties.keys() - value.keys())
        yield from ((f"{at}.{key}", "not described") for key in value.keys() - properties.keys())
        for key in properties.keys() & value.keys():
            yield from differences(properties[key], value[key], at=f"{at}.{key}", but=but)
    elif isinstance(value, list):
        for item in value:
            yield from differences(schema["items"], item, at=f"{at}[]", but=but)
