"""Invented tables of every type -> files -> `contract init` -> framing returns the values."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.inferred import load
from trustedlake.core.inferring.names import column_name

WORDS = ("alpha", "Beta gama", "São João", "d'Água", "x/y", "Ωmega", "two\nlines", '"quoted"', "semi;colon", "a|b")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kind(NamedTuple):
    """A kind of column: its values, how they are written in JSON and CSV, and what framing should give."""

    name: str
    values: st.SearchStrategy[Any]
    json: Any
    text: Any
    normal: Any


def micros(moment: datetime) -> str:
    return str((moment.replace(tzinfo=UTC) - EPOCH) // timedelta(microseconds=1))


days = st.dates(date(1930, 1, 1), date(2090, 12, 31))
moments = st.datetimes(datetime(1980, 1, 1), datetime(2080, 1, 1)).map(lambda one: one.replace(microsecond=0))  # noqa: DTZ001
numbers = st.integers(-(10**6), 10**6).map(lambda one: one / 1000)
KINDS = (
    Kind("inteiro", st.integers(-(10**15), 10**15), int, str, str),
    Kind("medida", numbers, float, str, str),
    Kind(
        "vírgula",
        numbers,
        lambda v: f"{v:.3f}".replace(".", ","),
        lambda v: f"{v:.3f}".replace(".", ","),
        lambda v: f"{v:.3f}",
    ),
    Kind("nome", st.sampled_from(WORDS), str, str, str),
    Kind("when", days, date.isoformat, date.isoformat, date.isoformat),
    Kind("dia", days, lambda v: f"{v:%d/%m/}{v.year:04d}", lambda v: f"{v:%d/%m/}{v.year:04d}", date.isoformat),
    Kind("momento", moments, lambda v: v.isoformat() + "Z", str, micros),
    Kind("ativo", st.booleans(), bool, lambda v: "sim" if v else "não", lambda v: "true" if v else "false"),
    Kind("zeros", st.integers(0, 999).map(lambda v: f"{v:05d}"), str, str, str),
)
NAMES = st.sampled_from(("{0}", "{0} total", "Meu {0}", "{0}Value", "{0}_2", "Ção {0}"))


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[Kind], list[list[Any]]]:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=6, unique=True))
    names = [draw(NAMES).format(kind.name) for kind in kinds]
    count = draw(st.integers(25, 60))
    rows = [
        [None if nulls and at % 4 == 1 else value for value, nulls in zip(row, draw_nulls, strict=True)]
        for draw_nulls in [[draw(st.booleans()) for _ in kinds]]
        for at, row in enumerate(
            draw(st.lists(st.tuples(*(kind.values for kind in kinds)), min_size=count, max_size=count))
        )
    ]
    return names, kinds, rows


def expected(kind: Kind, value: Any) -> Any:
    return None if value is None else kind.normal(value)


def equals(found: Any, kind: Kind, value: Any) -> bool:
    wanted = expected(kind, value)
    if wanted is None or found is None:
        return found in {None, ""} and wanted is None
    if kind.name in {"medida", "vírgula"}:
        return float(found) == float(wanted)
    return bool(found == wanted)


def json_file(names: list[str], kinds: list[Kind], rows: list[list[Any]], shape: int) -> str:
    records = [
        {
            "id": at,
            **{name: None if v is None else kind.json(v) for name, kind, v in zip(names, kinds, row, strict=True)},
        }
        for at, row in enumerate(rows)
    ]
    half = len(records) // 2
    shapes: tuple[Any, ...] = (
        records,
        {"itens": records},
        [records[:half], records[half:]],
        {"page": 1, "results": records},
    )
    if shape == len(shapes):
        return "\n".join(map(json.dumps, records))
    return json.dumps(shapes[shape], ensure_ascii=False, indent=shape or None)


def csv_file(names: list[str], kinds: list[Kind], rows: list[list[Any]], delimiter: str) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(["id", *names])
    for at, row in enumerate(rows):
        writer.writerow([at, *("" if v is None else kind.text(v) for kind, v in zip(kinds, row, strict=True))])
    return out.getvalue()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(table=tables(), form=st.sampled_from([0, 1, 2, 3, 4, ";", ",", "|", "\t"]))
def test_framing_returns_the_values_of_invented_tables(
    table: tuple[list[str], list[Kind], list[list[Any]]], form: int | str
) -> None:
    names, kinds, rows = table
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(form, int):
            file = Path(folder) / "invented.json"
            file.write_bytes(json_file(names, kinds, rows, form).encode())
        else:
            file = Path(folder) / "invented.csv"
            file.write_bytes(csv_file(names, kinds, rows, form).encode())
        loaded = load([file], "invented")

    assert loaded.records == len(rows)
    assert len(loaded.rows) >= 0.95 * len(rows), (loaded.problems[:3], loaded.proposal.text)
    by_id = {row["id"]: row for row in loaded.rows}
    columns = {
        key: column.name for column in loaded.proposal.draft.contract.columns for key in (column.name, *column.synonyms)
    }
    for name, kind, *values in zip(names, kinds, *rows, strict=True):
        column = columns.get(name, column_name(name))
        typed = [equals(by_id[str(at)][column], kind, value) for at, value in enumerate(values) if str(at) in by_id]
        assert sum(typed) >= 0.95 * len(typed), (name, loaded.type_of(column), loaded.proposal.text)
