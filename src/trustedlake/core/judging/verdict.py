"""Decide which typed records are trusted and which are quarantined, with all reasons."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import Window
from pyspark.sql import functions as F

from trustedlake.core.framing.explode import UNREADABLE
from trustedlake.core.judging.digest import row_hash, row_values
from trustedlake.core.judging.schema import FAILED, PROBLEM, RAW, RESCUED, array_of, lineage_columns, quoted
from trustedlake.core.rules import RULES
from trustedlake.models.contract import Duplicates

if TYPE_CHECKING:
    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract

_GROUPS = 256
"""Number of groups that the keys of a table without partitions are hashed into."""


class Judged(NamedTuple):
    """Two plans; every record is in exactly one of them.

    Attributes:
        trusted: contract columns, `rescued`, `file_path`, `record_index`, and the partition columns.
        quarantined: `file_path string, record_index int, verdict string` (rejected, duplicate or unreadable),
            `reasons array<string>` (never null; `column|rule`), `raw string, winner string` (`path#index` of the
            record that was kept instead; null unless duplicate), `run_id string, contract int`, and the partition
            columns.
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
    """Split the records into trusted and quarantined.

    Grain: one row per record (`to_columns`) -> one row per record, in exactly one of the two; plans only.
    A record is rejected if a column breaks a rule. If a partition has several accepted records with one key, the
    contract's `duplicates` decides:

    - `last`: the last record is trusted, by file (in byte order) and index
    - `merge`: like `last`, and its nulls are filled from the others
    - `equal`: only records that are equal in every column but the lineage are duplicates
    - `keep`: all are trusted

    There is one shuffle, by partition (by key for an unpartitioned table), into `shuffle_partitions` parts (None:
    the session's setting). With `unknown_keys=False`, `rescued` must be null in all records and is not compared.
        movie_id | title | record_index      trusted: 11 | Heat | 2
        11       | Heat  | 0             ->  quarantined: 0 | duplicate | []              | f.json#2
        null     |       | 1                              1 | rejected  | [movie_id|missing, title|blank]
        11       | Heat  | 2
    """
    judged = columns.select("*", _reasons(contract).alias("reasons"))  # evaluated once, before the shuffle
    shuffled = _shuffled(judged, contract, shuffle_partitions)
    ranked = _with_winner(_unique(shuffled, contract), contract, unknown_keys=unknown_keys)
    accepted = F.size("reasons") == 0
    won = F.col("won")
    lineage = lineage_columns(contract)
    trusted = ranked.filter(accepted & won).select(
        *map(quoted, (*(c.name for c in contract.columns), RESCUED, *lineage))
    )
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
        *map(quoted, lineage[2:]),
    )
    return Judged(trusted, quarantined)


def with_rivals(records: DataFrame, trusted: DataFrame, contract: Contract) -> DataFrame:
    """Add the rows of the Trusted table that the records may be duplicates of.

    Grain: one row per record -> the same, plus one row per trusted row that has a record's key in the same
    partition; a plan only. Takes the `to_columns` frame of records that are not in `trusted`, and the table
    (`trusted_ddl`). Then `judge` gives each record the verdict, reasons and winner that it would get if all
    records of the table were judged.
        movie_id | title | record_index      movie_id | title | record_index
        11       | Heat  | 0             ->  11       | Heat  | 0
        null     |       | 1                 null     |       | 1
                                             11       | Heat  | 2              (trusted)
    """
    typed = [quoted(name) for name in records.columns if name not in {RAW, PROBLEM, FAILED}]
    unread = [F.lit(None).cast("string").alias(name) for name in (RAW, PROBLEM)]
    known = trusted.select(*typed, *unread, F.array().cast("array<string>").alias(FAILED))
    unique = [column.name for column in contract.columns if column.unique]
    never_null = bool(contract.key) and all(contract.is_required(contract.column(name)) for name in contract.key)
    by_value = [*([contract.key] if never_null else ()), *((name,) for name in unique)]
    rivals = [
        known.join(records.select(*map(quoted, same)).distinct(), same, "left_semi")
        for same in ([*contract.partition, *names] for names in by_value)
    ]
    if not never_null:
        # Nulls must equal each other here, but a join never matches them.
        # The hash may match too many rows, never too few.
        names = contract.alike
        parts = [part for name in names for part in (F.col(quoted(name)), F.col(quoted(name)).isNull())]
        alike, same = F.xxhash64(*parts).alias("alike"), [*contract.partition, "alike"]
        wanted = records.select(*map(quoted, contract.partition), alike).distinct()
        rivals.append(known.select("*", alike).join(wanted, same, "left_semi").drop("alike"))
    found = (
        rivals[0]
        if len(rivals) == 1
        else reduce(lambda one, other: one.unionByName(other), rivals).dropDuplicates(["file_path", "record_index"])
    )
    return records.unionByName(found)


