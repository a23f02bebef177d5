"""A hash of a row that every engine computes alike, and the values that decide where two are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.models.contract import PARTITION, ColumnType

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression

    from trustedlake.models.contract import Contract

_UNIT = "\x1f"
_RECORD = "\x1e"


def row_hash(contract: Contract, *, with_partition: bool, with_rescued: bool = True) -> Expression:
    """`xxhash64` of a trusted row's contract columns and `rescued`, lineage aside; bigint, never null.

    Columns go by name, each followed by whether it is null, so that (null, 1) and (1, null) differ. Lists and maps
    are joined to text first, engines hash them differently; map entries are sorted by key. Spark interprets that
    for each row, so where `rescued` is known to be null everywhere it may be left out, for another hash.
    """
    comparable = {column.name: _comparable(column.name, column.type) for column in contract.columns}
    if with_rescued:
        comparable["rescued"] = _map_text("rescued")
    if with_partition and contract.partitioned:
        comparable |= {name: F.col(name) for name in PARTITION}
    parts = [part for name in sorted(comparable) for part in (comparable[name], F.col(name).isNull())]
    return F.xxhash64(*parts)


def row_values(contract: Contract, *, with_rescued: bool = True) -> Expression:
    """A struct of what `row_hash` is a hash of, to compare and to sort by: equal exactly where the rows are."""
    values = [
        F.col(column.name) + F.lit(0.0) if column.type is ColumnType.DOUBLE else F.col(column.name)
        for column in contract.columns
    ]
    rescued = [F.array_sort(F.map_entries("rescued"))] if with_rescued else []  # maps can't be compared
    return F.struct(*(value.alias(f"v{number}") for number, value in enumerate([*values, *rescued])))


def _comparable(name: str, column_type: ColumnType) -> Expression:
    if column_type is ColumnType.DOUBLE:
        return F.col(name) + F.lit(0.0)  # -0.0 and 0.0 are equal, their bytes are not
    if column_type is ColumnType.STRINGS:
        return _list_text(F.col(name), name)
    if column_type is ColumnType.BIGINTS:
        return _list_text(F.col(name).cast("array<string>"), name)
    return F.col(name)


def _list_text(texts: Expression, name: str) -> Expression:
    # The size tells [] from [""]; of null it would be null or -1, as spark.sql.ansi.enabled has it.
    return F.when(
        F.col(name).isNotNull(), F.concat_ws(_RECORD, F.size(name).cast("string"), F.array_join(texts, _UNIT))
    )


def _map_text(name: str) -> Expression:
    entries = F.array_sort(F.map_entries(F.col(name)))
    texts = F.transform(
        entries, lambda entry: F.concat(entry["key"], F.coalesce(F.concat(F.lit("="), entry["value"]), F.lit("")))
    )
    return F.array_join(texts, _UNIT)
