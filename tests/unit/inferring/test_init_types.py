"""Which type and notation `contract init` finds for the values of one column."""

from __future__ import annotations

from typing import Any

import pytest

from trustedlake.core.framing.json_text import Number
from trustedlake.core.inferring.type_choice import Choice, choose, is_dated
from trustedlake.core.inferring.value_kinds import Values


def chosen(key: str, texts: list[str], *, numbers: bool = False) -> Choice:
    values = Values(is_dated(key))
    for at, text in enumerate(texts):
        values.add(Number(text) if numbers else text, ("f", at))
    return choose(values, key)


CASES: tuple[tuple[str, list[str], str, dict[str, Any]], ...] = (
    ("amount", ["1", "20", "-3"], "bigint", {}),
    ("score", ["1", "2.5", "3"], "double", {}),
    ("score", ["1e3", "2.5E-2"], "double", {}),
    ("year", ["1999.0", "2001.0"], "bigint", {}),
    ("ratio", ["6.0", "7.0"], "double", {}),
    ("price", ["10.50", "3.99"], "decimal(18,2)", {}),
    ("preço total", ["10,50", "3,99"], "decimal(18,2)", {"decimal": ","}),
    ("price", ["10.505", "3.99"], "double", {}),
    ("valor", ["1.234,50", "999,00", "12.345.678,90"], "decimal(18,2)", {"decimal": ",", "grouping": "."}),
    ("temperature", ["21,5", "-3,25", "7"], "double", {"decimal": ","}),
    ("distance", ["1,234", "56", "7,890,123"], "bigint", {"decimal": ".", "grouping": ","}),
    ("distance", ["1,234", "56"], "bigint", {"decimal": ".", "grouping": ","}),
    ("distance", ["1,234", "56,1"], "double", {"decimal": ","}),
    ("big", ["123456789012345678901"], "decimal(38,0)", {}),
    ("zip", ["01310", "20040", "90010"], "string", {}),
    ("zip", ["13100", "20040"], "bigint", {}),
    ("day", ["2025-06-17", "1999-01-02"], "date", {"formats": ("yyyy-MM-dd",)}),
    ("x", ["17/06/2025", "01/02/1999"], "date", {"formats": ("dd/MM/yyyy",)}),
    ("x", ["06/17/2025", "01/02/1999"], "date", {"formats": ("MM/dd/yyyy",)}),
    ("x", ["7/6/2025", "31/12/1999"], "date", {"formats": ("d/M/yyyy", "dd/MM/yyyy")}),
    ("x", ["17.06.2025"], "date", {"formats": ("dd.MM.yyyy",)}),
    ("x", ["2025/06/17"], "date", {"formats": ("yyyy/MM/dd",)}),
    ("data", ["20250617", "19990102"], "date", {"formats": ("yyyyMMdd",)}),
    ("serial", ["20250617", "19990102"], "bigint", {}),
    ("x", ["2025-06-17T10:20:30Z", "2025-06-17 10:20:30.5+02:00"], "timestamp", {"formats": ("iso",)}),
    ("x", ["2025-06-17T10:20:30Z", "2025-06-17"], "timestamp", {"formats": ("iso",)}),
    ("x", ["17/06/2025 10:20", "01/02/1999 23:59"], "timestamp", {"formats": ("dd/MM/yyyy HH:mm",)}),
    ("x", ["17/06/2025 10:20:30"], "timestamp", {"formats": ("dd/MM/yyyy HH:mm:ss",)}),
    ("created_at", ["1718600000123", "1718700000456"], "timestamp", {"formats": ("epoch_ms",)}),
    ("created_at", ["1718600000", "1718700001"], "timestamp", {"formats": ("epoch_s",)}),
    ("release_date", ["1718582400000", "-95904000000", "0"], "date", {"formats": ("epoch_ms",)}),
    ("release_date", ["2020-01-01", "-95904000000"], "date", {"formats": ("yyyy-MM-dd", "epoch_ms")}),
    ("active", ["true", "false"], "boolean", {"booleans": {}}),
    ("active", ["True", "False"], "boolean", {"booleans": {"True": True, "False": False}}),
    ("ativo", ["sim", "Não", "sim"], "boolean", {"booleans": {"sim": True, "Não": False}}),
    ("ativo", ["S", "N", "S"], "boolean", {"booleans": {"S": True, "N": False}}),
    ("ok", ["yes", "no"], "boolean", {"booleans": {"yes": True, "no": False}}),
    ("size", ["S", "M", "L"], "string", {}),
    ("size", ["S", "S"], "string", {}),
    ("genres", ["Drama, Romance", "Drama"], "array<string>", {"split": ","}),
    ("tags", ["a;b", "c"], "array<string>", {"split": ";"}),
    ("name", ["Silva, João", "Prado, Ana"], "string", {}),
    ("overview", ["Long, long ago, in a land far away, there was a king"] * 30, "string", {}),
    ("budget", ["10", "N/A", "20"], "bigint", {"nulls": ("N/A",)}),
    ("budget", ["10", "unknown", ""], "bigint", {"nulls": ("unknown",)}),
    ("text", ["a", "-", "b"], "string", {"nulls": ("-",)}),
    ("text", ["a", "Unknown", "b"], "string", {"nulls": ()}),
    ("text", ["2025-06-17", "later"], "string", {}),
    ("text", ["1", "5k"], "string", {}),
    ("score", ["1", "1e400"], "string", {}),
    ("text", ["0x10", "1d", "NaN-1"], "string", {}),
)


