"""`decimal(p,s)`: numbers with a fixed number of digits after the point, never rounded."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from trustedlake.types.base import ColumnType, Notation, NotOfTypeError, matching
from trustedlake.types.numbers import NUMBER, with_point

if TYPE_CHECKING:
    import pyarrow as pa

_NAME = re.compile(r"decimal\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)")
_MOST_DIGITS = 38
_FARTHEST = 400
"""A number with a larger exponent or a longer text doesn't fit into any decimal column."""


class DecimalType(ColumnType):
    """Numbers of at most `precision` digits, `scale` of them after the point.

    More digits after the point break the rule `type`, unless they are zeros. Too many digits in total break `range`.
    """

    names = ("decimal(p,s)",)
    logical = "number"
    is_number = True
    can_have_enum = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(f"decimal({precision},{scale})")
        self.precision, self.scale = precision, scale

    @classmethod
    def named(cls, name: str) -> DecimalType | None:
        """See the base."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        precision, scale = int(match[1]), int(match[2] or 0)
        if not 1 <= precision <= _MOST_DIGITS or scale > precision:
            raise ValueError(f"{name}: a decimal has 1 to {_MOST_DIGITS} digits, and at most as many decimal places")
        return cls(precision, scale)

    @property
    def arrow(self) -> pa.DataType:
        """See the base."""
        import pyarrow as pa

        return pa.decimal128(self.precision, self.scale)

    def is_arrow(self, found: pa.DataType) -> bool:
        """See the base."""
        import pyarrow.types as pt

        return bool(pt.is_decimal(found) and (found.precision, found.scale) == (self.precision, self.scale))

    def normal(self, text: str, options: Notation, *, is_number: bool = False) -> str:
        """See the base."""
        match = NUMBER.fullmatch(text if is_number else with_point(text, options))
        if match is None:
            raise NotOfTypeError
        sign, whole, fraction, leading, exponent = match.groups()
        shift = exponent or "0"
        if len(text) > _FARTHEST or len(shift) > 4 or abs(int(shift)) > _FARTHEST:  # noqa: PLR2004 - digits of 400, a sign
            raise NotOfTypeError("range")
        digits = (whole or "") + (fraction or leading or "")
        places = len(fraction or leading or "") - int(shift)
        if places > self.scale:
            cut = places - self.scale
            padded = digits.rjust(cut, "0")
            digits, tail = padded[: len(padded) - cut], padded[len(padded) - cut :]
            if tail.strip("0"):
                raise NotOfTypeError
        else:
            digits += "0" * (self.scale - places)
        digits = digits.lstrip("0").rjust(self.scale + 1, "0")
        if len(digits.lstrip("0")) > self.precision:
            raise NotOfTypeError("range")
        point = len(digits) - self.scale
        number = f"{digits[:point]}.{digits[point:]}" if self.scale else digits
        return f"-{number}" if sign == "-" and digits.strip("0") else number

    def value(self, normal: str) -> Decimal:
        """See the base."""
        return Decimal(self.normal(normal, Notation()))

    def decode(self, texts: pa.Array) -> pa.Array:
        """See the base."""
        # Normal texts have exactly `scale` digits after the point, and they fit the precision.
        return matching(texts, r"\A-?[0-9]+(\.[0-9]+)?\z").cast(self.arrow)

    def cast_element(self, element: str) -> str:
        """See the base."""
        return f"try_cast({element} AS DECIMAL({self.precision},{self.scale}))"
