"""Records of one partition that may be duplicates of one another, or share a value that is unique."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence


def places(count: int) -> pa.Array:
    """The numbers of so many rows, from 0: uint64."""
    return pa.array(range(count), pa.uint64())


def in_order(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """The places of the rows in the order of these columns, nulls last."""
    return pc.sort_indices(table, sort_keys=[(name, "ascending") for name in names])


def twins(table: pa.Table, names: Sequence[str], order: pa.Array) -> pa.Array:
    """Places of the rows that another row equals in these columns; two nulls are equal.

    `order`: places by these columns, so that equal rows are neighbours.
    """
    if table.num_rows < 2:  # noqa: PLR2004 - one row has no twin
        return places(0)
    equal = reduce(pc.and_, (_follows(table.column(name).combine_chunks().take(order)) for name in names))
    none = pa.array([False])
    return order.filter(pc.or_(pa.concat_arrays([none, equal]), pa.concat_arrays([equal, none])))


def _follows(column: pa.Array) -> pa.Array:
    """Of each row but the first whether it equals the one before."""
    one, other = column.slice(0, len(column) - 1), column.slice(1)
    return pc.or_(pc.fill_null(pc.equal(one, other), fill_value=False), pc.and_(one.is_null(), other.is_null()))