def _shuffled(judged: DataFrame, contract: Contract, parts: int | None) -> DataFrame:
    home = _home(contract)
    if not home:
        return judged
    return judged.repartition(parts, *home) if parts else judged.repartition(*home)


def _home(contract: Contract) -> list[Expression]:
    """Return columns that possible duplicates have in common; they make few groups.

    An engine has overhead for each group of a window, so a group holds many keys, not one.
    """
    if contract.partition:
        return [F.col(quoted(name)) for name in contract.partition]
    if any(column.unique for column in contract.columns):
        return [F.lit(0)]  # a unique value must be compared with all records
    names = contract.alike
    return [F.pmod(F.xxhash64(*(F.col(quoted(name)) for name in names)), F.lit(_GROUPS))]


def _unique(judged: DataFrame, contract: Contract) -> DataFrame:
    """Reject all but the last of the accepted records that have the same value in a unique column.

    Records with the same key as the last one may be its duplicates; this rule leaves them alone.
    """
    for column in contract.columns:
        if not column.unique:
            continue
        value, accepted = F.col(quoted(column.name)), F.size("reasons") == 0
        last = Window.partitionBy(*_home(contract), value, accepted).orderBy(*_order(contract))
        key = F.to_json(F.struct(*(F.col(quoted(name)) for name in contract.key or ("file_path", "record_index"))))
        keyed = judged.withColumn("key_text", key)
        broken = accepted & value.isNotNull() & (F.first("key_text").over(last) != F.col("key_text"))
        reason = F.array(F.lit(f"{column.name}|unique"))
        marked = keyed.withColumn("broken", broken)
        judged = marked.withColumn("reasons", F.when(F.col("broken"), reason).otherwise(F.col("reasons"))).drop(
            "key_text", "broken"
        )
    return judged


def _order(contract: Contract) -> list[Expression]:
    """Return the order in which the first of several records with one key wins."""
    order = [F.desc("file_path"), F.desc("record_index")]
    if not contract.prefer:
        return order
    name = F.substring_index("file_path", "/", -1)
    ranks = F.when(F.lit(False), 0)
    for rank, pattern in enumerate(contract.prefer):
        ranks = ranks.when(name.rlike(_glob(pattern)), rank)
    return [ranks.otherwise(len(contract.prefer)).asc(), *order]


def _glob(pattern: str) -> str:
    """Convert a pattern of file names to a portable regular expression."""
    signs = {"*": ".*", "?": ".", "^": r"\^", "\\": r"\\", "[": r"\[", "]": r"\]"}
    plain = (letter if letter.isalnum() or letter in "-_ " else f"[{letter}]" for letter in pattern)
    return r"\A" + "".join(signs.get(raw, text) for raw, text in zip(pattern, plain, strict=True)) + r"\z"


