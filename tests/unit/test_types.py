"""What each column type accepts, the one normal spelling of a value, and when two texts are the same value."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustedlake import types
from trustedlake.models.column import Column
from trustedlake.types import SCALARS, ArrayType, ColumnType, Notation, NotOfTypeError, column_type
from trustedlake.types.moments import BadFormatError, check_format

PLAIN = Notation()
COMMA = Notation(decimal=",", grouping=".")
SPACE = Notation(decimal=",", grouping=" ")
WORDS = Notation(booleans={"sim": True, "não": False, "1": True})
EVERY_DATE = Notation(formats=("yyyy-MM-dd", "dd/MM/yyyy", "epoch_ms"))

NORMAL: list[tuple[str, Notation, str, str]] = [
    # type, options, text, normal spelling; or |rule
    ("bigint", PLAIN, "12", "12"),
    ("bigint", PLAIN, "0", "0"),
    ("bigint", PLAIN, "007", "7"),
    ("bigint", PLAIN, "+5", "5"),
    ("bigint", PLAIN, "-05", "-5"),
    ("bigint", PLAIN, "-0", "0"),
    ("bigint", PLAIN, "12.0", "12"),
    ("bigint", PLAIN, "12.", "12"),
    ("bigint", PLAIN, "9223372036854775807", "9223372036854775807"),
    ("bigint", PLAIN, "9" * 20, "9" * 20),  # the cast says that it has no room
    ("bigint", PLAIN, "9" * 21, "|type"),
    ("bigint", PLAIN, "12.5", "|type"),
    ("bigint", PLAIN, "1e3", "|type"),
    ("bigint", PLAIN, "1_000", "|type"),
    ("bigint", PLAIN, "0x10", "|type"),
    ("bigint", PLAIN, "\u0661", "|type"),
    ("bigint", PLAIN, "true", "|type"),
    ("bigint", PLAIN, "1,000", "|type"),
    ("bigint", COMMA, "1.000", "1000"),
    ("bigint", COMMA, "1.000,0", "1000"),
    ("bigint", COMMA, "1.00", "|type"),
    ("bigint", SPACE, "12 345 678", "12345678"),
    ("double", PLAIN, "7.10", "7.10"),
    ("double", PLAIN, "1e3", "1e3"),
    ("double", PLAIN, ".5", ".5"),
    ("double", PLAIN, "NaN", "|type"),
    ("double", PLAIN, "inf", "|type"),
    ("double", PLAIN, "1d", "|type"),
    ("double", PLAIN, "1e999", "|type"),
    ("double", PLAIN, "1" * 2_000, "|type"),
    ("double", PLAIN, "7,5", "|type"),
    ("double", COMMA, "7,5", "7.5"),
    ("double", COMMA, "1.234,5", "1234.5"),
    ("double", COMMA, "7.5", "|type"),
    ("double", COMMA, "1.234.5", "|type"),
    ("double", COMMA, ".234,5", "|type"),
    ("decimal(5,2)", PLAIN, "7", "7.00"),
    ("decimal(5,2)", PLAIN, "-0", "0.00"),
    ("decimal(5,2)", PLAIN, "7.5000", "7.50"),
    ("decimal(5,2)", PLAIN, "7.501", "|type"),
    ("decimal(5,2)", PLAIN, "999.99", "999.99"),
    ("decimal(5,2)", PLAIN, "1000", "|range"),
    ("decimal(5,2)", PLAIN, "75e-1", "7.50"),
    ("decimal(5,2)", PLAIN, "1e2", "100.00"),
    ("decimal(5,2)", PLAIN, "1e99999", "|range"),
    ("decimal(5,2)", PLAIN, "x", "|type"),
    ("decimal(5,2)", COMMA, "1,5", "1.50"),
    ("decimal(3,0)", PLAIN, "12.0", "12"),
    ("boolean", PLAIN, "true", "true"),
    ("boolean", PLAIN, "false", "false"),
    ("boolean", PLAIN, "TRUE", "|type"),
    ("boolean", PLAIN, "1", "|type"),
    ("boolean", WORDS, "Sim", "true"),
    ("boolean", WORDS, "NÃO", "false"),
    ("boolean", WORDS, "1", "true"),
    ("boolean", WORDS, "0", "|type"),
    ("date", PLAIN, "2024-03-05", "2024-03-05"),
    ("date", PLAIN, "2024-02-30", "|type"),
    ("date", PLAIN, "2024-3-5", "|type"),
    ("date", PLAIN, "0000-01-01", "|type"),
    ("date", PLAIN, "2024-03-05T00:00:00Z", "|type"),
    ("date", PLAIN, "5/3/2024", "|type"),
    ("date", EVERY_DATE, "05/03/2024", "2024-03-05"),
    ("date", EVERY_DATE, "-95904000000", "1966-12-18"),
    ("date", EVERY_DATE, "0", "1970-01-01"),
    ("date", EVERY_DATE, "1555200000000", "2019-04-14"),
    ("date", EVERY_DATE, "1555200000", "|type"),  # 1970-01-19 in milliseconds, 2019-04-14 in seconds
    ("date", EVERY_DATE, "-1555200000", "|type"),
    ("date", EVERY_DATE, "86400000", "|type"),
    ("date", EVERY_DATE, "4060800000", "|type"),
    ("date", EVERY_DATE, "4147200000", "1970-02-18"),
    ("date", EVERY_DATE, "-4147200000", "1969-11-14"),
    ("date", EVERY_DATE, "1555200001", "|type"),
    ("date", Notation(formats=("epoch_s", "epoch_ms")), "1555200000", "2019-04-14"),
    ("date", Notation(formats=("yyyyMMdd", "epoch_ms")), "20240305", "2024-03-05"),
    ("date", Notation(formats=("epoch_s",)), "1555200000", "2019-04-14"),
    ("date", Notation(formats=("iso",)), "2024-03-05T00:00:00Z", "2024-03-05"),
    ("date", Notation(formats=("iso",)), "2024-03-05T00:30:00+00:30", "2024-03-05"),
    ("date", Notation(formats=("iso",)), "2024-03-05T01:00:00Z", "|type"),
    ("date", Notation(formats=("d/M/yy",)), "5/3/24", "2024-03-05"),
    ("date", Notation(formats=("dd 'de' MM 'de' yyyy",)), "05 de 03 de 2024", "2024-03-05"),
    ("timestamp", PLAIN, "1970-01-01T00:00:01Z", "1000000"),
    ("timestamp", PLAIN, "1970-01-01 00:00:01", "1000000"),
    ("timestamp", PLAIN, "1970-01-01", "0"),
    ("timestamp", PLAIN, "1970-01-01T01:00:00+01:00", "0"),
    ("timestamp", PLAIN, "1970-01-01T01:00:00+0100", "0"),
    ("timestamp", PLAIN, "1970-01-01T00:00:00.000001Z", "1"),
    ("timestamp", PLAIN, "1970-01-01T00:00:00.0000010", "1"),
    ("timestamp", PLAIN, "1970-01-01T00:00:00.0000001", "|type"),
    ("timestamp", PLAIN, "1970-01-01T24:00:00", "|type"),
    ("timestamp", PLAIN, "0001-01-01T00:00:00+01:00", "|type"),
    ("timestamp", Notation(formats=("epoch_ms",)), "1555200000", "1555200000000"),
    ("timestamp", Notation(formats=("epoch_s",)), "1555200000", "1555200000000000"),
    ("timestamp", Notation(formats=("dd/MM/yyyy HH:mm",)), "05/03/2024 10:30", "1709634600000000"),
    ("string", PLAIN, " a ", " a "),
    ("string", PLAIN, "", ""),
    ("json", PLAIN, '{"a": 1.0}', '{"a": 1.0}'),
]


@pytest.mark.parametrize(("kind", "options", "text", "normal"), NORMAL)
def test_a_text_has_one_normal_spelling_or_is_no_value_of_the_type(
    kind: str, options: Notation, text: str, normal: str
) -> None:
    if normal.startswith("|"):
        with pytest.raises(NotOfTypeError) as refused:
            column_type(kind).normal(text, options)
        assert refused.value.rule == normal[1:]
    else:
        assert column_type(kind).normal(text, options) == normal


def test_a_text_in_a_whole_column_counts_as_normal_only_if_it_is() -> None:
    for kind, options, text, normal in NORMAL:
        (sure,) = column_type(kind).is_normal(pa.array([text]), options).to_pylist()
        # A date that looks like one may still be none: the engine's cast says so.
        assert not sure or normal == text or kind == "date", (kind, text)


SAME: list[tuple[str, str, str, bool]] = [
    ("bigint", "7", "7", True),
    ("bigint", "7", "8", False),
    ("double", "1e3", "1000", True),
    ("double", "-0.0", "0", True),
    ("double", "0.1", "0.10", True),
    ("double", "0.1", "0.2", False),
    ("decimal(5,2)", "7.50", "7.5", True),
    ("boolean", "true", "false", False),
    ("string", "a", "a ", False),
    ("timestamp", "0", "1", False),
]


@pytest.mark.parametrize(("kind", "one", "other", "same"), SAME)
def test_two_spellings_of_the_same_value_are_equal(kind: str, one: str, other: str, same: bool) -> None:
    assert (column_type(kind).value(one) == column_type(kind).value(other)) is same


def normal_or_none(kind: str, text: str, **options: Any) -> str | None:
    try:
        return column_type(kind).normal(text, Notation(**options), is_number=True)
    except NotOfTypeError:
        return None


@given(st.integers(-(10**20) + 1, 10**20 - 1))
def test_whole_numbers_are_read_as_python_reads_them(number: int) -> None:
    normal = normal_or_none("bigint", json.dumps(number))
    assert normal is not None
    assert int(normal) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_doubles_are_read_as_python_reads_them(number: float) -> None:
    normal = normal_or_none("double", json.dumps(number))
    assert normal is not None
    assert json.loads(normal) == number
    assert column_type("double").value(normal) == number


@given(st.decimals(-(10**7), 10**7, places=4) | st.decimals(-(10**6), 10**6, places=2))
def test_decimals_are_read_as_python_reads_them_and_never_rounded(number: Decimal) -> None:
    normal = normal_or_none("decimal(8,2)", str(number))
    fits = number == round(number, 2) and abs(number) < 10**6
    assert (normal is not None) is fits
    assert normal is None or (Decimal(normal) == number and Decimal(normal).as_tuple().exponent == -2)


@given(st.text("0123456789+-.,eE ", max_size=12))
def test_a_text_that_python_refuses_as_a_decimal_is_refused(text: str) -> None:
    try:
        read = Decimal(text.strip()) if text == text.strip() and text else None
    except ArithmeticError:
        read = None
    for kind in ("bigint", "double", "decimal(38,10)"):
        normal = normal_or_none(kind, text)
        assert normal is None or (read is not None and Decimal(normal) == read)


@given(st.dates())
def test_a_date_is_the_same_in_every_format(day: date) -> None:
    seconds = int(
        (datetime(day.year, day.month, day.day, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    )
    texts = {
        "yyyy-MM-dd": day.isoformat(),
        "iso": f"{day.isoformat()}T00:00:00Z",
        "dd/MM/yyyy": f"{day.day:02}/{day.month:02}/{day.year:04}",
        "M-d-yyyy": f"{day.month}-{day.day}-{day.year:04}",
        "epoch_s": str(seconds),
    }
    for form, text in texts.items():
        assert column_type("date").normal(text, Notation(formats=(form,))) == day.isoformat()
    millis = normal_or_none("date", str(1000 * seconds), formats=("epoch_ms",))
    assert millis == (None if 0 < abs(1000 * seconds) < 4_102_444_800 else day.isoformat())


@given(st.datetimes(), st.integers(-14 * 60, 14 * 60))
def test_a_timestamp_is_the_same_in_every_time_zone(moment: datetime, minutes: int) -> None:
    micros = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    try:
        there = moment + timedelta(minutes=minutes)
    except OverflowError:
        return
    sign = "-" if minutes < 0 else "+"
    zone = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    text = there.isoformat(timespec="microseconds") + zone
    assert column_type("timestamp").normal(text, PLAIN) == str(micros)


TYPES: list[tuple[str, str, str, pa.DataType]] = [
    ("string", "string", "VARCHAR", pa.string()),
    ("json", "string", "VARCHAR", pa.string()),
    ("int", "int", "INTEGER", pa.int32()),
    ("bigint", "bigint", "BIGINT", pa.int64()),
    ("double", "double", "DOUBLE", pa.float64()),
    ("boolean", "boolean", "BOOLEAN", pa.bool_()),
    ("date", "date", "DATE", pa.date32()),
    ("timestamp", "timestamp", "TIMESTAMP WITH TIME ZONE", pa.timestamp("us", tz="UTC")),
    ("decimal(10,2)", "decimal(10,2)", "DECIMAL(10,2)", pa.decimal128(10, 2)),
    ("array<string>", "array<string>", "VARCHAR[]", pa.list_(pa.string())),
    ("array<json>", "array<string>", "VARCHAR[]", pa.list_(pa.string())),
    ("array<decimal(4,1)>", "array<decimal(4,1)>", "DECIMAL(4,1)[]", pa.list_(pa.decimal128(4, 1))),
]


@pytest.mark.parametrize(("name", "spark", "duckdb", "arrow"), TYPES)
def test_a_type_has_a_name_in_every_engine(name: str, spark: str, duckdb: str, arrow: pa.DataType) -> None:
    kind = column_type(name)
    assert (kind.name, kind.spark, kind.duckdb, kind.arrow) == (name, spark, duckdb, arrow)
    assert kind.is_arrow(arrow)
    others = [other for *_, other in TYPES if other != arrow]
    assert [other for other in others if kind.is_arrow(other)] == []


WHAT_IT_IS: dict[str, tuple[str, str]] = {
    # logicalType, what holds of it
    "string": ("string", "is_text can_be_key can_have_enum has_one_text"),
    "bigint": ("integer", "is_number can_be_key can_have_enum has_one_text"),
    "int": ("integer", "is_number can_be_key can_have_enum has_one_text"),
    "double": ("number", "is_number can_be_key"),
    "boolean": ("boolean", "can_be_key can_have_enum"),
    "date": ("date", "can_be_key can_have_enum formats"),
    "timestamp": ("timestamp", "can_be_key formats"),
    "json": ("string", "is_text"),
    "decimal(p,s)": ("number", "is_number can_be_key can_have_enum"),
    "array<int>": ("array", "is_list"),
}


def test_each_type_says_what_it_is() -> None:
    told = ["is_text", "is_number", "is_list", "can_be_key", "can_have_enum", "has_one_text", "formats"]
    kinds = {name: kind for kind in SCALARS for name in kind.names} | {"array<int>": ArrayType}
    assert {
        name: (kind.logical, " ".join(one for one in told if getattr(kind, one))) for name, kind in kinds.items()
    } == WHAT_IT_IS


def test_each_class_of_the_package_is_a_type_of_columns() -> None:
    modules = [importlib.import_module(f"trustedlake.types.{one.name}") for one in pkgutil.iter_modules(types.__path__)]
    classes = {one for module in modules for one in vars(module).values() if isinstance(one, type)}
    assert {one for one in classes if issubclass(one, ColumnType)} == {*SCALARS, ArrayType, ColumnType}


def test_a_new_type_needs_only_its_class() -> None:
    """Contract files, the message about unknown types, framing and `contract init` learn it from the class."""
    run = subprocess.run([sys.executable, "-c", NEW_TYPE], capture_output=True, text=True, check=False)
    assert run.stderr == ""
    (read, framed, unknown, refused, drafted) = run.stdout.splitlines()
    assert read == "time in the key ('trip_id', 'x')"
    assert framed == "[('07:05:00', None), (None, 'x|type')]"
    assert unknown.endswith(", json, decimal(p,s), time, or array<...> of these")
    assert refused == "is only for string, bigint, int, boolean, date, decimal(p,s), time; this column is double"
    assert "{name: x, logicalType: time" in drafted


NEW_TYPE = """\
import io, re
import trustedlake.types as types
from trustedlake.types.base import NotOfTypeError
from trustedlake.types.text import TextType

