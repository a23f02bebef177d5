"""Framed text -> typed columns: every oddity of real files, one row a case, the same on every engine."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from chispa import assert_df_equality

from tests.support.frames import films, framed, framed_row
from trustedlake.core.judging.schema import FAILED, to_columns
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import SparkSession

MOVIES, SERIES = CONTRACTS["tmdb_movies"], CONTRACTS["tmdb_series"]
LOCAL, LOCAL_SERIES = CONTRACTS["local_movies"], CONTRACTS["local_series"]

ODD_TEXT = 'line\nbreak, nbsp\u00a0, “quotes” and "quotes", 東京 \\'

# texts by source key -> what the named columns come to; `failed` is [] unless it is named
MOVIE_CASES: list[tuple[dict[str, str | None], dict[str, Any]]] = [
    ({"id": "10.0"}, {"movie_id": 10}),
    ({"id": "10.7"}, {"movie_id": None, FAILED: ["movie_id"]}),
    ({"id": None, "tmdb_id": "7"}, {"movie_id": 7}),
    ({"id": None, "ID": "8"}, {"movie_id": 8}),
    ({"id": "5", "movie_id": ""}, {"movie_id": 5}),
    ({"id": "5", "movie_id": "  "}, {"movie_id": 5}),
    ({"id": "5", "movie_id": "6"}, {"movie_id": 6}),
    ({"id": "5", "movie_id": "six"}, {"movie_id": None, FAILED: ["movie_id"]}),
    ({"id": ""}, {"movie_id": None}),
    ({"title": "1941"}, {"title": "1941"}),
    ({"title": ""}, {"title": ""}),
    ({"title": None}, {"title": None}),
    ({"overview": ODD_TEXT}, {"overview": ODD_TEXT}),
    ({"overview": ""}, {"overview": ""}),
    ({"imdb_id": ""}, {"imdb_id": None}),
    ({"imdb_id": None}, {"imdb_id": None}),
    ({"status": " Released "}, {"status": " Released "}),
    ({"vote_average": "7"}, {"vote_average": 7.0}),
    ({"vote_average": "0"}, {"vote_average": 0.0}),
    ({"vote_average": " 7.5 "}, {"vote_average": 7.5}),
    ({"popularity": "1d"}, {"popularity": None, FAILED: ["popularity"]}),
    ({"popularity": "NaN"}, {"popularity": None, FAILED: ["popularity"]}),
    ({"vote_count": "5k"}, {"vote_count": None, FAILED: ["vote_count"]}),
    ({"vote_count": ""}, {"vote_count": None}),
    ({"vote_count": "1e3"}, {"vote_count": None, FAILED: ["vote_count"]}),
    ({"release_date": ""}, {"release_date": None}),
    ({"release_date": " 2024-03-05\n"}, {"release_date": date(2024, 3, 5)}),
    ({"release_date": "-95904000000"}, {"release_date": date(1966, 12, 18)}),
    ({"release_date": "2024-3-1"}, {"release_date": None, FAILED: ["release_date"]}),
    ({"revenue": "2923706026", "budget": "0"}, {"revenue": 2_923_706_026, "budget": 0}),
    ({"runtime": "2923706026"}, {"runtime": None, FAILED: ["runtime"]}),
    ({"runtime": None}, {"runtime": None}),
    ({"runtime": "[90]"}, {"runtime": None, FAILED: ["runtime"]}),
    ({"collection": "Heat Collection"}, {"collection": "Heat Collection"}),
    ({"collection": '{"id": 3, "name": "Heat Collection"}'}, {"collection": "Heat Collection", "collection_id": None}),
    ({"collection": "[REC] Collection"}, {"collection": "[REC] Collection"}),
    ({"collection": "{Proof}"}, {"collection": "{Proof}"}),
    ({"collection": ""}, {"collection": ""}),
    ({"collection": '["Heat Collection"]'}, {FAILED: ["collection"]}),
    ({"belongs_to_collection": None}, {"collection": None, "collection_id": None}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat"}'}, {"collection": "Heat", "collection_id": 9}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat","parts":[{"id":1}]}'}, {"collection_id": 9}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat"}}'}, {"collection": None, FAILED: ["collection"]}),
    ({"belongs_to_collection": "{}"}, {"collection": None, "collection_id": None}),
    ({"belongs_to_collection": "Heat"}, {"collection": None, FAILED: ["collection"]}),
    ({"belongs_to_collection": '{"id":"9k","name":"Heat"}'}, {"collection": "Heat", FAILED: ["collection_id"]}),
    ({"id_collection": "4", "belongs_to_collection": '{"id":9}'}, {"collection_id": 4}),
    ({"genres": '["Crime","War"]'}, {"genres": ["Crime", "War"], "genre_ids": None}),
    ({"genres": '[{"id":80,"name":"Crime"},{"id":1,"name":"TV"}]'}, {"genres": ["Crime", "TV"], "genre_ids": [80, 1]}),
    ({"genres": "[80, 10752]"}, {"genres": None, "genre_ids": [80, 10752]}),
    ({"genres": "[80.0]"}, {"genre_ids": [80]}),
    ({"genre_ids": "[80, 1e8]"}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"genre_ids": "[ 80 ,null, 12345678901.0 ]"}, {"genre_ids": [80, 12_345_678_901]}),
    ({"genre_ids": "[80,,18]"}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"genres": "[80.5]"}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"genres": "[]"}, {"genres": [], "genre_ids": []}),
    ({"genres": "[ ]"}, {"genres": [], "genre_ids": []}),
    ({"genres": None}, {"genres": None, "genre_ids": None}),
    ({"genres": ""}, {"genres": None, "genre_ids": None}),
    ({"genres": '["Crime", null]'}, {"genres": ["Crime"]}),
    ({"genres": "[null]"}, {"genres": [], "genre_ids": []}),
    ({"genres": '[80, null]'}, {"genre_ids": [80]}),
    ({"genres": '[{"id":80,"name":"Crime"}, null]'}, {"genres": ["Crime"], "genre_ids": [80]}),
    ({"genres": '[{"id":80,"name":"Crime"}, {"id":1}]'}, {"genres": ["Crime"], "genre_ids": [80, 1]}),
    ({"genres": '[{"name":"Crime"}]'}, {"genres": ["Crime"], "genre_ids": None}),
    ({"genres": '[{"id":80}]'}, {"genres": None, "genre_ids": [80]}),
    ({"genres": '[{"id":"5k","name":"Crime"}]'}, {"genres": ["Crime"], "genre_ids": None, FAILED: ["genre_ids"]}),
    ({"genres": '["Crime \\"x\\" \\u00e9, [a] {b}"]'}, {"genres": ['Crime "x" é, [a] {b}']}),
    ({"genres": '["back\\\\", "slash"]'}, {"genres": ["back\\", "slash"]}),
    ({"genres": "Crime"}, {"genres": None, FAILED: ["genres"]}),
    ({"genres": "80"}, {FAILED: ["genres"]}),
    ({"genres": "[Crime, War]"}, {FAILED: ["genres"]}),
    ({"genres": "['Crime']"}, {FAILED: ["genres"]}),
    ({"genres": '["Crime"] tail'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime"]\\n'}, {FAILED: ["genres"]}),
    ({"genres": "[80]\\n"}, {FAILED: ["genres"]}),
    ({"genres": '["Crime" "War"]'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime"'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime", 80]'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime", {"id":1}]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":1,"name":"a"}, "Crime"]'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime", ["War"]]'}, {FAILED: ["genres"]}),
    ({"genres": "[true]"}, {FAILED: ["genres"]}),
    ({"genres": '{"name":"Crime"}'}, {FAILED: ["genres"]}),
    ({"genres": '["Crime",]'}, {FAILED: ["genres"]}),
    ({"genres": '[,"Crime"]'}, {FAILED: ["genres"]}),
    ({"genres": '["Cr\\x"]'}, {FAILED: ["genres"]}),
    ({"genres": '["Cr\nime"]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":80,"name":"Crime"},]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":80,"name":"Crime",}]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":80 "name":"Crime"}]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":80,"name":"Crime","in":[1]}]'}, {FAILED: ["genres"]}),
    ({"genres": '[{"id":80,"name":"Crime","in":-1.5E+3, "x" : true}, { }]'}, {"genres": ["Crime"]}),
    ({"id_genres": "[80]", "genres": '["Crime"]'}, {"genres": ["Crime"], "genre_ids": [80]}),
    ({"id_genres": '["80"]'}, {"genre_ids": [80]}),
    ({"id_genres": '["80.\u0085"]'}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"id_genres": '["Crime"]'}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"genre_ids": "[80, 18]"}, {"genre_ids": [80, 18]}),
    ({"genre_ids": "80"}, {"genre_ids": None, FAILED: ["genre_ids"]}),
    ({"keywords": '["heist", "la"]'}, {"keywords": ["heist", "la"]}),
    ({"keywords": '[{"id":1,"name":"heist"}]'}, {"keywords": ["heist"]}),
    ({"keywords": '{"keywords":[{"id":1,"name":"heist"}]}'}, {"keywords": ["heist"]}),
    ({"keywords": '{"id":949,"keywords":[{"id":1,"name":"} ]"}]}'}, {"keywords": ["} ]"]}),
    ({"keywords": '{"results":[{"id":1,"name":"heist"}]}'}, {"keywords": ["heist"]}),
    ({"keywords": '{"keywords":[]}'}, {"keywords": []}),
    ({"keywords": '{"cast":[{"id":1}]}'}, {"keywords": None, FAILED: ["keywords"]}),
    ({"keywords": '{"keywords":["heist"]}'}, {FAILED: ["keywords"]}),
    ({"keywords": '{"a":1}'}, {FAILED: ["keywords"]}),
    ({"keywords": "[28]"}, {FAILED: ["keywords"]}),
    ({"vote_count": "x", "popularity": "y", "genres": "z"}, {FAILED: ["popularity", "vote_count", "genres"]}),
]  # fmt: skip


def _differences(
    typed: list[Any], cases: list[tuple[dict[str, str | None], dict[str, Any]]]
) -> list[tuple[Mapping[str, str | None], str, Any, Any]]:
    rows = {row["record_index"]: row for row in typed}
    assert len(rows) == len(cases)
    return [
        (texts, name, rows[index][name], value)
        for index, (texts, expected) in enumerate(cases)
        for name, value in ({FAILED: []} | expected).items()
        if rows[index][name] != value
    ]


def test_every_oddity_of_a_movie(session: SparkSession) -> None:
    records = films(session, MOVIES, [texts for texts, _ in MOVIE_CASES])

    typed = to_columns(records, MOVIES).collect()

    assert _differences(typed, MOVIE_CASES) == []


def test_every_oddity_of_a_series(session: SparkSession) -> None:
    cases: list[tuple[dict[str, str | None], dict[str, Any]]] = [
        ({"series_id": "3"}, {"series_id": 3}),
        ({"series_id": "3", "keywords": '{"results":[{"id":1,"name":"spy"}]}'}, {"keywords": ["spy"]}),
        ({"series_id": "3", "in_production": "true"}, {"in_production": True}),
        ({"series_id": "3", "in_production": "yes"}, {"in_production": None, FAILED: ["in_production"]}),
        ({"series_id": "3", "in_production": ""}, {"in_production": None}),
        ({"series_id": "3", "last_air_date": None, "number_of_seasons": "2"}, {"number_of_seasons": 2}),
    ]
    rows = [framed_row(SERIES, texts, record_index=index) for index, (texts, _) in enumerate(cases)]

    typed = to_columns(framed(session, SERIES, rows), SERIES).collect()

    assert _differences(typed, cases) == []


def test_every_oddity_of_a_csv_line(session: SparkSession) -> None:
    cases: list[tuple[dict[str, str | None], dict[str, Any]]] = [
        ({"id": "tt0000001", "tituloPincipal": '"Quoted'}, {"id": "tt0000001", "tituloPincipal": '"Quoted'}),
        ({"tituloPrincipal": "Heat"}, {"tituloPincipal": "Heat"}),
        ({"tituloPincipal": "", "tituloPrincipal": "Heat"}, {"tituloPincipal": "Heat"}),
        ({"anoLancamento": " 1961", "anoTermino": "1963"}, {"anoLancamento": 1961, "anoTermino": 1963}),
        ({"anoLancamento": None, "profissao": ""}, {"anoLancamento": None, "profissao": None}),
        ({"tempoMinutos": "90.5"}, {"tempoMinutos": None, FAILED: ["tempoMinutos"]}),
        ({"notaMedia": "7.5", "numeroVotos": "12"}, {"notaMedia": 7.5, "numeroVotos": 12}),
        ({"notaMedia": "null"}, {FAILED: ["notaMedia"]}),
        ({"genero": "[not json"}, {"genero": "[not json"}),
    ]
    rows = [framed_row(LOCAL_SERIES, texts, record_index=index) for index, (texts, _) in enumerate(cases)]

    typed = to_columns(framed(session, LOCAL_SERIES, rows), LOCAL_SERIES).collect()

    assert _differences(typed, cases) == []


def test_columns_come_in_contract_order_with_lineage_and_what_framing_said(session: SparkSession) -> None:
    row = framed_row(
        LOCAL,
        {"id": "tt1", "anoLancamento": "x"},
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
        str(column.type) for column in LOCAL.columns
    ]
