"""Framed text -> typed columns: no record is dropped, no value disappears without a trace."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.core.judging import guards, nested
from trustedlake.core.judging.barrier import evaluate_once
from trustedlake.core.judging.column_path import parse_path
from trustedlake.core.judging.json_outline import outline
from trustedlake.models.contract import LINEAGE, PARTITION, ColumnType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame

    from trustedlake.core.judging.nested import NestedKey
    from trustedlake.models.contract import Column, Contract

RESCUED = "rescued"
"""Column with the keys that the contract doesn't know, `map<string,string>`; null if there are none."""

FAILED = "failed"
"""Column with the names of the columns whose text is no value of their type, `array<string>`."""

PROBLEM = "problem"
"""Column with what framing found wrong, reasons joined by commas; null if nothing."""

RAW = "raw"
"""Column with the record's text as it stands in the raw file."""


def framed_ddl(contract: Contract) -> str:
    """The schema of framed rows as Spark DDL; read their Parquet with it."""
    texts = [(name, "string") for name in contract.text_columns.values()]
    columns = [*LINEAGE, (RAW, "string"), *texts, (RESCUED, "map<string,string>"), (PROBLEM, "string")]
    return _ddl([*columns, *((name, "string") for name in PARTITION)])


def trusted_ddl(contract: Contract) -> str:
    """The schema of the Trusted table as Spark DDL; read it with this, or `mes=06` becomes the integer 6."""
    columns = [*((c.name, str(c.type)) for c in contract.columns), (RESCUED, "map<string,string>"), *LINEAGE]
    partition = [(name, "string") for name in PARTITION] if contract.partitioned else []
    return _ddl([*columns, *partition])


def lineage_columns(contract: Contract) -> list[str]:
    """Columns that say where a row comes from: file, index, and the ingestion date of a partitioned table."""
    return [name for name, _ in LINEAGE] + (list(PARTITION) if contract.partitioned else [])


def to_columns(records: DataFrame, contract: Contract) -> DataFrame:
    """Give every record the contract's columns.

    Grain: one row per framed record -> the same; a plan only.
    Takes the columns of `framed_ddl`. Gives the contract's columns with their types, `rescued`, the lineage
    (`file_path string, record_index int`, for a partitioned table `ano, mes, dia string`), `raw string`,
    `problem string` as framed, and `failed array<string>` (never null): the columns whose text could not
    be read. A column is null where its keys are absent, null or empty (an empty text stays one unless
    `empty_is_null`), and where the reading failed.

        text_vote_count | text_genres            vote_count | genres  | failed
        "10.0"          | ["Crime", null]    ->  10         | [Crime] | []
        "5k"            | []                     null       | []      | [vote_count]
        null            | Crime                  null       | null    | [genres]
    """
    keys = nested.nested_keys(contract)
    read = _read_nested(records, keys)
    columns = contract.columns
    valued = read.select("*", *(_value(column, contract, keys).alias(_value_name(column)) for column in columns))
    typed = valued.select("*", *(_typed(column).alias(column.name) for column in columns))
    failed = guards.array_of(*(F.when(_has_failed(c, keys), F.lit(c.name)) for c in columns))
    kept = [column.name for column in columns] + [RESCUED, *lineage_columns(contract), RAW, PROBLEM, FAILED]
    return evaluate_once(typed, failed.alias(FAILED)).select(*kept)


def slice_by_key(records: DataFrame, contract: Contract, number: int, *, of: int) -> DataFrame:
    """Those framed records whose key falls into slice `number` (from 0) of so many.

    Grain: one row per framed record -> the same, fewer of them; a plan only. Records that may be duplicates of one
    another have one key, so they fall into one slice; those without a key do too.
    """
    if of == 1:
        return records
    key = next(column for column in contract.columns if column.name == contract.key)
    valued = records.select("*", _value(key, contract, {}).alias(_value_name(key)))
    place = F.pmod(F.xxhash64(_typed(key)), F.lit(of))
    return valued.where(place == number).drop(_value_name(key))


def _ddl(columns: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in columns)


def _read_nested(records: DataFrame, keys: dict[str, NestedKey]) -> DataFrame:
    if not keys:
        return records
    outlined = records.select("*", *(outline(key.text).alias(key.outline) for key in keys.values()))
    return evaluate_once(outlined, *(nested.reading(key) for key in keys.values()))


def _value_name(column: Column) -> str:
    return f"value_{column.name}"


def _value(column: Column, contract: Contract, keys: dict[str, NestedKey]) -> Expression:
    """The text of the column (of lists: the texts), the first source that has one."""
    paths = [parse_path(source) for source in column.paths]
    if column.type in {ColumnType.STRINGS, ColumnType.BIGINTS}:
        return F.coalesce(*(nested.list_value(keys[path.key], path, column.type) for path in paths))
    texts = [
        nested.text_value(keys[path.key], path) if path.key in keys else F.col(contract.text_columns[path.key])
        for path in paths
    ]
    if column.type is not ColumnType.STRING:
        texts = [F.btrim(text, F.lit(guards.BLANKS)) for text in texts]
    filled = F.coalesce(*(F.when(text != "", text) for text in texts))
    keeps_empty = column.type is ColumnType.STRING and not column.empty_is_null
    return F.coalesce(filled, *texts) if keeps_empty else filled


def _typed(column: Column) -> Expression:
    value = _value_name(column)
    if column.type is ColumnType.STRING:
        return F.col(value)
    if column.type in {ColumnType.STRINGS, ColumnType.BIGINTS}:
        return nested.to_list(value, column.type)
    return guards.to_scalar(value, column.type)


def _has_failed(column: Column, keys: dict[str, NestedKey]) -> Expression:
    unread = F.col(_value_name(column)).isNotNull() & F.col(column.name).isNull()
    malformed = [nested.is_malformed(key) for key in keys.values() if key.owner == column.name]
    return reduce(or_, malformed, unread)
