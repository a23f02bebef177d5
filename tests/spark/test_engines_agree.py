"""Hostile values in every column and nested place: both engines read them as Python's own readers do.

The oracle knows nothing of framing: each record is read by Python's `json`, each text typed by `int`, `Decimal`,
`float` and `datetime` under the rules of the reference page.
"""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import functions as F

from tests.support.framed import frame
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT
from trustedlake.core.framing.layout import framed_schema
from trustedlake.core.judging.schema import framed_ddl, to_columns
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.adapters.spark.sail_engine import SailEngine

TYPES = ("int", "bigint", "double", "decimal(12,3)", "boolean", "date", "timestamp", "string")
PLACES = ("{}", "in_{}.deep.value", "of_{}[].value")
"""Sources of the columns of each type: top-level, deep in objects, in each object of a list."""

CONTRACT = Contract(
    table="hostile",
    raw=Raw(path=("Raw/Hostile",), format=RawFormat.JSON),
    trusted="Trusted/Hostile",
    duplicates="keep",
    columns=tuple(
        Column(
            name=f"c{number}_{place}",
            type=f"array<{kind}>" if place == 2 else kind,
            sources=(source.format(f"k{number}"),),
        )
        for number, kind in enumerate(TYPES)
        for place, source in enumerate(PLACES)
    ),
)
VALUES = 100_000
NO_VALUE = "no value of the type"

BLANK = " \t\r\n"
DIGITS = "0123456789+-.eE, \t\ndfNaInuT:Z_\u00a0\u0660é"
SEEDS = [
    "2024-03-05", "2023-02-29", "0000-01-01", "9999-12-31", "2024-03-05T10:20:30Z", "2024-03-05 10:20:30.123456",
    "2024-02-30T00:00", "2024-03-05T23:59:59+03:00", "1969-12-31T23:59:59.999999-0300", "10.0", "10.", "007", "-0",
    "-1.5e-3", "1e308", "1e309", "1e400", "-1e-400", "5e-324", "1.10", "0.0010", "0.0001", "123456789.123",
    "1234567890.123", "NaN", "Infinity", "true", "false", "True", "2147483647", "2147483648", "-2147483649",
    "9223372036854775807", "9223372036854775808", "9007199254740993.0", "99999999999999999999.0", "1" * 30, "", "0",
]  # fmt: skip
NUMBERS = [
    "0", "-0", "-0.0", "1e400", "1E+2", "1.10", "9007199254740993.0", "2147483648", "1e-5", "0.1", "-7", "100.000",
    "12345678901234567890", "9223372036854775807.000", "1" * 40, "0." + "1" * 40,
]  # fmt: skip
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")


NEAR = {
    "int": ["10", "-3", "2147483647", "0"],
    "bigint": ["9223372036854775806", "-9007199254740993", "10.0"],
    "double": ["0.1", "1.7976931348623157e308", "2.2250738585072011e-308", "-7.25e-3", "123456789012345678"],
    "decimal(12,3)": ["123456789.120", "-0.001", "1.5e3", "999999999.999", "12000e-3"],
    "boolean": ["true", "false"],
    "date": ["2024-02-29", "0001-01-01", "1582-10-10"],
    "timestamp": ["2024-02-29T10:20:30.123456Z", "1969-12-31 23:59:59.5-03:00", "2018-11-04T00:30"],
}
"""Type -> texts that are values of it."""


class Number(str):
    """The text of a JSON number, as `json` hands it over."""

    __slots__ = ()


def hostile(chance: random.Random, of: str) -> str:
    """A value as JSON text, half of them near to values of the type."""
    kind = chance.random()
    if kind < 0.5 and of in NEAR:
        return json.dumps(mangled(chance, chance.choice(NEAR[of])))
    if kind < 0.55:
        return chance.choice(["null", "true", "false", '""'])
    if kind < 0.75:
        number = mangled(chance, chance.choice(NUMBERS))
        return number if JSON_NUMBER.fullmatch(number) else json.dumps(number)
    text = mangled(chance, chance.choice(SEEDS))
    return json.dumps(text, ensure_ascii=chance.random() < 0.5)


def mangled(chance: random.Random, text: str) -> str:
    """The text, at times with up to three characters inserted, dropped or replaced."""
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        place = chance.randrange(len(text) + 1)
        kept = text[place + chance.randrange(2) :]
        text = text[:place] + chance.choice(["", chance.choice(DIGITS)]) + kept
    return text


def record(chance: random.Random) -> str:
    """A record with a value in every place; the lists have up to three."""
    members = []
    for number, kind in enumerate(TYPES):
        items = ",".join(f'{{"value":{hostile(chance, kind)},"x":[{{}}]}}' for _ in range(chance.randrange(4)))
        members += [
            f'"k{number}":{hostile(chance, kind)}',
            f'"in_k{number}":{{"a":1e400,"deep":{{"value":{hostile(chance, kind)}}}}}',
            f'"of_k{number}":[{items}]',
        ]
    return "{" + ",".join(members) + "}"


def expected_value(kind: str, value: Any) -> Any:
    """What a JSON value is as that type; NO_VALUE if it is none."""
    if value is None:
        return None
    text = ("true" if value else "false") if isinstance(value, bool) else value
    if kind == "string":
        return str(text)
    bare = text.strip(BLANK)
    if not bare:
        return None
    try:
        return READERS[kind](bare)
    except (ValueError, ArithmeticError):
        return NO_VALUE


