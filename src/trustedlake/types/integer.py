"""`int` and `bigint`: whole numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType, Notation, NotOfTypeError, matching
from trustedlake.types.numbers import with_point

if TYPE_CHECKING:
    import pyarrow as pa

_INTEGER = re.compile(r"([-+]?)([0-9]++)(?:\.0*+)?")
_SHORT = r"\A(?:0|-?[1-9][0-9]{0,17})\z"

_CERTAIN = {"int": r"\A(?:0|-?[1-9][0-9]{0,8})\z", "bigint": _SHORT}
"""Texts of numbers that surely fit into the type."""

_DIGITS = 20
"""More digits than any 64-bit number has: such a number is out of range without a cast."""


class IntegerType(ColumnType):
    """Whole numbers of 32 or 64 bits: accepts `10`, ` 007`, `10.0`; rejects `10.7`, `1e3`, `5k`."""

    names = ("bigint", "int")
    logical = "integer"
    is_number = True
    can_have_enum = True
    has_one_text = True

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.int32() if self.name == "int" else pa.int64()

    @property
    def duckdb(self) -> str:
        """See the base."""
        return "INTEGER" if self.name == "int" else "BIGINT"

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:  # noqa: ARG002 - short numbers have no grouping marks
        """See the base."""
        import pyarrow.compute as pc

        return pc.match_substring_regex(texts, _SHORT)

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:
        """See the base."""
        if text.isdigit() and text.isascii() and len(text) < _DIGITS and text[0] != "0":
            return text  # fast path for nearly all texts
        match = _INTEGER.fullmatch(text if is_number else with_point(text, options))
        digits = (match[2].lstrip("0") or "0") if match else ""
        if match is None or len(digits) > _DIGITS:
            raise NotOfTypeError
        sign = match[1]
        return f"-{digits}" if sign == "-" and digits != "0" else digits

    def value(self, normal: str) -> int:
        """See the base."""
        return int(self.normal(normal, Notation()))

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        return matching(texts, _CERTAIN[self.name]).cast(self.arrow)

    def cast_element(self, element: str) -> str:
        """See the base."""
        return f"try_cast({element} AS {self.name.upper()})"