@pytest.mark.parametrize(("key", "texts", "type_", "written"), CASES)
def test_the_type_is_inferred_from_the_values(key: str, texts: list[str], type_: str, written: dict[str, Any]) -> None:
    choice = chosen(key, texts)

    assert choice.type == type_, choice
    assert {name: getattr(choice, name) for name in written} == written


def test_json_numbers_keep_the_decimal_point_beside_texts_with_a_comma() -> None:
    values = Values()
    for text in (Number("1.5"), "2,5", Number("3")):
        values.add(text, ("f", 0))

    choice = choose(values, "score")

    assert (choice.type, choice.decimal, choice.grouping) == ("double", ",", "")


def test_one_odd_value_in_two_hundred_is_reported_with_its_place() -> None:
    choice = chosen("day", [f"2025-01-{1 + at % 28:02d}" for at in range(199)] + ["soon"])

    assert choice.type == "date"
    assert choice.odd == 1
    assert choice.notes == ["not date: 1 value, 'soon' at f#199"]


def test_an_impossible_date_counts_as_an_odd_value() -> None:
    choice = chosen("day", [f"{1 + at % 28:02d}/01/2025" for at in range(199)] + ["31/02/2025"])

    assert (choice.type, choice.odd) == ("date", 1)
    assert "'31/02/2025' at f#199" in choice.notes[-1]


def test_two_odd_values_in_a_hundred_make_the_column_text_with_a_note() -> None:
    choice = chosen("day", ["2025-01-01"] * 98 + ["soon", "31/12"])

    assert choice.type == "string"
    assert "nearly date (yyyy-MM-dd); not date: 2 values" in choice.notes[0]


def test_ambiguous_dates_get_a_note() -> None:
    choice = chosen("x", ["01/02/2025", "03/04/2025"])

    assert choice.formats == ("dd/MM/yyyy",)
    assert "may also be MM/dd/yyyy" in choice.notes[0]


def test_many_distinct_values_are_counted_without_being_kept() -> None:
    values = Values()
    for at in range(250_000):
        values.add(f"name {at % 249_999}", ("f", at))

    assert len(values.words) + len(values.groups) + len(values.lists.vocabulary) < 2_000
    assert len(values.distinct.hashes) <= 100_000
    assert values.distinct.mask


@pytest.mark.parametrize(
    "amounts",
    [
        [f"R$ {n % 4},50" for n in range(40)],
        [f"R$ 1.25{n % 4},00" for n in range(40)],
        [*(f"{n % 19},50" for n in range(38)), "abc1,89"],
        [f"{n % 4},5 kg" for n in range(40)],
    ],
)
def test_amounts_with_a_decimal_comma_are_not_taken_for_lists(amounts: list[str]) -> None:
    found = chosen("total", amounts)
    assert (found.type, found.split) == ("string", None)
    assert "amounts" in " ".join(found.notes) or "decimal" in " ".join(found.notes)


@pytest.mark.parametrize(
    "lists", [["80,18,35", "18,35", "80,10752,28"] * 10, ["Drama, War", "War", "Drama, Crime"] * 10]
)
def test_lists_with_commas_are_recognized(lists: list[str]) -> None:
    assert chosen("genres", lists).split == ","