def whole(bits: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[-+]?[0-9]+(\.0*)?", text):
            raise ValueError
        number = int(text.partition(".")[0])
        if not -(1 << bits - 1) <= number < 1 << bits - 1:
            raise OverflowError
        return number

    return read


def plain_number(text: str) -> str:
    if not text.isascii() or "_" in text or any(sign.isspace() for sign in text) or "n" in text.lower():
        raise ValueError  # float and Decimal take these, the rules don't
    return text


def double(text: str) -> float:
    number = float(plain_number(text))
    if number in (float("inf"), float("-inf")):
        raise OverflowError
    return number + 0.0


def fixed(text: str) -> Decimal:
    try:
        number = Decimal(plain_number(text))
    except InvalidOperation:
        raise ValueError from None
    if abs(number) >= Decimal(10) ** 9:
        raise OverflowError
    rounded = round(number, 3)
    if rounded != number:
        raise ValueError
    return rounded


def boolean(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError
    return text == "true"


def day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError
    return date.fromisoformat(text)


def moment(text: str) -> int:
    """Microseconds since 1970."""
    match = re.fullmatch(
        r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:(?<=:[0-9]{2})[.,]([0-9]{1,9}))?"
        r" ?(Z|[-+][0-9]{2}:?(?:[0-9]{2})?)?)?",
        text,
        re.ASCII,
    )
    if not match or (match[4] and not match[3]):
        raise ValueError
    fraction = (match[4] or "").ljust(9, "0")
    zone = match[5] or "Z"
    ahead = timedelta()
    if zone != "Z":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        if int(digits[:2]) > 18 or int(digits[2:]) > 59:
            raise ValueError
        ahead = -ahead if zone[0] == "-" else ahead
    if int(fraction[6:]):
        raise ValueError
    told = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00'}{match[3] or ':00'}").replace(tzinfo=UTC)
    return (told - ahead - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) + int(fraction[:6])


READERS: dict[str, Callable[[str], Any]] = {
    "int": whole(32),
    "bigint": whole(64),
    "double": double,
    "decimal(12,3)": fixed,
    "boolean": boolean,
    "date": day,
    "timestamp": moment,
}


def expected(line: str) -> list[Any]:
    """Each column of a record, by Python's own readers."""
    read = json.loads(line, parse_int=Number, parse_float=Number)
    found: list[Any] = []
    for number, kind in enumerate(TYPES):
        found += [expected_value(kind, read[f"k{number}"])]
        found += [expected_value(kind, read[f"in_k{number}"]["deep"]["value"])]
        elements = [expected_value(kind, one["value"]) for one in read[f"of_k{number}"]]
        found += [NO_VALUE if NO_VALUE in elements else elements]
    return found


@pytest.fixture(scope="module")
def lines() -> list[str]:
    chance, found, values = random.Random(20250617), [], 0
    while values < VALUES:
        found.append(record(chance))
        values += found[-1].count('"value":') + len(TYPES)
    return found


def test_both_engines_read_every_hostile_value_as_python_does(
    spark: SparkSession, sail_engine: SailEngine, lines: list[str], tmp_path: Path
) -> None:
    rows = frame("\n".join(lines), "hostile.jsonl", CONTRACT.framing()).rows
    assert [row["record_index"] for row in rows] == list(range(len(lines)))
    pq.write_table(pa.Table.from_pylist(rows, framed_schema(CONTRACT.framing())), tmp_path / "framed.parquet")
    oracle = [expected(line) for line in lines]
    wrong = sum(value is NO_VALUE for record in oracle for value in record)
    assert 5 * len(lines) < wrong < 15 * len(lines), "neither all values nor none are of their types"

    by_spark = typed(spark, tmp_path)
    with environment(CONNECT):
        by_sail = typed(sail_engine.session, tmp_path)

    assert differences(by_spark, oracle) == []
    assert differences(by_sail, oracle) == []


def typed(session: SparkSession, folder: Path) -> list[list[Any]]:
    """The columns of all records in order; NO_VALUE where framing or the cast found one wrong."""
    framed = session.read.schema(framed_ddl(CONTRACT)).parquet(str(folder / "framed.parquet"))
    columns = to_columns(framed, CONTRACT).drop("raw", "rescued")
    moments = [column.name for column in CONTRACT.columns if column.scalar.name == "timestamp"]
    for name in moments:
        sql = f"transform({name}, e -> unix_micros(e))" if CONTRACT.column(name).is_list else f"unix_micros({name})"
        columns = columns.withColumn(name, F.expr(sql))
    found = []
    for row in sorted(columns.collect(), key=lambda row: row["record_index"]):
        reasons = [reason.partition("|")[0] for reason in (row["problem"] or "").split(",")]
        bad = {*reasons, *row["failed"]}
        found.append([NO_VALUE if c.name in bad else row[c.name] for c in CONTRACT.columns])
    return found


def differences(got: list[list[Any]], oracle: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Up to twenty values that differ, each with its column's type and the text it comes from."""
    found = []
    for mine, theirs in zip(got, oracle, strict=True):
        if repr(mine) == repr(theirs):
            continue
        for column, one, other in zip(CONTRACT.columns, mine, theirs, strict=True):
            if repr(one) != repr(other) and not (same_decimal(one, other)):
                found.append((column.type, column.sources[0], one, other))
    return found[:20]


def same_decimal(one: Any, other: Any) -> bool:
    """Equal decimals may come with another exponent, also in lists."""
    kinds = {type(value) for value in (*_flat(one), *_flat(other))}
    return Decimal in kinds and kinds <= {Decimal, type(None)} and one == other


def _flat(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
