"""Framed text -> typed columns. No record is dropped; a value that can't be cast is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.models.column import LINEAGE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column, DataFrame
    from pyspark.sql import Column as Expression

    from trustedlake.models.contract import Contract


_ONCE = "evaluated_once"


def evaluate_once(frame: DataFrame, *columns: Column) -> DataFrame:
    """Add `columns` to the frame so that each is evaluated once, however often it is used.

    Spark inlines projections: an expression that ten columns use is evaluated ten times. It does not look
    through a generator, so the columns travel in the single element of an exploded array. Spark doesn't
    inline the columns of the projection below a generator either.
    """
    exploded = frame.select("*", F.explode(F.array(F.struct(*columns))).alias(_ONCE))
    return exploded.select("*", f"{_ONCE}.*").drop(_ONCE)


RESCUED = "rescued"
"""Column with the keys that no column takes, and the sources that lost to another source, `map<string,string>`;
null if there are none."""

FAILED = "failed"
"""Column with the names of the columns whose text can't be cast to their type, `array<string>`."""

PROBLEM = "problem"
"""Column with the problems that framing found, reasons joined by commas; null if none."""

RAW = "raw"
"""Column with the record's text as it is in the raw file."""


def text_column(name: str) -> str:
    """Return the name of the framed column that holds the texts of a contract column."""
    return f"text_{name}"


def framed_ddl(contract: Contract) -> str:
    """Return the schema of framed rows as Spark DDL; use it to read their Parquet."""
    texts = [(text_column(c.name), "array<string>" if c.is_list else "string") for c in contract.columns]
    columns = [*LINEAGE, (RAW, "string"), *texts, (RESCUED, "map<string,string>"), (PROBLEM, "string")]
    return _ddl([*columns, *((name, "string") for name in contract.partition)])


def trusted_ddl(contract: Contract) -> str:
    """Return the schema of the Trusted table as Spark DDL; if you read without it, `mes=06` becomes the integer 6."""
    columns = [*((c.name, c.kind.spark) for c in contract.columns), (RESCUED, "map<string,string>"), *LINEAGE]
    return _ddl([*columns, *((name, "string") for name in contract.partition)])


def lineage_columns(contract: Contract) -> list[str]:
    """List the columns that say where a row comes from: file, index, and partition."""
    return [*(name for name, _ in LINEAGE), *contract.partition]


def to_columns(records: DataFrame, contract: Contract) -> DataFrame:
    """Give every record the contract's columns.

    Grain: one row per framed record -> the same; a plan only.
    Input columns: those of `framed_ddl`; framing has already brought the texts into the spelling of their types.
    Output columns: the contract's columns with their types, `rescued`, the lineage (`file_path string,
    record_index int`, and the partition columns, strings), `raw string`, `problem string` as framed, and
    `failed array<string>` (never null): the columns whose text can't be cast to their type. A column is null if it
    has no text or if the cast failed.

        text_vote_count | text_genres          vote_count | genres        | failed
        10              | [Crime, null]    ->  10         | [Crime, null] | []
        99999999999999999999 | []              null       | []            | [vote_count]
        null            | null                 null       | null          | []
    """
    texts = {column.name: text_column(column.name) for column in contract.columns}
    typed = records.select("*", *(c.kind.cast(texts[c.name]).alias(c.name) for c in contract.columns))
    unread = (
        F.expr(f"CASE WHEN {quoted(texts[c.name])} IS NOT NULL AND {quoted(c.name)} IS NULL THEN '{c.name}' END")
        for c in contract.columns
        if not c.scalar.is_text
    )
    failed = array_of(*unread)
    kept = [column.name for column in contract.columns] + [RESCUED, *lineage_columns(contract), RAW, PROBLEM, FAILED]
    return evaluate_once(typed, failed.alias(FAILED)).select(*(F.col(quoted(name)) for name in kept))


def slice_by_key(records: DataFrame, contract: Contract, number: int, *, of: int) -> DataFrame:
    """Keep the framed records whose key falls into slice `number` (from 0) of `of` slices.

    Grain: one row per framed record -> the same, fewer rows; a plan only. Records that may be duplicates of each
    other have the same key, so they are in the same slice. So are all records without a key.
    """
    if of == 1:
        return records
    names = contract.alike
    values = (contract.column(name).kind.cast(text_column(name)) for name in names)
    place = F.pmod(F.xxhash64(*values), F.lit(of))
    return records.where(place == number)


def array_of(*names: Expression) -> Expression:
    """Collect the texts that are not null into an array; no text may be empty or contain a comma.

    Not `array_compact`: Spark interprets its lambda for every row, which doubled the time for a million rows.
    """
    if not names:
        return F.array().cast("array<string>")
    joined = F.concat_ws(",", *names)
    return F.when(joined == "", F.array().cast("array<string>")).otherwise(F.split(joined, ","))


def quoted(name: str) -> str:
    """Quote a column's name for SQL."""
    return f"`{name.replace('`', '``')}`"


def _ddl(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
