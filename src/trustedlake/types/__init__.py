"""The types that a column can have, one module per kind."""

from __future__ import annotations

from functools import cache

from trustedlake.types.array import ArrayType
from trustedlake.types.base import BLANKS, ColumnType, Notation, NotOfTypeError
from trustedlake.types.boolean import BooleanType
from trustedlake.types.decimals import DecimalType
from trustedlake.types.double import DoubleType
from trustedlake.types.integer import IntegerType
from trustedlake.types.moments import DateType, TimestampType
from trustedlake.types.text import JsonType, TextType

__all__ = ["BLANKS", "SCALARS", "ArrayType", "ColumnType", "NotOfTypeError", "Notation", "column_type", "plain_type"]

SCALARS: tuple[type[ColumnType], ...] = (
    TextType,
    IntegerType,
    DoubleType,
    BooleanType,
    DateType,
    TimestampType,
    JsonType,
    DecimalType,
)
"""The classes of scalar types; each type can be an element: `array<int>`."""


@cache
def column_type(name: str) -> ColumnType:
    """Return the type of that name, always the same object: `bigint`, `decimal(10,2)`, `array<string>`.

    Raises:
        ValueError: there is no such type.
    """
    if name.startswith("array<") and name.endswith(">"):
        element = column_type(name[6:-1])
        if element.is_list:
            raise ValueError(f"{name}: an array of arrays is not supported")
        return ArrayType(element)
    for kind in SCALARS:
        if (found := kind.named(name)) is not None:
            return found
    known = ", ".join(name for kind in SCALARS for name in kind.names)
    raise ValueError(f"unknown column type {name!r}; use one of {known}, or array<...> of these")


def plain_type(logical: str) -> ColumnType:
    """Return the type of a column that only has this `logicalType`, of which there is a scalar type."""
    return column_type(next(kind.names[0] for kind in SCALARS if kind.logical == logical))
