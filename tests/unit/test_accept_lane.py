"""The accept lane takes only what is certain: the decoder of each type, the edges of each rule, unshared keys."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.invented import VALUES
from trustedlake.core import rules
from trustedlake.core.accept_lane import accept
from trustedlake.core.framing.layout import framed_schema, text_column
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat
from trustedlake.types import Notation, NotOfTypeError, column_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyspark.sql import Column as Expression

DECODED: list[tuple[str, str, Any]] = [
    ("int", "999999999", 999_999_999),
    ("int", "-7", -7),
    ("int", "0", 0),
    ("int", "1000000000", None),  # it has room, but that is for judging to say
    ("int", "007", None),
    ("int", "-0", None),
    ("int", "1\n", None),
    ("bigint", "123456789012345678", 123_456_789_012_345_678),
    ("bigint", "9223372036854775808", None),
    ("double", "0.1", 0.1),
    ("double", "-0.0", 0.0),
    ("double", "1e22", 1e22),
    ("double", "9.999999999999999", 9.999999999999999),
    ("double", "1e400", None),
    ("double", "NaN", None),
    ("double", "inf", None),
    ("double", "1d", None),
    ("double", " 1", None),
    ("decimal(10,2)", "1.10", Decimal("1.10")),
    ("decimal(10,2)", "-12345678.90", Decimal("-12345678.90")),
    ("decimal(38,0)", "9" * 38, Decimal("9" * 38)),
    ("decimal(10,2)", "1e2", None),
    ("date", "2024-02-29", date(2024, 2, 29)),
    ("date", "2024-02-30", None),
    ("date", "0999-12-31", None),
    ("date", "0000-01-01", None),
    ("date", "9999-12-31", date(9999, 12, 31)),
    ("timestamp", "1709201430123456", datetime(2024, 2, 29, 10, 10, 30, 123456, UTC)),
    ("timestamp", "-1", datetime(1969, 12, 31, 23, 59, 59, 999999, UTC)),
    ("timestamp", "2024-02-29", None),
    ("boolean", "true", True),
    ("boolean", "false", False),
    ("boolean", "TRUE", None),
    ("string", "", ""),
    ("string", "x\n", "x\n"),
    ("json", '{"a": 1.10}', '{"a": 1.10}'),
]


@pytest.mark.parametrize(("name", "text", "value"), DECODED)
def test_a_text_is_decoded_to_its_value_or_to_nothing(name: str, text: str, value: object) -> None:
    kind = column_type(name)
    among = pa.array([text, None, text], pa.string())
    assert kind.decode(among).to_pylist() == [value, None, value]
    lists = pa.array([[text, None], [], None, [text]], pa.list_(pa.string()))
    expected = [None, [], None, None] if value is None else [[value, None], [], None, [value]]
    found = column_type(f"array<{name}>").decode(lists)
    assert found.to_pylist() == expected
    assert found.type == column_type(f"array<{name}>").arrow
    sliced = column_type(f"array<{name}>").decode(lists.slice(1))
    assert sliced.to_pylist() == expected[1:]


@given(data=st.data(), name=st.sampled_from(list(VALUES)))
def test_the_decoder_agrees_with_the_type_about_the_value_of_a_text(data: st.DataObject, name: str) -> None:
    kind = column_type(name)
    text = data.draw(
        st.sampled_from(VALUES[name]).map(str) | st.text(st.sampled_from("0123456789.-+eE:TZ "), max_size=12)
    )
    try:
        normal = kind.normal(text, Notation())
    except (NotOfTypeError, IndexError):
        return
    (value,) = kind.decode(pa.array([normal], pa.string())).to_pylist()
    if value is None:
        return
    if isinstance(value, datetime):
        value = (value - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
        assert value == pytest.approx(int(kind.value(normal)) / 1e6)  # type: ignore[call-overload]
    else:
        meant = kind.value(normal)
        assert (value.isoformat() if isinstance(value, date) else value) == meant


def table(
    columns: Sequence[Column], *, duplicates: Duplicates = Duplicates.LAST, key: tuple[str, ...] = ("id",)
) -> Contract:
    return Contract(
        table="things",
        raw=Raw(path=("Raw/Things/{ano:04d}",), format=RawFormat.JSON),
        trusted="Trusted/things",
        partition=("ano",),
        key=key,
        duplicates=duplicates,
        columns=(Column(name="id", type="bigint"), *columns),
    )


def framed(contract: Contract, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    """Framed rows of these texts; each has an id of its own unless it is given one."""
    whole = [
        {"file_path": "a.json", "record_index": n, "ano": "2024", "rescued": None, "problem": None, "id": str(n), **row}
        for n, row in enumerate(rows)
    ]
    names = {text_column(column.name): column.name for column in contract.columns}
    schema = framed_schema(contract.framing())
    return pa.Table.from_pylist([{one: row.get(names.get(one, one)) for one in schema.names} for row in whole], schema)


def certain(contract: Contract, rows: Sequence[Mapping[str, object]]) -> tuple[list[bool], dict[str, int]]:
    found = accept(framed(contract, rows), contract)
    assert found.rows.num_rows == found.certain.true_count
    return found.certain.to_pylist(), dict(found.left)


RULES: list[tuple[Column, list[str | None], list[str | None]]] = [
    (Column(name="x", type="int", minimum=7), ["7", "8", None], ["6", "-7"]),
    (Column(name="x", type="int", maximum=7), ["7", "6", None], ["8"]),
    (Column(name="x", type="double", minimum=0.1), ["0.1", "0.10", "1e-1"], ["0.09999999999999999", "0"]),
    (Column(name="x", type="double", maximum=10), ["10", "10.0"], ["10.000000000000002"]),
    (Column(name="x", type="decimal(10,2)", minimum=1.1), ["1.10", "1.11"], ["1.09"]),
    (Column(name="x", type="bigint", maximum=2**53), [None], ["9007199254740992", "9007199254740993", "1"]),
    (Column(name="x", type="bigint", minimum=0), ["9007199254740991"], ["9007199254740993", "-1"]),
    (Column(name="x", type="string", pattern=r"\Att[0-9]+\z"), ["tt1", None], ["tt", "tt1\n", "xtt1"]),
    (Column(name="x", type="string", not_blank=True), ["x", "\u200bx", None], ["", " ", "\u200b", "\u00a0\t\u3000"]),
    (Column(name="x", type="string", min_length=2), ["ab", "\U0001f600a", None], ["a", "", "\U0001f600"]),
    (Column(name="x", type="string", enum=("a", "b")), ["a", None], ["A", "", "c"]),
    (Column(name="x", type="int", enum=("7",)), ["7"], ["8"]),
    (Column(name="x", type="date", enum=("2024-01-31",)), ["2024-01-31"], ["2024-02-01"]),
    (Column(name="x", type="string", required=True), ["", "x"], [None]),
]


@pytest.mark.parametrize(("column", "kept", "left"), RULES, ids=lambda one: str(one)[:40])
def test_values_up_to_the_edge_of_a_rule_are_accepted_and_values_beyond_are_left(
    column: Column, kept: list[str | None], left: list[str | None]
) -> None:
    found, why = certain(table([column]), [{"x": text} for text in (*kept, *left)])
    assert found == [True] * len(kept) + [False] * len(left)
    assert why == {"rule": len(left)}


class Odd(rules.Rule):
    """A rule that says nothing of whole columns."""

    name, meaning = "odd", "an odd number"

    def is_set(self, column: Column) -> bool:
        return column.expected

    def broken(self, value: Expression, column: Column) -> Expression:  # noqa: ARG002 - as the base
        return value % 2 == 1


def test_a_rule_without_a_check_for_whole_columns_leaves_every_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "RULES", (*rules.RULES, Odd()))
    rows: list[dict[str, object]] = [{"x": "2"}, {"x": None}]
    assert certain(table([Column(name="x", type="int", expected=True)]), rows) == ([False, True], {"rule": 1})
    assert certain(table([Column(name="x", type="int")]), rows) == ([True, True], {})


def test_records_with_framing_problems_or_undecodable_values_are_left() -> None:
    contract = table([Column(name="x", type="int")])
    rows: list[dict[str, object]] = [
        {"x": "1"},
        {"x": "1", "problem": "x|range"},
        {"x": "2147483648"},
        {"id": "x"},
        {"id": None},
    ]
    assert certain(contract, rows) == ([True, False, False, False, False], {"shape": 1, "type": 2, "rule": 1})


@pytest.mark.parametrize("duplicates", [Duplicates.LAST, Duplicates.MERGE])
def test_all_records_that_share_a_key_in_a_partition_are_left(duplicates: Duplicates) -> None:
    contract = table([Column(name="x", type="int", minimum=0)], duplicates=duplicates)
    rows: list[dict[str, object]] = [
        {"id": "5"},
        {"id": "6"},
        {"id": "5", "ano": "2023"},
        {"id": "6", "x": "-1"},
        {"id": "6"},
        {"id": "7"},
    ]
    assert certain(contract, rows)[0] == [True, False, True, False, False, True]


def test_only_completely_equal_rows_are_left() -> None:
    columns = [Column(name="x", type="string"), Column(name="y", type="double"), Column(name="z", type="array<int>")]
    contract = table(columns, duplicates=Duplicates.EQUAL)
    one: dict[str, object] = {"id": "1", "x": "a", "y": "0.0", "z": ["1"]}
    rows = [one, {**one, "x": "b"}, {**one, "ano": "2023"}, {**one, "x": None}, {**one, "id": "2"}]
    assert certain(contract, rows)[0] == [True] * 5
    assert certain(contract, [one, one])[0] == [False, False]
    assert certain(contract, [{**one, "x": None}, {**one, "x": None}])[0] == [False, False], "two nulls are equal"
    # The lists and doubles of two rows are for judging to compare.
    assert certain(contract, [one, {**one, "y": "-0.0"}, {**one, "z": []}])[0] == [False] * 3


def test_with_duplicates_keep_no_row_is_left_because_of_its_key() -> None:
    contract = table([], duplicates=Duplicates.KEEP, key=())
    assert certain(contract, [{"id": "1"}, {"id": "1"}, {"id": None}])[0] == [True] * 3


def test_all_rows_that_share_a_unique_value_are_left() -> None:
    contract = table([Column(name="x", type="string", unique=True)])
    rows: list[dict[str, object]] = [
        {"x": "a"},
        {"x": "b"},
        {"x": "a"},
        {"x": None},
        {"x": None},
        {"x": "b", "ano": "2023"},
    ]
    assert certain(contract, rows)[0] == [False, True, False, True, True, True]


def test_list_rules_known_only_to_the_core_leave_every_list() -> None:
    contract = table([Column(name="x", type="array<int>", minimum=0)])
    assert certain(contract, [{"x": ["1"]}, {"x": None}])[0] == [False, True]


def test_accepted_rows_are_sorted_by_partition_key_and_lineage() -> None:
    contract = table([], duplicates=Duplicates.KEEP)
    rows: list[dict[str, object]] = [{"id": "3"}, {"id": "1", "ano": "2025"}, {"id": "1"}, {"id": None}, {"id": "1"}]
    found = accept(framed(contract, rows), contract).rows
    assert found.column("id").to_pylist() == [1, 1, 3, None, 1]
    assert found.column("record_index").to_pylist() == [2, 4, 0, 3, 1]


def test_an_empty_batch_gives_an_empty_table() -> None:
    assert accept(framed(table([]), []), table([])).rows.num_rows == 0
