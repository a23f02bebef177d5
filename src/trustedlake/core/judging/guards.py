"""Guarded casts: the text of a value -> a typed column, the same on every engine.

`cast` dies or wraps, depending on a setting; `try_cast` has one meaning, but engines accept different
texts (`1d`, `2024`, `NaN`). A pattern therefore says first what is a number or a date; what it does not
match is null. The patterns keep to what Java's and Rust's regular expressions share.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from pyspark.sql import functions as F

from trustedlake.models.contract import ColumnType

if TYPE_CHECKING:
    from pyspark.sql import Column

BLANKS = " \t\r\n"

_INTEGER = r"\A[-+]?[0-9]+(\.0*)?\z"
# No two parts that follow one another fit the same digits: Java would try every way to share them out.
_DOUBLE = r"\A[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\z"
_ISO_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z"
_BARE_INTEGER = r"\A-?[0-9]+\z"

_DAY_MS = 86_400_000
_FIRST_DAY_MS = -62_135_596_800_000  # 0001-01-01, the first day that Python and pyarrow know
_LAST_DAY_MS = 253_402_214_400_000  # 9999-12-31

# Inside a SQL lambda, where a backslash would depend on spark.sql.parser.escapedStringLiterals; and to Java `$`
# also comes before a last line break, U+0085 for one.
_BIGINT_ELEMENT = (
    "CASE WHEN btrim(e) RLIKE '^[-+]?[0-9]+([.]0*)?$' AND NOT btrim(e) RLIKE '[^-+.0-9]'"
    " THEN try_cast(substring_index(btrim(e), '.', 1) AS BIGINT) END"
)


def to_integer(text: str, sql_type: str) -> Column:
    """Whole numbers in the named text column: `10` and `10.0`, not `10.7`, `1e3` or `5k`; null if out of range."""
    whole = F.expr(f"try_cast(substring_index({text}, '.', 1) AS {sql_type})")
    return F.when(F.col(text).rlike(_INTEGER), whole)


def to_double(text: str) -> Column:
    """Finite decimal numbers in the named text column; `NaN`, `inf`, `1d` and an overflow are null, -0.0 is 0.0."""
    number = F.expr(f"try_cast({text} AS DOUBLE)")
    finite = F.abs(number) <= F.lit(sys.float_info.max)
    return F.when(F.col(text).rlike(_DOUBLE) & finite, number + F.lit(0.0))


def to_date(text: str) -> Column:
    """Dates in the named text column: `2024-03-05`, or epoch milliseconds at midnight UTC (pandas writes those).

    Years 0001 to 9999. A bare integer that is no whole number of days is null.
    """
    millis = F.expr(f"try_cast({text} AS BIGINT)")
    # Unguarded, the division would wrap on engines that evaluate both branches.
    days = F.expr(f"date_from_unix_date(try_cast(try_cast({text} AS BIGINT) div {_DAY_MS} AS INT))")
    midnight = (millis % F.lit(_DAY_MS) == 0) & millis.between(_FIRST_DAY_MS, _LAST_DAY_MS)
    iso = F.col(text).rlike(_ISO_DATE) & ~F.col(text).startswith("0000")
    return F.when(iso, F.expr(f"try_cast({text} AS DATE)")).when(F.col(text).rlike(_BARE_INTEGER) & midnight, days)


def to_boolean(text: str) -> Column:
    """`true` and `false` in the named text column; all else is null."""
    return F.when(F.col(text) == "true", F.lit(True)).when(F.col(text) == "false", F.lit(False))


def to_bigints(texts: str) -> Column:
    """The named array of texts as whole numbers; an element that is none is null."""
    return F.expr(f"transform({texts}, e -> {_BIGINT_ELEMENT})")


def to_scalar(text: str, column_type: ColumnType) -> Column:
    """The named text column, blanks around it trimmed before, as the scalar type.

    Null where the text is null or is no value of the type.
    """
    if column_type in {ColumnType.INT, ColumnType.BIGINT}:
        return to_integer(text, str(column_type))
    casts = {ColumnType.DOUBLE: to_double, ColumnType.DATE: to_date, ColumnType.BOOLEAN: to_boolean}
    return casts[column_type](text)


def array_of(*names: Column) -> Column:
    """Those of the texts that are not null, as an array; no text is empty or has a comma.

    Not `array_compact`: Spark interprets its lambda for every row, which doubled the time of a million rows.
    """
    joined = F.concat_ws(",", *names)
    return F.when(joined == "", F.array().cast("array<string>")).otherwise(F.split(joined, ","))
