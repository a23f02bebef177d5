"""Normal texts -> values: texts from framing are cast the same on every engine, alone and in lists."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from pyspark.sql import functions as F

from tests.support.frames import framed, framed_row
from trustedlake.core.judging.digest import row_hash
from trustedlake.core.judging.schema import to_columns
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat
from trustedlake.types import column_type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import Column as Expression
    from pyspark.sql import DataFrame, SparkSession

TIME_ZONE = "spark.sql.session.timeZone"

# type -> normal text and the value it is cast to; null where it has no room
CASES: dict[str, list[tuple[str | None, Any]]] = {
    "string": [(None, None), ("", ""), (" a ", " a "), ("東京\u0000\n", "東京\u0000\n")],
    "json": [(None, None), ('{"a": 1e400}', '{"a": 1e400}'), ("", "")],
    "int": [
        (None, None),
        ("0", 0),
        ("10", 10),
        ("-3", -3),
        ("2147483647", 2_147_483_647),
        ("-2147483648", -2_147_483_648),
        ("2147483648", None),
        ("-2147483649", None),
        ("9223372036854775808", None),
        ("4294967297", None),  # 1, if it wrapped
    ],
    "bigint": [
        (None, None),
        ("2923706026", 2_923_706_026),
        ("9007199254740993", 9_007_199_254_740_993),
        ("9223372036854775807", 9_223_372_036_854_775_807),
        ("-9223372036854775808", -9_223_372_036_854_775_808),
        ("9223372036854775808", None),
        ("-9223372036854775809", None),
        ("18446744073709551617", None),  # 1, if it wrapped
        ("99999999999999999999", None),
    ],
    "double": [
        (None, None),
        ("7", 7.0),
        ("-1.5e-3", -0.0015),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("+5", 5.0),
        ("-0.0", 0.0),
        ("0.1", 0.1),
        ("9007199254740993", 9007199254740992.0),
        ("0.30000000000000004", 0.30000000000000004),
        ("1e23", 1e23),
        ("2.2250738585072011e-308", 2.2250738585072011e-308),
        ("5e-324", 5e-324),
        ("1e-400", 0.0),
        ("1.7976931348623157e308", 1.7976931348623157e308),
        ("7.2057594037927933e16", 7.2057594037927933e16),
        ("123456789012345678901234567890.123456789012345678901234567890", 1.2345678901234568e29),
    ],
    "decimal(10,2)": [
        (None, None),
        ("0.00", Decimal("0.00")),
        ("1.50", Decimal("1.50")),
        ("-99999999.99", Decimal("-99999999.99")),
        ("99999999.99", Decimal("99999999.99")),
    ],
    "decimal(38,38)": [("0." + "9" * 38, Decimal("0." + "9" * 38)), ("-0." + "0" * 37 + "1", Decimal("-1e-38"))],
    "decimal(38,0)": [("9" * 38, Decimal("9" * 38)), ("-1", Decimal(-1))],
    "boolean": [(None, None), ("true", True), ("false", False)],
    "date": [
        (None, None),
        ("2024-03-05", date(2024, 3, 5)),
        ("2024-02-29", date(2024, 2, 29)),
        ("2023-02-29", None),
        ("1500-01-01", date(1500, 1, 1)),
        ("1582-10-10", date(1582, 10, 10)),  # a day that the old calendar does not have
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("0000-01-01", None),
        ("0000-00-00", None),
        ("2024-13-01", None),
        ("2024-00-10", None),
    ],
    "timestamp": [
        (None, None),
        ("0", 0),
        ("1", 1),
        ("-1", -1),
        ("1530417599999999", 1_530_417_599_999_999),
        ("1541296800000000", 1_541_296_800_000_000),  # 2018-11-04T02:00Z, 30 minutes before São Paulo changed its clock
        ("-62135596800000000", -62_135_596_800_000_000),
        ("253402300799999999", 253_402_300_799_999_999),
    ],
}  # fmt: skip


@pytest.fixture(params=["UTC", "America/Sao_Paulo"])
def zone(session: SparkSession, request: pytest.FixtureRequest) -> Iterator[str]:
    before = session.conf.get(TIME_ZONE)
    session.conf.set(TIME_ZONE, request.param)
    yield request.param
    session.conf.set(TIME_ZONE, str(before))


def read(frame: DataFrame) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in frame.collect()), key=lambda row: row[0])


def told(value: Any) -> Any:
    """A value as it can be compared to the letter: `-0.0` is not `0.0`, and 1 is not `True`."""
    if isinstance(value, list):
        return [told(one) for one in value]
    return value if isinstance(value, Decimal) else repr(value)


def comparable(name: str, value: Expression) -> Expression:
    """Moments as what they are; Python would show them on a wall clock."""
    return F.unix_micros(value) if name == "timestamp" else value


def test_normal_texts_are_cast_the_same_in_every_time_zone(session: SparkSession, zone: str) -> None:
    """One job for all types: a row holds the text of a case, and one column for each type casts it."""
    rows = [(number, name, text) for number, (name, text, _) in enumerate(all_cases())]
    given = session.createDataFrame(rows, "number int, type string, text string")
    wide = given.select(
        "number", *(F.when(F.col("type") == name, F.col("text")).alias(f"text {name}") for name in CASES)
    )

    got = read(
        wide.select("number", *(comparable(name, column_type(name).cast(f"text {name}")).alias(name) for name in CASES))
    )

    places = {name: place for place, name in enumerate(CASES, start=1)}
    found = [row[places[name]] for row, (name, _, _) in zip(got, all_cases(), strict=True)]
    assert [(*case[:2], told(value)) for case, value in zip(all_cases(), found, strict=True)] == [
        (name, text, told(value)) for name, text, value in all_cases()
    ]


def all_cases() -> list[tuple[str, str | None, Any]]:
    return [(name, text, value) for name, cases in CASES.items() for text, value in cases]


def lists(name: str) -> list[tuple[list[str | None] | None, list[Any] | None]]:
    """Lists of the type's texts: all that are values with nulls between them, each that is none beside one that is."""
    good = [(text, value) for text, value in CASES[name] if value is not None and text is not None]
    texts, values = [text for text, _ in good], [value for _, value in good]
    bad = [text for text, value in CASES[name] if value is None and text is not None]
    spoilt: list[list[str | None]] = [[first, text] for text in bad for first in (texts[0], None)]
    empty: list[tuple[list[str | None] | None, list[Any] | None]] = [(None, None), ([], [])]
    return [
        *empty,
        ([None], [None]),
        ([None, *texts, None], [None, *values, None]),
        *((one, None) for one in spoilt),
    ]


