"""The offline TMDB's endpoints: paging, keys, errors, the log of calls."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
import requests

from tests.support.tmdb_calls import caller, pages
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

FILM = "/movie/{}?append_to_response=keywords"


@pytest.fixture(scope="module")
def simulator() -> Iterator[TmdbSimulator]:
    with TmdbSimulator(films=150, series=45) as simulator:
        yield simulator


@pytest.mark.parametrize(
    ("query", "truth"),
    [
        ("/discover/movie", lambda sim: sim.movie_ids()),
        ("/discover/movie?with_genres=80|10752", lambda sim: sim.movie_ids(genres={80, 10752})),
        ("/discover/movie?with_genres=80,10752", lambda sim: sim.movie_ids(genres={80, 10752}, match="all")),
        (
            "/discover/movie?with_genres=18&primary_release_date.gte=1990-01-01&primary_release_date.lte=2009-12-31"
            "&sort_by=primary_release_date.asc&language=pt-BR&include_adult=false&include_video=false",
            lambda sim: sim.movie_ids({18}, "any", date(1990, 1, 1), date(2009, 12, 31)),
        ),
        ("/discover/tv?with_genres=80|10768", lambda sim: sim.series_ids(genres={80, 10768})),
        ("/discover/tv?first_air_date.gte=2000-01-01", lambda sim: sim.series_ids(released_from=date(2000, 1, 1))),
    ],
)
def test_the_pages_of_a_query_have_each_expected_item_once(simulator: TmdbSimulator, query: str, truth: Any) -> None:
    with caller(simulator) as call:
        bodies = list(pages(call, query, separator="&" if "?" in query else "?"))
    found = [item["id"] for body in bodies for item in body["results"]]
    assert sorted(found) == sorted(truth(simulator))
    assert {len(body["results"]) for body in bodies[:-1]} <= {20}
    assert {(body["total_pages"], body["total_results"]) for body in bodies} == {(len(bodies), len(found))}
    assert [body["page"] for body in bodies] == list(range(1, len(bodies) + 1))


def test_only_500_pages_exist_but_the_totals_count_everything() -> None:
    with TmdbSimulator(films=10_030, series=0) as simulator, caller(simulator) as call:
        last = call("/discover/movie?page=500").json()
        beyond = call("/discover/movie?page=501")
        none = call("/discover/tv").json()
    assert len(last["results"]) == 20
    assert (last["total_pages"], last["total_results"]) == (502, 10_030)
    assert beyond.status_code == 400
    assert none == {"page": 1, "results": [], "total_pages": 1, "total_results": 0}


def test_details_return_the_body_of_the_catalogue(simulator: TmdbSimulator) -> None:
    with caller(simulator) as call:
        for number in sorted(simulator.movie_ids())[:20]:
            answer = call(FILM.format(number))
            assert answer.json() == simulator.movie(number)
            assert answer.content == json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":")).encode()
        for number in sorted(simulator.series_ids())[:20]:
            assert call(f"/tv/{number}?append_to_response=keywords").json() == simulator.tv(number)
    with pytest.raises(KeyError):
        simulator.movie(1)


def test_genres_are_those_of_tmdb(simulator: TmdbSimulator) -> None:
    with caller(simulator) as call:
        films, series = (call(f"/genre/{entity}/list").json()["genres"] for entity in ("movie", "tv"))
    assert len(films) == 19
    assert len(series) == 16
    assert {"id": 10752, "name": "War"} in films
    assert {"id": 10768, "name": "War & Politics"} in series
    assert 10752 not in {genre["id"] for genre in series}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/discover/movie?page=0", 400, 22),
        ("/discover/movie?page=501", 400, 22),
        ("/discover/movie?page=two", 400, 22),
        ("/discover/movie?page=²", 400, 22),
        ("/discover/movie?primary_release_date.gte=2020-13-01", 400, 23),
        ("/discover/movie?primary_release_date.lte=20200101", 400, 23),
        ("/discover/movie?sort_by=popularity", 422, 5),
        ("/discover/movie?sort_by=first_air_date.asc", 422, 5),
        ("/discover/movie?with_genres=War", 422, 5),
        ("/discover/movie?with_genres=80|18,35", 422, 5),
        ("/discover/movie?with_cast=3", 501, 2),
        ("/discover/tv?primary_release_date.gte=2020-01-01", 501, 2),
        ("/movie/1", 404, 34),
        ("/movie/1/keywords", 404, 34),
        ("/movie/999999999999", 404, 34),
        ("/movie/abc", 404, 34),
        ("/tv/1", 404, 34),
        ("/person/5", 404, 34),
        ("", 404, 34),
        ("/movie/12?append_to_response=credits", 501, 2),
        ("/movie/12?append_to_response=" + ",".join(f"a{n}" for n in range(21)), 400, 27),
    ],
)
def test_a_wrong_call_gets_the_error_of_tmdb(simulator: TmdbSimulator, path: str, status: int, code: int) -> None:
    with caller(simulator) as call:
        answer = call(path)
    assert answer.status_code == status
    body = answer.json()
    assert body.pop("status_message")
    assert body == {"success": False, "status_code": code}


@pytest.mark.parametrize(
    ("header", "key", "status"),
    [
        ("Bearer test-token", None, 200),
        (None, "test-key", 200),
        ("Bearer wrong", "test-key", 200),
        ("Bearer wrong", None, 401),
        ("Basic test-token", None, 401),
        ("test-token", None, 401),
        ("Bearer test-key", None, 401),
        (None, "test-token", 401),
        (None, "", 401),
        (None, None, 401),
    ],
)
@pytest.mark.parametrize("path", ["/authentication", "/nothing/there"])
def test_the_token_or_the_key_gives_access(
    simulator: TmdbSimulator, path: str, header: str | None, key: str | None, status: int
) -> None:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": header} if header else {}
        answer = session.get(simulator.url + path, params={"api_key": key}, headers=headers, timeout=10)
    assert answer.status_code == (404 if status == 200 and path != "/authentication" else status)
    if status == 401:
        assert answer.json()["status_code"] == 7


def test_other_methods_are_refused(simulator: TmdbSimulator) -> None:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.post(f"{simulator.url}/movie/12", json={"value": 8}, timeout=10)
    assert (answer.status_code, answer.json()["status_code"]) == (405, 42)


def test_calls_are_recorded_without_the_key() -> None:
    with TmdbSimulator(films=30) as simulator, caller(simulator) as call:
        call("/discover/movie?with_genres=80&page=1")
        call("/movie/1?api_key=test-key&language=en-US")
        call("/configuration")
        assert simulator.calls == [
            ("/3/discover/movie", {"with_genres": "80", "page": "1"}, 200),
            ("/3/movie/1", {"language": "en-US"}, 404),
            ("/3/configuration", {}, 200),
        ]
        assert simulator.count("/movie/") == simulator.count("/3/movie/") == 1
        assert simulator.count("/") == 3
        assert simulator.connections == 1