def _with_winner(judged: DataFrame, contract: Contract, *, unknown_keys: bool) -> DataFrame:
    """Add `won boolean` (the record is the first among its equals) and the address of the winner.

    The address is `winner_path string, winner_index int`. The sort puts equal records next to each other, the
    winner first.
    """
    if contract.duplicates is Duplicates.KEEP:
        return judged.select(
            "*",
            F.lit(True).alias("won"),
            F.col("file_path").alias("winner_path"),
            F.col("record_index").alias("winner_index"),
        )
    accepted = F.size("reasons") == 0
    same = [F.col(quoted(name)) for name in contract.key] + [accepted]
    if not contract.unique_key:
        # The hash brings equal rows together cheaply; their values decide whether they are equal.
        same += [
            row_hash(contract, with_partition=False, with_rescued=unknown_keys),
            row_values(contract, with_rescued=unknown_keys),
        ]
    # This window needs no shuffle of its own: it is partitioned like the shuffle before.
    order = Window.partitionBy(*_home(contract)).orderBy(*same, *_order(contract))
    follows = reduce(and_, (F.lag(value).over(order).eqNullSafe(value) for value in same))
    so_far = order.rowsBetween(Window.unboundedPreceding, Window.currentRow)
    ranked = judged.withColumn("won", ~follows)
    addressed = ranked.select(
        "*",
        F.last(F.when(F.col("won"), F.col("file_path")), ignorenulls=True).over(so_far).alias("winner_path"),
        F.last(F.when(F.col("won"), F.col("record_index")), ignorenulls=True).over(so_far).alias("winner_index"),
    )
    return _merged(addressed, contract) if contract.duplicates is Duplicates.MERGE else addressed


def _merged(ranked: DataFrame, contract: Contract) -> DataFrame:
    """Fill each winner's nulls from the next best record of its key that has a value, and merge `rescued`.

    An empty list is a value. If several records have the same key in `rescued`, the best record's text stays.
    """
    accepted = F.size("reasons") == 0
    group = Window.partitionBy(*_home(contract), *(F.col(quoted(name)) for name in contract.key), accepted)
    best = group.orderBy(*_order(contract)).rowsBetween(Window.unboundedPreceding, Window.unboundedFollowing)
    filled = {c.name: F.first(F.col(quoted(c.name)), ignorenulls=True).over(best) for c in contract.columns}
    none = F.expr("cast(array() as array<struct<key: string, value: string>>)")
    entries = F.collect_list(F.coalesce(F.map_entries(RESCUED), none)).over(best)
    gathered = ranked.select(
        *(quoted(name) for name in ranked.columns if name not in {*filled, RESCUED}),
        *(F.when(F.col("won"), value).otherwise(F.col(quoted(name))).alias(name) for name, value in filled.items()),
        F.flatten(entries).alias("entries"),
        F.col(RESCUED),
    )
    keys = F.transform("entries", lambda entry: entry["key"])
    firsts = gathered.withColumn("entry_keys", keys)
    own = F.expr("filter(entries, (entry, place) -> array_position(entry_keys, entry.key) = place + 1)")
    united = firsts.withColumn("entries", own)
    together = F.when(F.size("entries") > 0, F.map_from_entries("entries"))
    return united.withColumn(RESCUED, F.when(F.col("won"), together).otherwise(F.col(RESCUED))).drop(
        "entries", "entry_keys"
    )


# Faults of a whole record: its columns were not read, so none of them is reported as missing.
_WHOLE = r"\A(file|line|record)\|"


def _reasons(contract: Contract) -> Expression:
    """Return the reasons why a record is rejected: `array<string>` of `column|rule`, empty if it keeps every rule."""
    problem = F.col(PROBLEM)
    broken = [reason for column in contract.columns for reason in _broken_rules(column, contract)]
    whole = F.coalesce(problem.rlike(_WHOLE), F.lit(False))
    return F.when(whole, F.split(problem, ",")).otherwise(array_of(problem, *broken))


def _broken_rules(column: Column, contract: Contract) -> list[Expression]:
    """Return a reason for each rule, null where it is kept.

    Nearly all columns have the first two rules, so these are SQL: one call of Java instead of ten for each. Column
    names have no characters that are special in an SQL string.
    """
    name = column.name
    value, failed = quoted(name), f"array_contains({FAILED}, '{name}')"
    reasons: list[Expression] = []
    if not column.scalar.is_text:
        reasons.append(F.expr(f"CASE WHEN {failed} THEN '{name}|type' END"))
    if contract.is_required(column):
        framed_wrong = f"coalesce(contains(concat(',', {PROBLEM}), ',{name}|'), false)"
        missing = f"{value} IS NULL AND NOT {failed} AND NOT {framed_wrong}"
        reasons.append(F.expr(f"CASE WHEN {missing} THEN '{name}|missing' END"))
    broken = {rule.name: rule.broken(F.col(value), column) for rule in RULES if rule.is_set(column)}
    return [*reasons, *(F.when(condition, F.lit(f"{name}|{rule}")) for rule, condition in broken.items())]