def test_lists_are_cast_completely_or_not_at_all_and_keep_their_nulls(session: SparkSession, zone: str) -> None:
    cases = {name: lists(name) for name in CASES}
    rows = [
        (number, name, given)
        for number, (name, given) in enumerate((name, one[0]) for name in cases for one in cases[name])
    ]
    given = session.createDataFrame(rows, "number int, type string, texts array<string>")
    wide = given.select(
        "number", *(F.when(F.col("type") == name, F.col("texts")).alias(f"texts {name}") for name in CASES)
    )
    typed = [(name, column_type(f"array<{name}>").cast(f"texts {name}")) for name in CASES]

    got = read(
        wide.select(
            "number",
            *((F.transform(of, F.unix_micros) if name == "timestamp" else of).alias(name) for name, of in typed),
        )
    )

    places = {name: place for place, name in enumerate(CASES, start=1)}
    expected = [(name, one) for name in cases for one in cases[name]]
    found = [row[places[name]] for row, (name, _) in zip(got, expected, strict=True)]
    assert [told(value) for value in found] == [told(one[1]) for _, one in expected]


@pytest.mark.parametrize("name", [*CASES, *(f"array<{name}>" for name in CASES)])
def test_a_cast_gives_the_type_that_the_table_declares(session: SparkSession, name: str) -> None:
    text = "array<string>" if name.startswith("array") else "string"
    given = session.createDataFrame([], f"text {text}")

    assert given.select(column_type(name).cast("text").alias("t")).dtypes == [("t", column_type(name).spark)]


LISTS = Contract(
    table="lists",
    raw=Raw(path=("Raw/Lists",), format=RawFormat.JSON),
    trusted="Trusted/Lists",
    duplicates=Duplicates.KEEP,
    columns=(
        Column(name="marks", type="array<double>"),
        Column(name="ats", type="array<timestamp>"),
        Column(name="prices", type="array<decimal(10,2)>"),
        Column(name="ons", type="array<date>"),
        Column(name="flags", type="array<boolean>"),
    ),
)
LISTS_HASHES = [-7_509_783_503_245_667_893] * 2
"""Written down: engines print 1e23, and moments, each in a way of its own."""


def test_the_hash_of_lists_is_the_same_on_every_engine_and_in_every_time_zone(session: SparkSession, zone: str) -> None:
    texts = {
        "marks": ["1e23", "0.1", None, "-0.0", "10000000000"],
        "ats": ["-1", None, "1541296800000000"],
        "prices": ["1.50", None],
        "ons": ["1582-10-10", None],
        "flags": ["true", None, "false"],
    }
    rows = [framed_row(LISTS, texts), framed_row(LISTS, texts | {"marks": ["1e23", "0.1", None, "0", "1e10"]})]

    typed = to_columns(framed(session, LISTS, rows), LISTS)

    hashes = [one["hash"] for one in typed.select(row_hash(LISTS, with_partition=False).alias("hash")).collect()]
    assert hashes == LISTS_HASHES
