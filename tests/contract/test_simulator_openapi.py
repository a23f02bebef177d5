"""The offline TMDB answers as TMDB's official description says."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.support.described import DESCRIPTION, differences, schema
from tests.support.tmdb_calls import caller
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

NULL: type = type(None)

# The description was derived from examples and knows no null. Real answers have these; its own examples have the
# fractions and the logo.
REAL: dict[str, dict[str, set[type]]] = {
    "/3/movie/{movie_id}": {
        ".backdrop_path": {NULL},
        ".poster_path": {NULL},
        ".belongs_to_collection": {NULL},
        ".belongs_to_collection.poster_path": {NULL},
        ".belongs_to_collection.backdrop_path": {NULL},
        ".imdb_id": {NULL},
        ".runtime": {NULL},
        ".production_companies[].logo_path": {NULL},
    },
    "/3/tv/{series_id}": {
        ".backdrop_path": {NULL},
        ".poster_path": {NULL},
        ".created_by[].profile_path": {NULL},
        ".last_air_date": {NULL},
        ".last_episode_to_air": {NULL},
        ".last_episode_to_air.runtime": {NULL},
        ".last_episode_to_air.still_path": {NULL},
        ".networks[].logo_path": {NULL},
        ".production_companies[].logo_path": {NULL},
        ".seasons[].air_date": {NULL},
        ".seasons[].poster_path": {NULL},
        ".seasons[].vote_average": {float},
    },
    "/3/discover/movie": {".results[].backdrop_path": {NULL}, ".results[].poster_path": {NULL}},
    "/3/discover/tv": {
        ".results[].backdrop_path": {NULL},
        ".results[].poster_path": {NULL},
        ".results[].vote_average": {float},
    },
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[TmdbSimulator]:
    with TmdbSimulator(films=400, series=200) as simulator:
        yield simulator


def calls(simulator: TmdbSimulator, path: str) -> list[str]:
    """Calls that stand for an endpoint: all items, all pages."""
    if "{movie_id}" in path:
        return [path.format(movie_id=number) for number in sorted(simulator.movie_ids())]
    if "{series_id}" in path:
        return [path.format(series_id=number) for number in sorted(simulator.series_ids())]
    return [f"{path}?page={page}" for page in range(1, 12)] if "discover" in path else [path]


def discover_parameters(entity: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = DESCRIPTION["paths"][f"/3/discover/{entity}"]["get"]["parameters"]
    return found


@cache
def answered(simulator: TmdbSimulator, path: str) -> list[Any]:
    with caller(simulator) as call:
        answers = [call(one.removeprefix("/3")) for one in calls(simulator, path)]
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.headers["Content-Type"] for answer in answers} == {"application/json;charset=utf-8"}
    return [answer.json() for answer in answers]


@pytest.mark.parametrize("path", sorted(DESCRIPTION["paths"]))
def test_every_answer_matches_the_openapi_description(simulator: TmdbSimulator, path: str) -> None:
    bodies = answered(simulator, path)
    found = {difference for body in bodies for difference in differences(schema(path), body, but=REAL.get(path, {}))}
    assert found == set()


@pytest.mark.parametrize("path", sorted(REAL))
def test_answers_have_the_undocumented_fields_of_real_answers(simulator: TmdbSimulator, path: str) -> None:
    bodies = answered(simulator, path)
    found = {place for body in bodies for place, _ in differences(schema(path), body, but={})}
    assert found == REAL[path].keys()


def test_appended_keywords_equal_the_keywords_endpoint_without_the_id(simulator: TmdbSimulator) -> None:
    with caller(simulator) as call:
        for entity, numbers in (("movie", simulator.movie_ids()), ("tv", simulator.series_ids())):
            for number in sorted(numbers)[:30]:
                plain = call(f"/{entity}/{number}").json()
                appended = call(f"/{entity}/{number}?append_to_response=keywords").json()
                keywords = call(f"/{entity}/{number}/keywords").json()
                assert keywords.pop("id") == number
                assert appended == {**plain, "keywords": keywords}


def test_a_wrong_key_is_answered_as_described(simulator: TmdbSimulator) -> None:
    answer = requests.get(f"{simulator.url}/authentication", params={"api_key": "wrong"}, timeout=10)
    assert answer.status_code == 401
    assert list(differences(schema("/3/authentication", 401), answer.json(), but={})) == []
    assert answer.json()["status_code"] == 7


@pytest.mark.parametrize("entity", ["movie", "tv"])
def test_each_documented_sort_order_is_accepted_and_sorts(simulator: TmdbSimulator, entity: str) -> None:
    parameters = {
        one["name"]: one["schema"] for one in DESCRIPTION["paths"][f"/3/discover/{entity}"]["get"]["parameters"]
    }
    dates = {"primary_release_date": "release_date", "revenue": "id"}
    with caller(simulator) as call:
        for sorting in parameters["sort_by"]["enum"]:
            name, direction = sorting.split(".")
            results = call(f"/discover/{entity}?sort_by={sorting}").json()["results"]
            keys = [one[dates.get(name, name)] for one in results]
            if name == "revenue":
                keys = [simulator.movie(number)["revenue"] for number in keys]
            assert keys == sorted(keys, reverse=direction == "desc"), sorting


@pytest.mark.parametrize("entity", ["movie", "tv"])
def test_an_unsupported_parameter_is_refused_instead_of_ignored(simulator: TmdbSimulator, entity: str) -> None:
    values = {"sort_by": "popularity.asc", "page": "1", "include_null_first_air_dates": "true", "with_genres": "80"}
    taken = set()
    with caller(simulator) as call:
        for one in discover_parameters(entity):
            name = one["name"]
            value = values.get(name, "2000-01-01" if re.search("date|year", name) else "1")
            answer = call(f"/discover/{entity}?{name}={value}")
            assert answer.status_code in {200, 501}, name
            if answer.status_code == 200:
                taken.add(name)
            else:
                assert name in answer.json()["status_message"]
    by = "primary_release_date" if entity == "movie" else "first_air_date"
    both = {"include_adult", "language", "page", "sort_by", "with_genres", f"{by}.gte", f"{by}.lte"}
    assert taken == both | ({"include_video"} if entity == "movie" else {"include_null_first_air_dates"})
