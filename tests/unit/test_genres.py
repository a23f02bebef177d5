"""Genres as users name them, and the ten fields of a curated record."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from trustedlake.app.ingesting.fetch import curated_movie, curated_series
from trustedlake.core.genres import genre_numbers
from trustedlake.errors import ConfigError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import Entity
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Callable

MOVIES, SERIES = Entity.MOVIES, Entity.SERIES


def test_genres_are_given_by_name_or_number() -> None:
    cases: list[tuple[str, Entity, tuple[int, ...]]] = [
        ("80,10752", MOVIES, (80, 10752)),
        ("War, crime", MOVIES, (80, 10752)),
        ("WAR,war,10752", MOVIES, (10752,)),
        ("science fiction", MOVIES, (878,)),
        ("sci-fi & fantasy,80,", SERIES, (80, 10765)),
        ("War & Politics", SERIES, (10768,)),
    ]
    assert [genre_numbers(text, entity) for text, entity, _ in cases] == [(expected, []) for *_, expected in cases]


@pytest.mark.parametrize("war", ["War", "war", "10752"])
def test_war_means_war_and_politics_for_series_and_gets_a_note(war: str) -> None:
    assert genre_numbers(f"80,{war}", SERIES) == ((80, 10768), ["War is 'War & Politics' (10768) for series"])


@pytest.mark.parametrize(
    ("text", "entity", "hint"),
    [
        ("Crimes", MOVIES, "did you mean 'Crime'"),
        ("Triller", MOVIES, "did you mean 'Thriller'"),
        ("80,Wars", MOVIES, "did you mean 'War'"),
        ("Action", SERIES, "did you mean 'Action & Adventure'"),
        ("Fantasy", SERIES, "did you mean 'Sci-Fi & Fantasy'"),
        ("9999", MOVIES, "Action (28), Adventure (12)"),
        ("10765", MOVIES, "Action (28)"),
        ("xyz", SERIES, "War & Politics (10768)"),
        ("", MOVIES, "give names or numbers"),
        (" , ", MOVIES, "give names or numbers"),
    ],
)
def test_an_unknown_genre_is_refused_with_a_suggestion(text: str, entity: Entity, hint: str) -> None:
    with pytest.raises(ConfigError) as error:
        genre_numbers(text, entity)
    assert hint in error.value.hint


def body(**changes: Any) -> bytes:
    film: dict[str, Any] = {
        "id": 11,
        "title": "Ação",
        "overview": "a\nb",
        "release_date": "",
        "popularity": 1,
        "vote_average": 0,
        "vote_count": 0,
        "revenue": 2_923_706_026,
        "belongs_to_collection": {"id": 5, "name": "The Lot"},
        "genres": [{"id": 80, "name": "Crime"}, {"id": 18, "name": "Drama"}],
        "keywords": {"keywords": [{"id": 1, "name": "heist"}], "results": [{"id": 2, "name": "finale"}]},
    }
    return json.dumps(film | changes).encode()


def test_a_curated_film_has_the_ten_fields() -> None:
    assert json.loads(curated_movie(body())) == {
        "movie_id": 11,
        "title": "Ação",
        "overview": "a\nb",
        "release_date": "",
        "popularity": 1,
        "vote_average": 0,
        "vote_count": 0,
        "collection": "The Lot",
        "genres": ["Crime", "Drama"],
        "keywords": ["heist"],
    }
    assert "Ação".encode() in curated_movie(body())
    assert b"\n" not in curated_movie(body())


def test_fields_that_tmdb_did_not_send_are_null_or_empty() -> None:
    film = json.loads(curated_movie(body(belongs_to_collection=None, genres=[], keywords={"keywords": []})))
    assert (film["collection"], film["genres"], film["keywords"]) == (None, [], [])
    bare = json.loads(curated_movie(b'{"id": 4}'))
    assert [key for key, value in bare.items() if value] == ["movie_id"]


def test_half_a_surrogate_pair_becomes_the_replacement_character() -> None:
    assert (
        json.loads(curated_movie(b'{"id": 4, "title": "a\\ud83cb \\ud83c\\udfac"}'))["title"] == "a\ufffdb \U0001f3ac"
    )


@pytest.mark.parametrize(("table", "curated"), [("tmdb_movies", curated_movie), ("tmdb_series", curated_series)])
def test_the_ten_fields_are_those_of_the_original_job_in_order(table: str, curated: Callable[[bytes], bytes]) -> None:
    original = [column.name for column in CONTRACTS[table].columns][:10]
    assert list(json.loads(curated(body()))) == original


def test_keywords_of_series_are_read_from_results() -> None:
    with TmdbSimulator(films=0, series=40) as sim:
        bodies = [sim.tv(number) for number in sim.series_ids()]
    assert any(one["keywords"]["results"] for one in bodies)
    for one in bodies:
        record = json.loads(curated_series(json.dumps(one).encode()))
        assert record["keywords"] == [keyword["name"] for keyword in one["keywords"]["results"]]
        assert record["series_id"] == one["id"]
