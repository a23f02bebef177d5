"""Accept framed rows column by column where the result is certain; leave the other rows to `judging`."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.layout import text_column
from trustedlake.core.rules import keeping
from trustedlake.core.table_schema import arrow_schema
from trustedlake.models.column import LINEAGE, RESERVED
from trustedlake.models.contract import Duplicates
from trustedlake.threads import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.models.contract import Contract


def places(count: int) -> pa.Array:
    """Return the row numbers from 0 to `count` - 1: uint64."""
    return pa.array(range(count), pa.uint64())


def in_order(table: pa.Table, names: Sequence[str]) -> pa.Array:
    """Return the row numbers sorted by these columns, nulls last."""
    return pc.sort_indices(table, sort_keys=[(name, "ascending") for name in names])


def twins(table: pa.Table, names: Sequence[str], order: pa.Array) -> pa.Array:
    """Return the places of the rows that equal another row in these columns; two nulls are equal.

    `order`: the places sorted by these columns, so that equal rows are neighbours.
    """
    if table.num_rows < 2:  # noqa: PLR2004 - one row has no twin
        return places(0)
    equal = reduce(pc.and_, map_in_threads(lambda name: _follows(_plain(table.column(name)).take(order)), names))
    none = pa.array([False])
    return order.filter(pc.or_(pa.concat_arrays([none, equal]), pa.concat_arrays([equal, none])))


def _follows(column: pa.Array) -> pa.Array:
    """For each row but the first, return whether it equals the row before."""
    one, other = column.slice(0, len(column) - 1), column.slice(1)
    return pc.or_(pc.fill_null(pc.equal(one, other), fill_value=False), pc.and_(one.is_null(), other.is_null()))


SIZE = "size"
"""Why a partition is left to `judging`: it is too large for memory."""

WHY = ("shape", "type", "rule", "duplicate")
"""Why a record is left to `judging`.

- `shape`: framing found a problem
- `type`: a value can't be decoded with certainty
- `rule`: a rule is broken or can't be checked with certainty
- `duplicate`: another record of the partition has the same key, or the same value in a unique column
"""


class Sorted(NamedTuple):
    """Framed rows, split into certain ones and others.

    Attributes:
        rows: the certain rows with the columns of `table_schema.arrow_schema`, sorted by partition, key and lineage.
        certain: whether each framed row is certain: boolean, in the order of the framed rows.
        left: reason (of `WHY`) -> number of records that are left to `judging`.
    """

    rows: pa.Table
    certain: pa.Array
    left: Mapping[str, int]


def accept(framed: pa.Table, contract: Contract) -> Sorted:
    """Take the records that `judging.judge` would accept with the same values; this function rejects nothing.

    Grain: one row per framed record of whole partitions -> the same, fewer rows. A record is certain if framing
    found no problem, each of its texts decodes strictly, every rule holds, and no other record of the partition
    has its key.

        text_id | text_votes | problem       id | votes      certain
        11      | 7          |           ->  11 | 7          true
        12      | many       | votes|type                    false (shape)
        13      | -1         |                               false (rule: votes has minimum 0)
    """
    framed = framed.combine_chunks()
    table = pa.table(
        [
            *map_in_threads(
                lambda column: column.kind.decode(_plain(framed.column(text_column(column.name)))), contract.columns
            ),
            *(_plain(framed.column(name)) for name in (*RESERVED, *contract.partition)),
        ],
        schema=arrow_schema(contract),
    )
    order = in_order(table, _order(contract))
    so_far = pa.repeat(pa.scalar(value=True), len(framed))
    left = {}
    for why, sure in zip(WHY, _certain(framed, table, contract, order), strict=True):
        after = pc.and_(so_far, sure)
        left[why] = so_far.true_count - after.true_count
        so_far = after
    return Sorted(_taken(table, order.filter(so_far.take(order))), so_far, {why: n for why, n in left.items() if n})


def _taken(table: pa.Table, rows: pa.Array) -> pa.Table:
    """Return these rows, in this order."""
    columns = list(map_in_threads(lambda column: _plain(column).take(rows), table.columns))
    return pa.table(columns, schema=table.schema)


def in_key_order(rows: pa.Table, contract: Contract) -> pa.Table:
    """Sort trusted rows of one partition as `accept` does."""
    return _taken(rows, in_order(rows, [name for name in _order(contract) if name not in contract.partition]))


def _certain(framed: pa.Table, table: pa.Table, contract: Contract, order: pa.Array) -> list[pa.Array]:
    """For each reason of `WHY`, return which records it does not affect."""
    yes = pa.repeat(pa.scalar(value=True), len(framed))
    decoded = ruled = yes
    for column in contract.columns:
        texts, values = _plain(framed.column(text_column(column.name))), _plain(table.column(column.name))
        decoded = pc.and_(decoded, pc.or_(texts.is_null(), values.is_valid()))
        ruled = pc.and_(ruled, keeping(column, texts, values))
        if contract.is_required(column):
            ruled = pc.and_(ruled, values.is_valid())
    return [framed.column("problem").combine_chunks().is_null(), decoded, ruled, _alone(table, contract, order)]


def _alone(table: pa.Table, contract: Contract, order: pa.Array) -> pa.Array:
    """Return which records have no twin in their partition."""
    found = []
    if contract.duplicates is not Duplicates.KEEP:
        found.append(twins(table, [*contract.partition, *_equals(contract)], order))
    for column in contract.columns:
        if column.unique:
            names = [*contract.partition, column.name]
            same = twins(table, names, in_order(table, names))
            # Nulls don't count as equal in a unique column.
            found.append(same.filter(_plain(table.column(column.name)).take(same).is_valid()))
    if not found:
        return pa.repeat(pa.scalar(value=True), len(table))
    return pc.invert(pc.is_in(places(len(table)), value_set=pa.concat_arrays(found)))


def _equals(contract: Contract) -> Sequence[str]:
    """Return columns in which duplicates are always equal; with `duplicates: equal` they are equal in others, too."""
    if contract.unique_key:
        return contract.key
    scalars = [c.name for c in contract.columns if not c.is_list and c.type != "double" and c.name not in contract.key]
    return [*contract.key, *scalars]


def _order(contract: Contract) -> list[str]:
    names = contract.key if contract.duplicates is Duplicates.KEEP else _equals(contract)
    return [*contract.partition, *names, *(name for name, _ in LINEAGE)]


def _plain(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