class TimeType(TextType):
    names, logical, is_text, has_one_text = ("time",), "time", False, False
    spark = "string"

    def is_normal(self, texts, options):
        import pyarrow.compute as pc
        return pc.match_substring_regex(texts, "^[0-9]{2}:[0-9]{2}:[0-9]{2}$")

    def normal(self, text, options, *, is_number=False):
        if not re.fullmatch("[0-9]{1,2}:[0-9]{2}:[0-9]{2}", text):
            raise NotOfTypeError
        return text.rjust(8, "0")

types.SCALARS += (TimeType,)

from tests.support.contract_files import changed
from tests.support.framed import frame
from trustedlake.adapters.contracts.contract_file import examine, read_contracts
from trustedlake.core.inferring.draft import Draft
from trustedlake.core.inferring.yaml_text import contract_text

OLD = "      - name: note\\n        logicalType: string\\n"
TIME = "      - {name: x, logicalType: time, primaryKey: true}\\n"
contract = read_contracts(changed(OLD, TIME), "trips.odcs.yaml").contracts[0]
print(contract.column("x").type, "in the key", contract.key)

records = '[{"trip_id": 1, "kind": "trip", "fare": 1, "x": "7:05:00"}, {"kind": "trip", "fare": 1, "x": "noon"}]'
print([(row["text_x"], row["problem"]) for row in frame(records, framing=contract.framing() | {"partition": []}).rows])

