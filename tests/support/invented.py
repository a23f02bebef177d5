"""Hypothesis invents contracts with columns of every type and rule, and records that fit them, nearly fit or don't."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import Phase
from hypothesis import strategies as st

from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat

_TEXTS = [
    "x",
    "y",
    "",
    " ",
    "\u200b",
    "\u00a0\t",
    "ab",
    "abc",
    "N/A",
    "tt12",
    "tt12\n",
    "S\u00e3o",
    "\U0001f600",
    1.50,
    True,
]
_INTS = [
    0,
    -1,
    1,
    9,
    10,
    11,
    7.0,
    1.5,
    "7",
    " 7 ",
    "007",
    "7.0",
    "1e3",
    "5k",
    999_999_999,
    1_000_000_000,
    2**31 - 1,
    2**31,
]
_LONGS = [2**53 - 1, 2**53, 2**53 + 1, 10**17, 10**18, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 10**20, "+5", "-0"]
_DOUBLES = [
    0.0,
    -0.0,
    0.1,
    9.999999999999999,
    10.000000000000002,
    1e-300,
    5e-324,
    1e308,
    "1e309",
    "NaN",
    "1d",
    1e22,
    "0.10",
]
_DECIMALS = ["1.10", 1.1, 10, 9.99, 10.01, "10.00", 12345678.9, 123456789, "0.001", "-0.00", "1e2", "1.1.1", -5]
_DATES = [
    "2024-02-29",
    "2024-02-30",
    "2023-02-29",
    "0001-01-01",
    "9999-12-31",
    "0000-01-01",
    "0999-12-31",
    "2024-1-5",
    "x",
]
_MOMENTS = [
    "2024-02-29T10:20:30Z",
    "2024-02-29 10:20:30.123456",
    "2024-02-30T00:00:00",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
]
_MOMENTS += ["2024-06-01T00:00:00+03:00", "2024-06-01T00:00:00.1234567"]
_TRUTHS = [True, False, "true", "sim", "TRUE", 1, "perhaps"]
VALUES: dict[str, list[Any]] = {
    "string": _TEXTS,
    "int": _INTS,
    "bigint": [*_INTS, *_LONGS],
    "double": [*_INTS[:8], *_DOUBLES],
    "decimal(10,2)": _DECIMALS,
    "date": _DATES,
    "timestamp": _MOMENTS,
    "boolean": _TRUTHS,
    "json": [*_TEXTS[:6], [1.10, {"a": None}], {"b": 1e2}],
}
"""Type -> values of JSON, right ones and others."""

_RULES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "string": st.fixed_dictionaries(
        {},
        optional={
            "not_blank": st.just(value=True),
            "min_length": st.sampled_from([1, 2, 3]),
            "pattern": st.sampled_from([r"\A[a-z]+\z", r"tt[0-9]+", r"\Att[0-9]+\z", "^$|x"]),
            "enum": st.sampled_from([("x", "y", ""), ("x", "tt12")]),
            "nulls": st.just(("N/A",)),
        },
    ),
    "int": st.fixed_dictionaries(
        {},
        optional={
            "minimum": st.sampled_from([0, 7, 9.5]),
            "maximum": st.sampled_from([10, 10.5, 2**31]),
            "enum": st.just(("7", "10")),
        },
    ),
    "bigint": st.fixed_dictionaries(
        {}, optional={"minimum": st.sampled_from([0, -(2**63), 2**53]), "maximum": st.sampled_from([10, 2**53, 10**18])}
    ),
    "double": st.fixed_dictionaries(
        {}, optional={"minimum": st.sampled_from([0, 0.1, -1.5]), "maximum": st.sampled_from([10, 10.0, 1e300])}
    ),
    "decimal(10,2)": st.fixed_dictionaries(
        {}, optional={"minimum": st.sampled_from([0, 1.1]), "maximum": st.sampled_from([10, 9.99])}
    ),
    "boolean": st.just({"booleans": {"sim": True, "não": False}}),
}


@st.composite
def contracts(draw: st.DrawFn, format_: RawFormat = RawFormat.JSON) -> Contract:
    """A table of one partition column with a few columns of any types and rules; any way with duplicates."""
    key = draw(st.sampled_from(["bigint", "string", "date"]))
    columns = [Column(name="id", type=key, required=draw(st.booleans()))]
    kinds = st.sampled_from(
        [*VALUES, "list"] if format_ is RawFormat.JSON else [kind for kind in VALUES if kind != "json"]
    )
    for number, kind in enumerate(draw(st.lists(kinds, min_size=1, max_size=5))):
        if kind == "list":
            columns.append(Column(name=f"c{number}", type=f"array<{draw(st.sampled_from(list(VALUES)))}>"))
            continue
        rules = draw(_RULES.get(kind, st.just({})))
        unique = draw(st.sampled_from([False, False, False, True])) and kind in {"string", "bigint", "int", "date"}
        required = draw(st.sampled_from([False, False, True]))
        columns.append(Column(name=f"c{number}", type=kind, required=required, unique=unique, **rules))
    duplicates = draw(st.sampled_from(list(Duplicates)))
    keyed = duplicates in {Duplicates.LAST, Duplicates.MERGE} or draw(st.booleans())
    return Contract(
        table="invented",
        raw=Raw(path=("Raw/Invented/{ano:04d}",), format=format_, max_rejected=1.0),
        trusted="Trusted/invented",
        partition=("ano",),
        key=draw(st.sampled_from([("id",), ("id",), ("id", "c0")]))
        if keyed and not columns[1].is_list
        else ("id",) * keyed,
        duplicates=duplicates,
        columns=tuple(columns),
    )


def records(contract: Contract) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Records of the contract's columns, with values that are right or not, some of them alike."""
    ids = {"bigint": [*range(1, 15), "3", None], "string": [*"abcdefghijk", "", None], "date": [*_DATES[:4], None]}
    # With `c0` a record has a key besides the primary key's, without which a file holds none of the table's.
    fields = {"id": st.sampled_from(ids[contract.columns[0].type]), "c0": _values(contract.columns[1])}
    optional = {column.name: _values(column) for column in contract.columns[2:]}
    return st.lists(
        st.fixed_dictionaries(fields, optional={**optional, "more": st.sampled_from([1, "z"])}), max_size=25
    )


def _values(column: Column) -> st.SearchStrategy[Any]:
    plain = st.sampled_from(VALUES[column.scalar.name])
    few = st.sampled_from(VALUES[column.scalar.name][:3])
    some = st.none() | few | few | plain
    return st.none() | st.lists(some, max_size=3) | st.just("x") if column.is_list else some


def as_json(found: list[dict[str, Any]]) -> bytes:
    """The records as a JSON list."""
    return json.dumps(found, ensure_ascii=False).encode()


def as_lines(found: list[dict[str, Any]], contract: Contract) -> bytes:
    """The records as lines with `|` between the fields."""
    names = [column.name for column in contract.columns]
    rows = [names, *([_field(one.get(name)) for name in names] for one in found)]
    return "\n".join("|".join(row) for row in rows).encode()


def _field(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).replace("\n", " ")


# To shrink an example of whole runs takes minutes, and tells little more.
WITHOUT_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
