"""A column read as a whole has the rows, facts and reasons of reading its records one by one."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.framed import Framed, frame
from trustedlake.core.framing.csv_rows import _Fields
from trustedlake.core.framing.json_rows import _Scanned
from trustedlake.core.framing.quick_table import QuickTable
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from trustedlake.core.framing.column_reader import ColumnReader
    from trustedlake.core.framing.rows import Table

COMMA: dict[str, Any] = {"decimal": ",", "grouping": "."}
COLUMNS: dict[str, dict[str, Any]] = {
    "string": {"type": "string"},
    "int": {"type": "int"},
    "bigint with groups": {"type": "bigint", "grouping": "."},
    "double": {"type": "double"},
    "double with a comma": {"type": "double", **COMMA},
    "decimal": {"type": "decimal(10,2)"},
    "decimal with a comma": {"type": "decimal(10,2)", **COMMA},
    "long decimal": {"type": "decimal(38,10)"},
    "whole decimal": {"type": "decimal(5,0)"},
    "date": {"type": "date"},
    "date as written here": {"type": "date", "formats": ("dd/MM/yyyy", "yyyy-MM-dd")},
    "date of an epoch": {"type": "date", "formats": ("epoch_ms",)},
    "timestamp": {"type": "timestamp"},
    "timestamp as written here": {"type": "timestamp", "formats": ("dd/MM/yyyy HH:mm", "iso")},
    "timestamp of an epoch": {"type": "timestamp", "formats": ("epoch_s",)},
    "boolean": {"type": "boolean", "booleans": {"sim": True, "não": False, "1": True}},
    "json": {"type": "json"},
    "nulls": {"type": "double", "nulls": ("N/A", "-", "7")},
}
TEXTS = (
    *("", " ", "  7", "7", "7 ", "-7", "+7", "007", "7.0", "7.5", "7,5", "1.234", "1.234,5", "1,234.5", ".5", "7."),
    *("1e3", "1E400", "0.10", "-0", "-0.00", "9007199254740993", "12345678901234567890123", "NaN", "1_000", "٣", "7d"),
    *("N/A", "-", " N/A ", "null", "true", "sim", " Sim", "NÃO", "1", "0", "x", "\u200b", '{"a": 1}', '"'),
    *("2024-02-29", "2024-02-30", "29/02/2024", "30/02/2024", "1/2/2024", "2024-02-29T10:00:00Z", "2024-02-29 10:00"),
    *("29/02/2024 10:00", "2024-02-29T25:00:00Z", "1709200800", "1709200800000", "-1", "99999999999999999999"),
)
VALUES = (
    *(json.dumps(text) for text in TEXTS),
    *("null", "true", "false", "7", "-7", "7.0", "7.5", "1e3", "1E400", "0.10", "-0", "1234", "1.234", "10", "0"),
    *("9007199254740993", "12345678901234567890123", "1709200800", "1709200800000", "2024", "[]", "[7]", '["x"]', "{}"),
    *('{"b": 7}', '{"b": "7,5"}', '{"b": null}', '{"b": [1]}', '{"b": {"c": 1}}', '{"c": "7"}', '{"b": " 7 "}', "[[]]"),
)


def framing_of(kind: RawFormat, **column: Any) -> dict[str, Any]:
    return Contract(
        table="any",
        version=1,
        raw=Raw(path=("Raw/any",), format=kind),
        trusted="Trusted/any",
        key=("id",),
        columns=(Column(name="id", type="bigint"), Column(name="a", **column)),
    ).framing()


def framings(column: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The column alone, with a second source, and below another key."""
    return {
        "one key": framing_of(RawFormat.JSON, **column),
        "two keys": framing_of(RawFormat.JSON, **column, sources=("a", "z")),
        "three keys, one below": framing_of(RawFormat.JSON, **column, sources=("a", "z.b", "z")),
    }


def one_by_one(monkeypatch: pytest.MonkeyPatch, content: str, framing: dict[str, Any], **options: Any) -> Framed:
    """Frame it so that no column is read as a whole."""
    seen = []

    def whole(table: Table, reader: ColumnReader) -> None:
        seen.append(reader.name)

    with monkeypatch.context() as patch:
        for kind in (QuickTable, _Scanned, _Fields):
            patch.setattr(kind, "whole", whole)
        framed = frame(content, framing=framing, **options)
    assert "a" in seen
    return framed


def records(values: tuple[str, ...]) -> str:
    single = [f'{{"id": {number}, "a": {value}}}' for number, value in enumerate(values)]
    both = [
        f'{{"id": {number}, "a": {one}, "z": {other}}}' for number, (one, other) in enumerate(product(SOME, values))
    ]
    return "[" + ",\n".join([*single, *both]) + "]"


SOME = ("null", '""', '" "', '"7"', "7", "7.5", '"7,5"', '"N/A"', '"2024-02-29"', '"x"', "[7]", '{"b": "7"}', "true")


@pytest.mark.parametrize("name", COLUMNS)
def test_whole_json_columns_read_like_single_records(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    content = records(VALUES)
    for framing in framings(COLUMNS[name]).values():
        expected = one_by_one(monkeypatch, content, framing)
        for quick in (True, False):
            found = frame(content, framing=framing, quick=quick)
            for one, other in zip(found.rows, expected.rows, strict=True):
                assert one == other
            assert found.facts == expected.facts


@pytest.mark.parametrize("name", COLUMNS)
def test_whole_csv_columns_read_like_single_lines(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    framing = framing_of(RawFormat.CSV, **COLUMNS[name], synonyms=("z",))
    lines = ["id|a|z", *(f"{number}|{one}|{other}" for number, (one, other) in enumerate(product(TEXTS, TEXTS)))]
    content = "\n".join(lines)
    expected = one_by_one(monkeypatch, content, framing, name="any.csv")
    found = frame(content, "any.csv", framing)
    assert found.rows == expected.rows
    assert found.facts == expected.facts


NUMBERS = st.from_regex(r"\A[-+]?[0-9]{0,4}([.,][0-9]{0,4}){0,3}(e[0-9])?\Z")
MOMENTS = st.from_regex(r"\A[0-3]?[0-9][-/][01]?[0-9][-/]20[0-9]{2}( [0-2]?[0-9]:[0-9]{2})?\Z")


@given(st.lists(NUMBERS | MOMENTS | st.text(max_size=4), max_size=8), st.sampled_from(sorted(COLUMNS)), st.booleans())
@settings(max_examples=200)
def test_whole_columns_of_invented_texts_read_like_single_records(texts: list[str], name: str, quoted: bool) -> None:
    values = tuple(json.dumps(text) if quoted or not is_json(text) else text for text in texts)
    content = "[" + ",".join(f'{{"id": {number}, "a": {value}}}' for number, value in enumerate(values)) + "]"
    framing = framing_of(RawFormat.JSON, **COLUMNS[name])
    if texts:
        with pytest.MonkeyPatch.context() as patch:
            assert frame(content, framing=framing) == one_by_one(patch, content, framing)


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=lambda _: json.loads("x"))
    except ValueError:
        return False
    return True