try:
    types.column_type("hour")
except ValueError as error:
    print(error)

ENUM = "      - {name: x, logicalType: number, enum: [{value: 1}]}\\n"
print(examine(changed(OLD, ENUM), "trips.odcs.yaml")[1].problems[0].message)

print(*(line for line in contract_text(Draft(contract)).splitlines() if "time," in line))
"""


def test_lists_are_distinguished_by_element_type_not_by_element_name() -> None:
    kind = column_type("array<bigint>")
    for list_of in (pa.list_, pa.large_list):
        for element in ("element", "item", "x"):
            assert kind.is_arrow(list_of(pa.field(element, pa.int64())))
            assert not kind.is_arrow(list_of(pa.field(element, pa.int32())))


@pytest.mark.parametrize(
    "name",
    [
        "text",
        "long",
        "",
        "array",
        "array<>",
        "array<array<int>>",
        "decimal(39,0)",
        "decimal(0,0)",
        "decimal(3,4)",
        "map",
    ],
)
def test_an_unknown_type_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"decimal|array|unknown column type"):
        column_type(name)


def test_type_names_are_normalized() -> None:
    assert Column(name="x", type="decimal( 10 , 2 )").type == "decimal(10,2)"
    assert Column(name="x", type="decimal(5)").type == "decimal(5,0)"


@pytest.mark.parametrize("form", ["yyyy-MM", "dd/MM", "yyyy-MM-dd QQ", "yyyy-MM-dd MM", "", "yyyyy-MM-dd"])
def test_a_date_format_without_a_full_date_is_refused(form: str) -> None:
    with pytest.raises(BadFormatError):
        check_format(form)
