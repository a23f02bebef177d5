"""Raw values -> framed texts -> typed columns: oddities of real files, one row per case, the same on every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chispa import assert_df_equality

from tests.support.frames import framed, framed_row
from tests.support.schema_cases import MOVIE_CASES, WRONG, Cases, framed_cases
from trustedlake.core.judging.schema import FAILED, PROBLEM, to_columns
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession


MOVIES, SERIES = CONTRACTS["tmdb_movies"], CONTRACTS["tmdb_series"]
LOCAL, LOCAL_SERIES = CONTRACTS["local_movies"], CONTRACTS["local_series"]


def _differences(typed: list[Any], cases: Cases) -> list[tuple[Mapping[str, str | None], str, Any, Any]]:
    rows = {row["record_index"]: row.asDict() for row in typed}
    assert len(rows) == len(cases)
    nothing: dict[str, Any] = {WRONG: []}
    for row in rows.values():
        reasons = (row[PROBLEM] or "").split(",") if row[PROBLEM] else []
        row[WRONG] = [*reasons, *(f"{name}|type" for name in row[FAILED])]
    return [
        (texts, name, rows[index][name], value)
        for index, (texts, expected) in enumerate(cases)
        for name, value in (nothing | expected).items()
        if rows[index][name] != value
    ]


def test_odd_values_of_a_movie_are_typed_as_expected(session: SparkSession) -> None:
    typed = to_columns(framed_cases(session, MOVIES, MOVIE_CASES), MOVIES).collect()

    assert _differences(typed, MOVIE_CASES) == []


def test_odd_values_of_a_series_are_typed_as_expected(session: SparkSession) -> None:
    cases: Cases = [
        ({"series_id": "3", "id": None}, {"series_id": 3}),
        ({"id": "3", "keywords": '{"results":[{"id":1,"name":"spy"}]}'}, {"keywords": ["spy"]}),
        ({"id": "3", "in_production": "true"}, {"in_production": True}),
        ({"id": "3", "in_production": "yes"}, {"in_production": None, WRONG: ["in_production|type"]}),
        ({"id": "3", "in_production": ""}, {"in_production": None}),
        ({"id": "3", "last_air_date": None, "number_of_seasons": "2"}, {"number_of_seasons": 2}),
    ]

    typed = to_columns(framed_cases(session, SERIES, cases), SERIES).collect()

    assert _differences(typed, cases) == []


def test_odd_values_of_a_csv_line_are_typed_as_expected(session: SparkSession) -> None:
    cases: Cases = [
        ({"id": "tt0000001", "tituloPincipal": '"Quoted'}, {"id": "tt0000001", "tituloPincipal": '"Quoted'}),
        ({"tituloPrincipal": "Heat"}, {"tituloPincipal": "Heat"}),
        ({"tituloPincipal": "", "tituloPrincipal": "Heat"}, {"tituloPincipal": "Heat"}),
        ({"anoLancamento": " 1961", "anoTermino": "1963"}, {"anoLancamento": 1961, "anoTermino": 1963}),
        ({"anoLancamento": None, "profissao": ""}, {"anoLancamento": None, "profissao": None}),
        ({"tempoMinutos": "90.5"}, {"tempoMinutos": None, WRONG: ["tempoMinutos|type"]}),
        ({"notaMedia": "7.5", "numeroVotos": "12"}, {"notaMedia": 7.5, "numeroVotos": 12}),
        ({"notaMedia": "null"}, {WRONG: ["notaMedia|type"]}),
        ({"genero": "[not json"}, {"genero": "[not json"}),
    ]

    typed = to_columns(framed_cases(session, LOCAL_SERIES, cases), LOCAL_SERIES).collect()

    assert _differences(typed, cases) == []


def test_columns_are_in_contract_order_with_lineage_and_framing_problems(session: SparkSession) -> None:
    row = framed_row(
        LOCAL,
        {"id": "tt1", "anoLancamento": "99999999999"},
        file_path="movies.csv",
        record_index=2,
        raw="tt1|x",
        rescued={"nota": "1"},
        problem="line|short",
    )

    typed = to_columns(framed(session, LOCAL, [row]), LOCAL)

    expected = session.createDataFrame(
        [("tt1", None, {"nota": "1"}, "movies.csv", 2, "tt1|x", "line|short", ["anoLancamento"])],
        "id string, anoLancamento int, rescued map<string,string>, file_path string, record_index int, raw string,"
        " problem string, failed array<string>",
    )
    assert typed.columns == [
        *(column.name for column in LOCAL.columns), "rescued", "file_path", "record_index", "raw", "problem", "failed",
    ]  # fmt: skip
    assert_df_equality(typed.select(expected.columns), expected, ignore_nullable=True)
    assert [field.dataType.simpleString() for field in typed.schema][: len(LOCAL.columns)] == [
        column.kind.spark for column in LOCAL.columns
    ]
