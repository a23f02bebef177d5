"""Whether a body is what an OpenAPI description says: types, no key too many, none too few."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


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
