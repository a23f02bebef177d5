"""Digests of rows and tables: the same wherever they are stored and whichever engine wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.core.judging.schema import RESCUED, quoted

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract


_UNIT = "\x1f"
_RECORD = "\x1e"


def row_hash(contract: Contract, *, with_partition: bool, with_rescued: bool = True) -> Expression:
    """Hash a trusted row (`xxhash64`): its contract columns and `rescued`, without lineage; bigint, never null.

    Columns are sorted by name. Each is followed by whether it is null, so that (null, 1) and (1, null) differ.
    Lists and maps are joined to text first, because engines hash them differently; map entries are sorted by key.
    Spark interprets that code for each row, so leave out `rescued` where it is known to be null everywhere. That
    gives another hash.
    """
    comparable = {column.name: _comparable(column) for column in contract.columns}
    if with_rescued:
        comparable[RESCUED] = _map_text(RESCUED)
    if with_partition:
        comparable |= {name: F.col(quoted(name)) for name in contract.partition}
    parts = [part for name in sorted(comparable) for part in (comparable[name], F.col(quoted(name)).isNull())]
    return F.xxhash64(*parts)


def row_values(contract: Contract, *, with_rescued: bool = True) -> Expression:
    """Return the values that `row_hash` hashes, as a struct to compare and sort by: equal exactly if the rows are."""
    values = [
        F.col(quoted(column.name)) + F.lit(0.0) if column.type == "double" else F.col(quoted(column.name))
        for column in contract.columns
    ]
    rescued = [F.array_sort(F.map_entries(RESCUED))] if with_rescued else []  # maps can't be compared
    return F.struct(*(value.alias(f"v{number}") for number, value in enumerate([*values, *rescued])))


def _comparable(column: Column) -> Expression:
    value = F.col(quoted(column.name))
    if column.is_list:
        return _list_text(_element_texts(value, column.scalar.name))
    if column.type == "double":
        return value + F.lit(0.0)  # -0.0 and 0.0 are equal, but their bytes differ
    if column.type == "timestamp":
        return F.unix_micros(value)  # its text depends on the session's time zone
    return value


def _element_texts(value: Expression, kind: str) -> Expression:
    """Convert the elements to texts that every engine writes alike; engines differ for doubles and timestamps."""
    if kind == "double":
        return F.transform(value, lambda one: F.when(one.isNotNull(), F.xxhash64(one + F.lit(0.0)).cast("string")))
    if kind == "timestamp":
        return F.transform(value, lambda one: F.unix_micros(one).cast("string"))
    return value if kind in {"string", "json"} else value.cast("array<string>")


def _list_text(texts: Expression) -> Expression:
    # The size tells [] from [""]. The size of null is null or -1, depending on spark.sql.ansi.enabled.
    # A null element differs from an empty text.
    marked = F.transform(texts, lambda text: F.coalesce(text, F.lit(_RECORD)))
    return F.when(texts.isNotNull(), F.concat_ws(_RECORD, F.size(texts).cast("string"), F.array_join(marked, _UNIT)))


def _map_text(name: str) -> Expression:
    entries = F.array_sort(F.map_entries(F.col(name)))
    texts = F.transform(
        entries, lambda entry: F.concat(entry["key"], F.coalesce(F.concat(F.lit("="), entry["value"]), F.lit("")))
    )
    return F.array_join(texts, _UNIT)


def digest(table: DataFrame, contract: Contract) -> DataFrame:
    """Compute the digest of a trusted table: the same wherever the same rows are.

    Grain: the whole table -> one row; a plan only.
    Columns: `rows bigint, total decimal(38,0), bits bigint`: the number of rows, the sum of their hashes, and the
    exclusive or of their hashes. Lineage is excluded, so that a local folder and a bucket agree. The partition
    columns are included.
    """
    hashes = table.select(row_hash(contract, with_partition=True).alias("hash"))
    total = F.sum(F.col("hash").cast("decimal(38,0)")).cast("decimal(38,0)")
    return hashes.agg(
        F.count("hash").alias("rows"),
        F.coalesce(total, F.lit(0).cast("decimal(38,0)")).alias("total"),
        F.coalesce(F.bit_xor("hash"), F.lit(0).cast("bigint")).alias("bits"),
    )
