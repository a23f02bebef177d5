"""The rules of a column as Arrow has them: which of its values surely keep them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.invisible import INVISIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.column import Bound, Column

_EXACT = 2**53
"""Whole numbers up to here are doubles, too."""


def keeping(column: Column, texts: pa.Array, values: pa.Array) -> pa.Array:
    """Which rows surely keep the column's rules but `required` and `unique`: boolean, never null; null values do.

    Args:
        column: of the contract.
        texts: the framed texts.
        values: the same, decoded.
    """
    kept = pa.repeat(pa.scalar(value=True), len(values))
    for rule in _rules(column, texts, values):
        kept = pc.and_(kept, pc.fill_null(rule, fill_value=True))
    return kept


def _rules(column: Column, texts: pa.Array, values: pa.Array) -> Iterator[pa.Array]:
    if column.is_list and (column.not_blank or column.pattern or column.enum or column.min_length or _bounds(column)):
        yield values.is_null()  # what such a rule means for a list is the core's to say
        return
    if column.not_blank:
        yield pc.not_equal(pc.utf8_trim(values, INVISIBLE), "")
    if column.pattern is not None:
        yield _matches(column, values)
    if column.enum:
        yield pc.or_(texts.is_null(), pc.is_in(texts, value_set=pa.array(column.enum, pa.string())))
    if column.min_length is not None:
        yield pc.greater_equal(pc.utf8_length(values), column.min_length)
    for bound, is_least in _bounds(column):
        yield _within(values, bound, is_least=is_least)


def _bounds(column: Column) -> list[tuple[Bound, bool]]:
    return [(one, least) for one, least in ((column.minimum, True), (column.maximum, False)) if one is not None]


def _matches(column: Column, values: pa.Array) -> pa.Array:
    try:
        return pc.match_substring_regex(values, column.pattern)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return values.is_null()


def _within(values: pa.Array, bound: Bound, *, is_least: bool) -> pa.Array:
    """Compared as doubles, and as nothing where a double would not tell."""
    compare = pc.greater_equal if is_least else pc.less_equal
    numbers = values.cast(pa.float64(), safe=False)
    exact = pc.less(pc.abs(numbers), float(_EXACT))
    if abs(bound) >= _EXACT:
        return values.is_null()
    return pc.and_(exact, compare(numbers, float(bound)))
