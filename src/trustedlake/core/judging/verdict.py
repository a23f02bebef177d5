"""Typed records -> trusted or quarantined, with all reasons."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import Window
from pyspark.sql import functions as F

from trustedlake.core.judging.guards import BLANKS, array_of
from trustedlake.core.judging.row_hash import row_hash, row_values
from trustedlake.core.judging.schema import FAILED, PROBLEM, RAW, RESCUED, lineage_columns
from trustedlake.models.contract import PARTITION, ColumnType

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from trustedlake.models.contract import Column, Contract

UNREADABLE = "file|unreadable"
"""Reason of the one row that stands for a file that could not be framed."""

# The no-break space and the ideographic one are blanks too, to a reader.
_INVISIBLE = BLANKS + "\u00a0\u3000"

# Faults of a whole record: its columns were not read, so none of them is missing.
_WHOLE = r"\A(file|line|record)\|"

_GROUPS = 256
"""Into which the keys of a table without partitions are shared out."""


class Judged(NamedTuple):
    """Two plans that share out all records between them.

    Attributes:
        trusted: contract columns, `rescued`, `file_path`, `record_index`, for a partitioned table `ano, mes, dia`.
        quarantined: `file_path string, record_index int, verdict string (rejected, duplicate, unreadable),
            reasons array<string>` (never null; `column|rule`), `raw string, winner string` (`path#index`
            of the record that was kept instead, null unless duplicate), `run_id string, contract int`, for a
            partitioned table `ano, mes, dia`.
    """

    trusted: DataFrame
    quarantined: DataFrame


def judge(
    columns: DataFrame,
    contract: Contract,
    *,
    run_id: str = "",
    shuffle_partitions: int | None = None,
    unknown_keys: bool = True,
) -> Judged:
    """Share the records out between Trusted and Quarantine.

    Grain: one row per record (`to_columns`) -> one row per record, in exactly one of the two; plans only.
    A record is rejected when a column breaks its rule. Of several accepted records with the contract's
    unique key in one partition the last by file (byte order) and index is trusted; without a unique
    key only records equal in every column but the lineage are duplicates. One shuffle, by partition (by key for
    an unpartitioned table), into `shuffle_partitions` parts (None: as the session is set). Without `unknown_keys`
    `rescued` is null in all records, and is not compared.

        movie_id | title | record_index      trusted: 11 | Heat | 2
        11       | Heat  | 0             ->  quarantined: 0 | duplicate | []              | f.json#2
        null     |       | 1                              1 | rejected  | [movie_id|missing, title|blank]
        11       | Heat  | 2
    """
    judged = columns.select("*", _reasons(contract).alias("reasons"))  # the shuffle makes it once
    ranked = _with_winner(judged, contract, shuffle_partitions, unknown_keys=unknown_keys)
    accepted = F.size("reasons") == 0
    won = F.col("won")
    lineage = lineage_columns(contract)
    trusted = ranked.filter(accepted & won).select(*(c.name for c in contract.columns), RESCUED, *lineage)
    winner = F.concat_ws("#", "winner_path", F.col("winner_index").cast("string"))
    verdict = F.when(accepted, "duplicate").when(F.array_contains("reasons", UNREADABLE), "unreadable")
    quarantined = ranked.filter(~(accepted & won)).select(
        *lineage[:2],
        verdict.otherwise("rejected").alias("verdict"),
        "reasons",
        RAW,
        F.when(accepted, winner).alias("winner"),
        F.lit(run_id).alias("run_id"),
        F.lit(contract.version).cast("int").alias("contract"),
        *lineage[2:],
    )
    return Judged(trusted, quarantined)


def with_rivals(records: DataFrame, trusted: DataFrame, contract: Contract) -> DataFrame:
    """Add to typed records the rows of the Trusted table that they may be duplicates of.

    Grain: one row per record -> the same, and one per trusted row with a record's key in its partition; a plan
    only. Takes `to_columns` of the records that are not in `trusted`, and the table (`trusted_ddl`). Judged
    together (`judge`), each of the records has the verdict, reasons and winner that it has among all.

        movie_id | title | record_index      movie_id | title | record_index
        11       | Heat  | 0             ->  11       | Heat  | 0
        null     |       | 1                 null     |       | 1
                                             11       | Heat  | 2              (trusted)
    """
    same = [*(PARTITION if contract.partitioned else ()), contract.key]
    rivals = trusted.join(records.select(*same).distinct(), same, "left_semi")
    typed = [name for name in records.columns if name not in {RAW, PROBLEM, FAILED}]
    unread = [F.lit(None).cast("string").alias(name) for name in (RAW, PROBLEM)]
    return records.unionByName(rivals.select(*typed, *unread, F.array().cast("array<string>").alias(FAILED)))


def _with_winner(judged: DataFrame, contract: Contract, parts: int | None, *, unknown_keys: bool) -> DataFrame:
    """Add whether a record is the last among its equals, `won boolean`, and the address of the one that is.

    `winner_path string, winner_index int`. Equals are neighbours in one order, and the last of them comes first.
    """
    key, accepted = F.col(contract.key), F.size("reasons") == 0
    # An engine works for each group of a window, so a group holds many keys, not one.
    home = [F.col(name) for name in PARTITION] if contract.partitioned else [F.pmod(F.xxhash64(key), F.lit(_GROUPS))]
    shuffled = judged.repartition(parts, *home) if parts else judged.repartition(*home)
    same = [key, accepted]
    if not contract.unique_key:
        # The hash brings equal rows together cheaply; whether they are equal their values say.
        same += [
            row_hash(contract, with_partition=False, with_rescued=unknown_keys),
            row_values(contract, with_rescued=unknown_keys),
        ]
    # The window rides on that shuffle: its keys are the shuffle's.
    order = Window.partitionBy(*home).orderBy(*same, F.desc("file_path"), F.desc("record_index"))
    follows = reduce(and_, (F.lag(value).over(order).eqNullSafe(value) for value in same))
    so_far = order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    ranked = shuffled.withColumn("won", ~follows)
    return ranked.select(
        "*",
        F.last(F.when(F.col("won"), F.col("file_path")), ignorenulls=True).over(so_far).alias("winner_path"),
        F.last(F.when(F.col("won"), F.col("record_index")), ignorenulls=True).over(so_far).alias("winner_index"),
    )


def _reasons(contract: Contract) -> Expression:
    problem = F.col(PROBLEM)
    broken = [reason for column in contract.columns for reason in _column_reasons(column)]
    whole = F.coalesce(problem.rlike(_WHOLE), F.lit(False))
    return F.when(whole, F.split(problem, ",")).otherwise(array_of(problem, *broken))


def _column_reasons(column: Column) -> list[Expression]:
    value = F.col(column.name)
    rules: dict[str, Expression] = {}
    if column.type is not ColumnType.STRING or any("." in path for path in column.paths):
        rules["type"] = F.array_contains(FAILED, column.name)
    if column.required:
        framed_wrong = F.coalesce(F.array_contains(F.split(PROBLEM, ","), f"{column.name}|type"), F.lit(False))
        rules["missing"] = value.isNull() & ~F.array_contains(FAILED, column.name) & ~framed_wrong
    if column.not_blank:
        rules["blank"] = F.btrim(value, F.lit(_INVISIBLE)) == ""
    if column.minimum is not None or column.maximum is not None:
        rules["range"] = _out_of_range(value, column)
    if column.pattern is not None:
        rules["pattern"] = ~value.rlike(column.pattern)
    return [F.when(broken, F.lit(f"{column.name}|{rule}")) for rule, broken in rules.items()]


def _out_of_range(value: Expression, column: Column) -> Expression:
    below = value < F.lit(column.minimum) if column.minimum is not None else F.lit(False)
    above = value > F.lit(column.maximum) if column.maximum is not None else F.lit(False)
    return below | above
