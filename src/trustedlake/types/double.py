"""`double`: finite decimal numbers in 64 bits."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType, Notation, NotOfTypeError, matching
from trustedlake.types.numbers import NUMBER, is_plain, with_point

if TYPE_CHECKING:
    import pyarrow as pa

_SIMPLE = r"\A-?[0-9]{1,16}(\.[0-9]{1,16})?\z"
_WHOLE = r"\A-?[0-9]{1,3}\z"
_CERTAIN = r"\A-?[0-9]{1,17}(\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?\z"
"""Texts of numbers far from overflow and underflow."""

_LONGEST = 1_000
"""Longest text of a number, in characters; nobody writes a longer one."""


class DoubleType(ColumnType):
    """Finite decimal numbers; `NaN`, `inf`, `1d` and overflows are rejected, -0.0 becomes 0.0."""

    names = ("double",)
    logical = "number"
    is_number = True

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.float64()

    def is_normal(self, texts: pa.Array, options: Notation) -> pa.Array:
        """See the base."""
        import pyarrow.compute as pc

        return pc.match_substring_regex(texts, _SIMPLE if is_plain(options) else _WHOLE)

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:
        """See the base."""
        number = text if is_number else with_point(text, options)
        if len(number) > _LONGEST or NUMBER.fullmatch(number) is None or abs(float(number)) > sys.float_info.max:
            raise NotOfTypeError
        return number

    def value(self, normal: str) -> float:
        """See the base."""
        return float(self.normal(normal, Notation())) + 0.0

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.add(matching(texts, _CERTAIN).cast(self.arrow), pa.scalar(0.0))

    def cast_element(self, element: str) -> str:
        """See the base."""
        return f"try_cast({element} AS DOUBLE) + 0.0D"
