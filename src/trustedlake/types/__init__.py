"""The types that a column can have, one module per kind."""

from __future__ import annotations

from functools import lru_cache

from trustedlake.types.array import ArrayType
from trustedlake.types.base import BLANKS, ColumnType, Notation, NotOfTypeError
from trustedlake.types.boolean import BooleanType
from trustedlake.types.decimals import MOST_DIGITS, NAME, DecimalType
from trustedlake.types.double import DoubleType
from trustedlake.types.integer import IntegerType
from trustedlake.types.moments import DateType, TimestampType
from trustedlake.types.text import JsonType, TextType

__all__ = ["BLANKS", "SCALARS", "ArrayType", "ColumnType", "NotOfTypeError", "Notation", "column_type"]

SCALARS = ("string", "int", "bigint", "double", "boolean", "date", "timestamp", "json", "decimal(p,s)")
"""Names of the scalar types, for messages; each can be an element: `array<int>`."""

_TYPES = {
    kind.name: kind
    for kind in (
        TextType("string"),
        JsonType("json"),
        IntegerType("int"),
        IntegerType("bigint"),
        DoubleType("double"),
        BooleanType("boolean"),
        DateType(),
        TimestampType(),
    )
}


@lru_cache
def column_type(name: str) -> ColumnType:
    """Return the type of that name: `bigint`, `decimal(10,2)`, `array<string>`.

    Raises:
        ValueError: there is no such type.
    """
    if name.startswith("array<") and name.endswith(">"):
        element = column_type(name[6:-1])
        if isinstance(element, ArrayType):
            raise ValueError(f"{name}: an array of arrays is not supported")
        return ArrayType(element)
    if match := NAME.fullmatch(name):
        precision, scale = int(match[1]), int(match[2] or 0)
        if not 1 <= precision <= MOST_DIGITS or scale > precision:
            raise ValueError(f"{name}: a decimal has 1 to {MOST_DIGITS} digits, and at most as many decimal places")
        return DecimalType(precision, scale)
    if name not in _TYPES:
        raise ValueError(f"unknown column type {name!r}; use one of {', '.join(SCALARS)}, or array<...> of these")
    return _TYPES[name]
