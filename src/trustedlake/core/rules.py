"""The rules that a contract sets for the values of a column: each for an engine, and for whole columns in Arrow.

A new rule needs:

- a class here, and its place in `RULES`; without `kept`, the accept lane leaves its columns to the engine,
- its field in `models/column.py`,
- its spelling in contract files in `adapters/contracts/column_section.py`; one that ODCS lacks also stands in
  `contracts/trustedlake.schema.json`,
- its `meaning` in Portuguese in `core/page/portuguese/phrases.py`,
- a line in the table of reasons in `docs/how-to/quarantine.md`, and in the Portuguese page.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from pyspark.sql import Column as Expression

    from trustedlake.models.column import Bound, Column

# Control characters, spaces of any width, characters that Unicode lets a program ignore (joiners, marks of
# direction, the soft hyphen, variation selectors), and fillers that look like spaces.
_INVISIBLE_RANGES = (
    (0x00, 0x20), (0x7F, 0xA0), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x1680, 0x1680),
    (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2000, 0x200F), (0x2028, 0x202F), (0x205F, 0x206F), (0x2800, 0x2800),
    (0x3000, 0x3000), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
)  # fmt: skip
INVISIBLE = "".join(chr(code) for first, last in _INVISIBLE_RANGES for code in range(first, last + 1))
"""Invisible characters: a text of only these counts as blank."""

_EXACT = 2**53
"""Whole numbers below this are exact as doubles."""


class Rule(ABC):
    """A rule for the values of a column; null keeps every rule.

    Attributes:
        name: the second half of the reason `column|name`.
        meaning: what a broken rule means, for people.
    """

    name: ClassVar[str]
    meaning: ClassVar[str]

    @abstractmethod
    def is_set(self, column: Column) -> bool:
        """Whether the column has the rule."""

    @abstractmethod
    def broken(self, value: Expression, column: Column) -> Expression:
        """Return whether a value breaks the rule; may be null for null."""

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:  # noqa: ARG002 - for the rules below
        """Return which values surely keep the rule (boolean; may be null for null). The engine decides on the others.

        Args:
            values: the decoded texts.
            texts: the framed texts.
            column: the contract's column; never a list.
        """
        return values.is_null()


class _NotBlank(Rule):
    name, meaning = "blank", "a blank text"

    def is_set(self, column: Column) -> bool:
        return column.not_blank

    def broken(self, value: Expression, column: Column) -> Expression:  # noqa: ARG002 - all columns alike
        from pyspark.sql import functions as F

        return F.btrim(value, F.lit(INVISIBLE)) == ""

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:  # noqa: ARG002 - all columns alike
        import pyarrow.compute as pc

        return pc.not_equal(pc.utf8_trim(values, INVISIBLE), "")


class _Range(Rule):
    name, meaning = "range", "out of bounds"

    def is_set(self, column: Column) -> bool:
        return column.minimum is not None or column.maximum is not None

    def broken(self, value: Expression, column: Column) -> Expression:
        from pyspark.sql import functions as F

        below = value < F.lit(column.minimum) if column.minimum is not None else F.lit(False)
        above = value > F.lit(column.maximum) if column.maximum is not None else F.lit(False)
        return below | above

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:  # noqa: ARG002 - numbers only
        import pyarrow.compute as pc

        bounds = [(column.minimum, True), (column.maximum, False)]
        first, *more = [_within(values, one, is_least=least) for one, least in bounds if one is not None]
        return pc.and_(first, *more) if more else first


def _within(values: pa.Array, bound: Bound, *, is_least: bool) -> pa.Array:
    """Compare as doubles; numbers that are not exact as doubles never count as within."""
    import pyarrow as pa
    import pyarrow.compute as pc

    compare = pc.greater_equal if is_least else pc.less_equal
    numbers = values.cast(pa.float64(), safe=False)
    exact = pc.less(pc.abs(numbers), float(_EXACT))
    if abs(bound) >= _EXACT:
        return values.is_null()
    return pc.and_(exact, compare(numbers, float(bound)))


class _Pattern(Rule):
    name, meaning = "pattern", "does not match the pattern"

    def is_set(self, column: Column) -> bool:
        return column.pattern is not None

    def broken(self, value: Expression, column: Column) -> Expression:
        return ~value.rlike(column.pattern or "")

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            return pc.match_substring_regex(values, column.pattern)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return super().kept(values, texts, column)


class _Enum(Rule):
    name, meaning = "enum", "none of the allowed values"

    def is_set(self, column: Column) -> bool:
        return bool(column.enum)

    def broken(self, value: Expression, column: Column) -> Expression:
        return ~value.cast("string").isin(*column.enum)

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:  # noqa: ARG002 - compares texts
        import pyarrow as pa
        import pyarrow.compute as pc

        return pc.or_(texts.is_null(), pc.is_in(texts, value_set=pa.array(column.enum, pa.string())))


class _Length(Rule):
    name, meaning = "length", "too short"

    def is_set(self, column: Column) -> bool:
        return column.min_length is not None

    def broken(self, value: Expression, column: Column) -> Expression:
        from pyspark.sql import functions as F

        return F.length(value) < F.lit(column.min_length)

    def kept(self, values: pa.Array, texts: pa.Array, column: Column) -> pa.Array:  # noqa: ARG002 - counts characters
        import pyarrow.compute as pc

        return pc.greater_equal(pc.utf8_length(values), column.min_length)


RULES: Sequence[Rule] = (_NotBlank(), _Range(), _Pattern(), _Enum(), _Length())
"""Their order in the reasons of a column."""


def keeping(column: Column, texts: pa.Array, values: pa.Array) -> pa.Array:
    """Return which rows surely keep the column's `RULES`; boolean, never null. Null values keep them.

    Args:
        column: the contract's column.
        texts: the framed texts.
        values: the decoded texts.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pa.repeat(pa.scalar(value=True), len(values))
    for rule in RULES:
        if rule.is_set(column):
            # The engine decides what such a rule means for a list.
            kept = values.is_null() if column.is_list else rule.kept(values, texts, column)
            found = pc.and_(found, pc.fill_null(kept, fill_value=True))
    return found
