"""Texts of numbers, dates and booleans: one row a case, the same on every engine."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from chispa.column_comparer import assert_column_equality

from trustedlake.core.judging import guards
from trustedlake.models.contract import ColumnType

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CASES: dict[ColumnType, list[tuple[str | None, Any]]] = {
    ColumnType.INT: [
        (None, None),
        ("10", 10),
        ("-3", -3),
        ("+3", 3),
        ("007", 7),
        ("10.0", 10),
        ("10.", 10),
        ("10.7", None),
        ("10.07", None),
        (".0", None),
        ("1e3", None),
        ("5k", None),
        ("", None),
        ("-", None),
        ("1 961", None),
        ("1_961", None),
        ("٣", None),
        ("10\n", None),
        ("2147483647", 2_147_483_647),
        ("2147483648", None),
        ("2923706026", None),
        ("NaN", None),
        ("true", None),
        ("[1]", None),
    ],
    ColumnType.BIGINT: [
        ("2923706026", 2_923_706_026),
        ("9223372036854775807", 9_223_372_036_854_775_807),
        ("-9223372036854775808", -9_223_372_036_854_775_808),
        ("9223372036854775808", None),
        ("99999999999999999999.0", None),
        ("10.0", 10),
        ("10.7", None),
        ("5k", None),
    ],
    ColumnType.DOUBLE: [
        (None, None),
        ("7", 7.0),
        ("7.25", 7.25),
        ("-1.5e-3", -0.0015),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+5", 5.0),
        ("-0.0", 0.0),
        ("0.1", 0.1),
        ("9007199254740993", 9007199254740992.0),
        ("2.2250738585072011e-308", 2.2250738585072011e-308),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("1e400", None),
        ("-1e400", None),
        ("1d", None),
        ("1f", None),
        ("1D", None),
        ("NaN", None),
        ("inf", None),
        ("Infinity", None),
        ("0x10", None),
        ("7,5", None),
        ("5k", None),
        ("1e", None),
        (".", None),
        ("-", None),
        ("", None),
        ("--1", None),
    ],
    ColumnType.DATE: [
        (None, None),
        ("2024-03-05", date(2024, 3, 5)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("1500-01-01", date(1500, 1, 1)),
        ("1894-12-31", date(1894, 12, 31)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("0000-01-01", None),
        ("0000-00-00", None),
        ("2024-3-1", None),
        ("2024", None),
        ("2024-03", None),
        ("2024-03-05T00:00", None),
        ("2024-03-05 00:00:00", None),
        ("05/03/2024", None),
        ("Jun 12 1998", None),
        ("2024-13-01", None),
        ("0", date(1970, 1, 1)),
        ("86400000", date(1970, 1, 2)),
        ("-95904000000", date(1966, 12, 18)),
        ("-62135596800000", date(1, 1, 1)),
        ("-62135683200000", None),
        ("253402214400000", date(9999, 12, 31)),
        ("253402300800000", None),
        ("9223372036854775807", None),
        ("99999999999999999999", None),
        ("86400001", None),
        ("20240305", None),
        ("86400000.0", None),
    ],
    ColumnType.BOOLEAN: [
        (None, None),
        ("true", True),
        ("false", False),
        ("True", None),
        ("t", None),
        ("1", None),
        ("0", None),
        ("yes", None),
        ("", None),
    ],
}


@pytest.mark.parametrize("column_type", CASES, ids=str)
def test_texts_that_are_values_of_the_type_and_texts_that_are_not(
    session: SparkSession, column_type: ColumnType
) -> None:
    given = session.createDataFrame(CASES[column_type], f"text string, expected {column_type}")

    assert_column_equality(given.withColumn("got", guards.to_scalar("text", column_type)), "got", "expected")


def test_minus_zero_has_the_bytes_of_zero(session: SparkSession) -> None:
    given = session.createDataFrame([("-0.0",)], "text string")

    got = given.select(guards.to_double("text").alias("got")).collect()[0]["got"]

    assert str(got) == "0.0"
