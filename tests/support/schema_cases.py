"""Raw values of films and their typed values: every oddity of real files, one row per case."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from tests.support.framed import frame
from tests.support.frames import framed
from trustedlake.models.built_in import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyspark.sql import DataFrame, SparkSession

    from trustedlake.models.contract import Contract


FILM = {"title": "Heat"}
SHOW = {"name": "Heat", "first_air_date": "2024-03-05"}

ODD_TEXT = 'line\nbreak, nbsp\u00a0, “quotes” and "quotes", 東京 \\'

Cases = list[tuple[dict[str, str | None], dict[str, Any]]]

WRONG = "wrong"
"""Problems that framing found, then columns whose cast failed."""

# texts by source key -> what the named columns come to; WRONG is [] unless it is named
MOVIE_CASES: Cases = [
    ({"id": "10.0"}, {"movie_id": 10}),
    ({"id": "10.7"}, {"movie_id": None, WRONG: ["movie_id|type"]}),
    ({"id": None, "tmdb_id": "7"}, {"movie_id": 7}),
    ({"id": None, "ID": "8"}, {"movie_id": 8}),
    ({"id": "5", "movie_id": ""}, {"movie_id": 5}),
    ({"id": "5", "movie_id": "  "}, {"movie_id": 5}),
    ({"id": "5", "movie_id": "6"}, {WRONG: ["movie_id|conflict"]}),
    ({"id": "5", "movie_id": "5.0"}, {"movie_id": 5}),
    ({"id": "5", "movie_id": "six"}, {"movie_id": None, WRONG: ["movie_id|type"]}),
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
    ({"popularity": "1d"}, {"popularity": None, WRONG: ["popularity|type"]}),
    ({"popularity": "NaN"}, {"popularity": None, WRONG: ["popularity|type"]}),
    ({"vote_count": "5k"}, {"vote_count": None, WRONG: ["vote_count|type"]}),
    ({"vote_count": ""}, {"vote_count": None}),
    ({"vote_count": "1e3"}, {"vote_count": None, WRONG: ["vote_count|type"]}),
    ({"release_date": ""}, {"release_date": None}),
    ({"release_date": " 2024-03-05\n"}, {"release_date": date(2024, 3, 5)}),
    ({"release_date": "-95904000000"}, {"release_date": date(1966, 12, 18)}),
    ({"release_date": "2024-3-1"}, {"release_date": None, WRONG: ["release_date|type"]}),
    ({"revenue": "2923706026", "budget": "0"}, {"revenue": 2_923_706_026, "budget": 0}),
    ({"runtime": "2923706026"}, {"runtime": None, WRONG: ["runtime|type"]}),
    ({"runtime": None}, {"runtime": None}),
    ({"runtime": "[90]"}, {"runtime": None, WRONG: ["runtime|type"]}),
    ({"collection": "Heat Collection"}, {"collection": "Heat Collection"}),
    ({"collection": '{"id": 3, "name": "Heat Collection"}'}, {"collection": "Heat Collection", "collection_id": None}),
    ({"collection": "[REC] Collection"}, {"collection": "[REC] Collection"}),
    ({"collection": "{Proof}"}, {"collection": "{Proof}"}),
    ({"collection": ""}, {"collection": ""}),
    ({"collection": '["Heat Collection"]'}, {WRONG: ["collection|type"]}),
    ({"belongs_to_collection": None}, {"collection": None, "collection_id": None}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat"}'}, {"collection": "Heat", "collection_id": 9}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat","parts":[{"id":1}]}'}, {"collection_id": 9}),
    ({"belongs_to_collection": '{"id":9,"name":"Heat"}}'}, {"collection": None, WRONG: ["collection|type"]}),
    ({"belongs_to_collection": "{}"}, {"collection": None, "collection_id": None}),
    ({"belongs_to_collection": "Heat"}, {"collection": None, WRONG: ["collection|type"]}),
    ({"belongs_to_collection": '{"id":"9k","name":"Heat"}'}, {"collection": "Heat", WRONG: ["collection_id|type"]}),
    ({"id_collection": "4", "belongs_to_collection": '{"id":9}'}, {"collection_id": 4}),
    ({"genres": '["Crime","War"]'}, {"genres": ["Crime", "War"], "genre_ids": None}),
    ({"genres": '[{"id":80,"name":"Crime"},{"id":1,"name":"TV"}]'}, {"genres": ["Crime", "TV"], "genre_ids": [80, 1]}),
    ({"genres": "[80, 10752]"}, {"genres": None, "genre_ids": [80, 10752]}),
    ({"genres": "[80.0]"}, {"genres": None, "genre_ids": [80]}),
    ({"genre_ids": "[80, 1e8]"}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"genre_ids": "[ 80 ,null, 12345678901.0 ]"}, {"genre_ids": [80, None, 12_345_678_901]}),
    ({"genre_ids": "[80,,18]"}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"genres": "[80.5]"}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"genres": "[]"}, {"genres": [], "genre_ids": []}),
    ({"genres": "[ ]"}, {"genres": [], "genre_ids": []}),
    ({"genres": None}, {"genres": None, "genre_ids": None}),
    ({"genres": ""}, {"genres": None, "genre_ids": None}),
    ({"genres": '["Crime", null]'}, {"genres": ["Crime", None]}),
    ({"genres": "[null]"}, {"genres": [None], "genre_ids": [None]}),
    ({"genres": '[80, null]'}, {"genre_ids": [80, None]}),
    ({"genres": '[{"id":80,"name":"Crime"}, null]'}, {"genres": ["Crime", None], "genre_ids": [80, None]}),
    ({"genres": '[{"id":80,"name":"Crime"}, {"id":1}]'}, {"genres": ["Crime", None], "genre_ids": [80, 1]}),
    ({"genres": '[{"name":"Crime"}]'}, {"genres": ["Crime"], "genre_ids": None}),
    ({"genres": '[{"id":80}]'}, {"genres": None, "genre_ids": [80]}),
    ({"genres": '[{"id":"5k","name":"Crime"}]'}, {"genres": ["Crime"], "genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"genres": '["Crime \\"x\\" \\u00e9, [a] {b}"]'}, {"genres": ['Crime "x" é, [a] {b}']}),
    ({"genres": '["back\\\\", "slash"]'}, {"genres": ["back\\", "slash"]}),
    ({"genres": "Crime"}, {"genres": None, WRONG: ["genres|type"]}),
    ({"genres": "80"}, {WRONG: ["genres|type"]}),
    ({"genres": "[Crime, War]"}, {WRONG: ["genres|type"]}),
    ({"genres": "['Crime']"}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime"] tail'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime"]\\n'}, {WRONG: ["genres|type"]}),
    ({"genres": "[80]\\n"}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime" "War"]'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime"'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime", 80]'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime", {"id":1}]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[{"id":1,"name":"a"}, "Crime"]'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime", ["War"]]'}, {WRONG: ["genres|type"]}),
    ({"genres": "[true]"}, {WRONG: ["genres|type"]}),
    ({"genres": '{"name":"Crime"}'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Crime",]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[,"Crime"]'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Cr\\x"]'}, {WRONG: ["genres|type"]}),
    ({"genres": '["Cr\nime"]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[{"id":80,"name":"Crime"},]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[{"id":80,"name":"Crime",}]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[{"id":80 "name":"Crime"}]'}, {WRONG: ["genres|type"]}),
    ({"genres": '[{"id":80,"name":"Crime","in":[1]}]'}, {"genres": ["Crime"], "genre_ids": [80]}),
    ({"genres": '[{"id":80,"name":"Crime","in":-1.5E+3, "x" : true}, { }]'},
     {"genres": ["Crime", None], "genre_ids": [80, None]}),
    ({"id_genres": "[80]", "genres": '["Crime"]'}, {"genres": ["Crime"], "genre_ids": [80]}),
    ({"id_genres": '["80"]'}, {"genre_ids": [80]}),
    ({"id_genres": '["80.\u0085"]'}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"id_genres": '["Crime"]'}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"genre_ids": "[80, 18]"}, {"genre_ids": [80, 18]}),
    ({"genre_ids": "80"}, {"genre_ids": None, WRONG: ["genre_ids|type"]}),
    ({"keywords": '["heist", "la"]'}, {"keywords": ["heist", "la"]}),
    ({"keywords": '[{"id":1,"name":"heist"}]'}, {"keywords": ["heist"]}),
    ({"keywords": '{"keywords":[{"id":1,"name":"heist"}]}'}, {"keywords": ["heist"]}),
    ({"keywords": '{"id":949,"keywords":[{"id":1,"name":"} ]"}]}'}, {"keywords": ["} ]"]}),
    ({"keywords": '{"results":[{"id":1,"name":"heist"}]}'}, {"keywords": ["heist"]}),
    ({"keywords": '{"keywords":[]}'}, {"keywords": []}),
    ({"keywords": '{"cast":[{"id":1}]}'}, {"keywords": None, WRONG: ["keywords|type"]}),
    ({"keywords": '{"keywords":["heist"]}'}, {WRONG: ["keywords|type"]}),
    ({"keywords": '{"a":1}'}, {WRONG: ["keywords|type"]}),
    ({"keywords": "[28]"}, {"keywords": ["28"]}),
    ({"vote_count": "x", "popularity": "y", "genres": "z"},
     {WRONG: ["popularity|type", "vote_count|type", "genres|type"]}),
]  # fmt: skip


def framed_cases(session: SparkSession, contract: Contract, cases: Cases) -> DataFrame:
    """One framed row for each case, numbered in order."""
    return framed(session, contract, [_framed_case(contract, texts, n) for n, (texts, _) in enumerate(cases)])


def _framed_case(contract: Contract, texts: Mapping[str, str | None], index: int) -> dict[str, Any]:
    """The framed row of one record: a text that is a JSON list or object stands in the file as one, others as text."""
    if contract.format == "csv":
        keys = {"id": "tt1", **texts}
        lines = "|".join(keys), "|".join(r"\N" if text is None else text for text in keys.values())
        (row,) = frame("\n".join(lines), "lines.csv", contract.framing()).rows
    else:
        members = {"id": "11", **(FILM if contract is CONTRACTS["tmdb_movies"] else SHOW), **texts}
        told = ", ".join(f"{json.dumps(key)}: {_json(text)}" for key, text in members.items())
        (row,) = frame(f"{{{told}}}", "films.json", contract.framing()).rows
    return row | {"record_index": index, "rescued": dict(row["rescued"] or ()) or None}


def _json(text: str | None) -> str:
    try:
        is_nested = isinstance(json.loads(text or ""), list | dict)
    except ValueError:
        is_nested = False
    return str(text) if is_nested else json.dumps(text)
