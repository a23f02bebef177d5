"""A digest by which two tables are compared, wherever they lie and whichever engine wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.core.judging.row_hash import row_hash

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from trustedlake.models.contract import Contract


def digest(table: DataFrame, contract: Contract) -> DataFrame:
    """The digest of a trusted table: the same wherever the same rows are.

    Grain: the whole table -> one row; a plan only.
    Gives `rows bigint, total decimal(38,0), bits bigint`: how many rows, the sum of their hashes, and the
    hashes folded by exclusive or. Lineage is left out, so that a folder and a bucket agree; the partition of
    a partitioned table is in.
    """
    hashes = table.select(row_hash(contract, with_partition=True).alias("hash"))
    total = F.sum(F.col("hash").cast("decimal(38,0)")).cast("decimal(38,0)")
    return hashes.agg(
        F.count("hash").alias("rows"),
        F.coalesce(total, F.lit(0).cast("decimal(38,0)")).alias("total"),
        F.coalesce(F.bit_xor("hash"), F.lit(0).cast("bigint")).alias("bits"),
    )
