"""Framed text -> typed columns: no record is dropped, no value disappears without a trace."""

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
    """The frame with the named `columns` added, evaluated once however often they are used.

    Spark inlines projections: an expression that ten columns use is evaluated ten times. It does not
    look through a generator, so the columns travel in the one element of an exploded array; the
    projection below the generator is a barrier of its own kind, its columns aren't inlined either.
    """
    exploded = frame.select("*", F.explode(F.array(F.struct(*columns))).alias(_ONCE))
    return exploded.select("*", f"{_ONCE}.*").drop(_ONCE)


RESCUED = "rescued"
"""Column with the keys that no column takes, and the sources that lost to another one, `map<string,string>`; null if
there are none."""

FAILED = "failed"
"""Column with the names of the columns whose text is no value of their type, `array<string>`."""

PROBLEM = "problem"
"""Column with what framing found wrong, reasons joined by commas; null if nothing."""

RAW = "raw"
"""Column with the record's text as it stands in the raw file."""


def text_column(name: str) -> str:
    """Name of the framed column with the texts of a contract column."""
    return f"text_{name}"


def framed_ddl(contract: Contract) -> str:
    """The schema of framed rows as Spark DDL; read their Parquet with it."""
    texts = [(text_column(c.name), "array<string>" if c.is_list else "string") for c in contract.columns]
    columns = [*LINEAGE, (RAW, "string"), *texts, (RESCUED, "map<string,string>"), (PROBLEM, "string")]
    return _ddl([*columns, *((name, "string") for name in contract.partition)])


def trusted_ddl(contract: Contract) -> str:
    """The schema of the Trusted table as Spark DDL; read it with this, or `mes=06` becomes the integer 6."""
    columns = [*((c.name, c.kind.spark) for c in contract.columns), (RESCUED, "map<string,string>"), *LINEAGE]
    return _ddl([*columns, *((name, "string") for name in contract.partition)])


def lineage_columns(contract: Contract) -> list[str]:
    """Columns that say where a row comes from: file, index, and its partition."""
    return [*(name for name, _ in LINEAGE), *contract.partition]


def to_columns(records: DataFrame, contract: Contract) -> DataFrame:
    """Give every record the contract's columns.

    Grain: one row per framed record -> the same; a plan only.
    Takes the columns of `framed_ddl`, whose texts framing brought into the spelling of their types. Gives the
    contract's columns with their types, `rescued`, the lineage (`file_path string, record_index int`, and the
    partition columns, strings), `raw string`, `problem string` as framed, and `failed array<string>` (never null):
    the columns whose text is no value of their type. A column is null where it has no text, and where the cast failed.

        text_vote_count | text_genres          vote_count | genres        | failed
        10              | [Crime, null]    ->  10         | [Crime, null] | []
        99999999999999999999 | []              null       | []            | [vote_count]
        null            | null                 null       | null          | []
    """
    texts = {column.name: text_column(column.name) for column in contract.columns}
    typed = records.select("*", *(c.kind.cast(texts[c.name]).alias(c.name) for c in contract.columns))
    unread = (
        F.when(F.col(texts[c.name]).isNotNull() & F.col(c.name).isNull(), F.lit(c.name))
        for c in contract.columns
        if not c.scalar.is_text
    )
    failed = array_of(*unread)
    kept = [column.name for column in contract.columns] + [RESCUED, *lineage_columns(contract), RAW, PROBLEM, FAILED]
    return evaluate_once(typed, failed.alias(FAILED)).select(*(F.col(quoted(name)) for name in kept))


def slice_by_key(records: DataFrame, contract: Contract, number: int, *, of: int) -> DataFrame:
    """Those framed records whose key falls into slice `number` (from 0) of so many.

    Grain: one row per framed record -> the same, fewer of them; a plan only. Records that may be duplicates of one
    another have one key, so they fall into one slice; those without a key do too.
    """
    if of == 1:
        return records
    names = contract.alike
    values = (contract.column(name).kind.cast(text_column(name)) for name in names)
    place = F.pmod(F.xxhash64(*values), F.lit(of))
    return records.where(place == number)


def array_of(*names: Expression) -> Expression:
    """Those of the texts that are not null, as an array; no text is empty or has a comma.

    Not `array_compact`: Spark interprets its lambda for every row, which doubled the time of a million rows.
    """
    if not names:
        return F.array().cast("array<string>")
    joined = F.concat_ws(",", *names)
    return F.when(joined == "", F.array().cast("array<string>")).otherwise(F.split(joined, ","))


def quoted(name: str) -> str:
    """A column's name as SQL takes it to the letter."""
    return f"`{name.replace('`', '``')}`"


def _ddl(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{quoted(name)} {kind}" for name, kind in columns)
