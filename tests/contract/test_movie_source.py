"""What every source of films promises (`trustedlake.ports.MovieSource`), tested on each; then the faults of HTTP."""

from __future__ import annotations

import json
import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.ingesting import CRIME_OR_WAR, query, source_of
from tests.support.memory_tmdb import Film, MemoryTmdb
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.tmdb.api import TmdbSource
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.adapters.tmdb.tmdb_errors import retry_after_s
from trustedlake.app.ingesting.tmdb_lists import listing_of
from trustedlake.errors import BusyError, ConfigError, FatalRemoteError
from trustedlake.models.ingest import Order, TmdbList
from trustedlake.models.lake import Entity
from trustedlake.simulators.tmdb import PASSING_KINDS, Fault, TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.ports import MovieSource

MOVIES = listing_of(query(), Order.OLDEST)
LONG_AGO, TODAY = date(1800, 1, 1), date(2100, 1, 1)
WAIT = {"429-seconds": 7.0, "429-date": 7.0}


@pytest.fixture(scope="module")
def sim() -> Iterator[TmdbSimulator]:
    with TmdbSimulator(films=200, series=100, seed=3) as simulator:
        yield simulator


@pytest.fixture(params=["http", "memory"])
def source(request: pytest.FixtureRequest, sim: TmdbSimulator) -> Iterator[MovieSource]:
    if request.param == "memory":
        found = {}
        for number in sim.movie_ids(genres=CRIME_OR_WAR):
            body = sim.movie(number)
            released = date.fromisoformat(body["release_date"]) if body["release_date"] else None
            found[number] = Film(number, released, float(body["popularity"]))
        yield MemoryTmdb(found)
        return
    with source_of(sim) as http:
        yield http


def listing(**changes: object) -> TmdbList:
    return MOVIES.model_copy(update=changes)


@pytest.mark.parametrize("order", [Order.MOST_POPULAR, Order.OLDEST, Order.NEWEST])
def test_the_pages_of_a_list_return_every_film_in_order(source: MovieSource, sim: TmdbSimulator, order: Order) -> None:
    truth = sim.movie_ids(genres=CRIME_OR_WAR)
    first = source.page(listing(order=order), 1)
    assert first.total == len(truth)
    last = -(-first.total // 20)
    pages = [source.page(listing(order=order), number) for number in range(1, last + 2)]
    items = [item for page in pages for item in page.items]
    assert [len(page.items) for page in pages] == [*[20] * (last - 1), first.total - 20 * (last - 1), 0]
    assert {item.id for item in items} == truth
    if order is Order.MOST_POPULAR:
        scores = [item.popularity for item in items]
        assert scores == sorted(scores, reverse=True)
    else:
        days = [sim.movie(item.id)["release_date"] for item in items if item.dated]
        assert days == sorted(days, reverse=order is Order.NEWEST)
        assert {item.id for item in items if not item.dated} == {n for n in truth if not sim.movie(n)["release_date"]}


def test_a_list_between_dates_leaves_out_undated_films(source: MovieSource, sim: TmdbSimulator) -> None:
    for since, until in [(LONG_AGO, TODAY), (date(1990, 1, 1), None), (None, date(1989, 12, 31)), (TODAY, None)]:
        truth = sim.movie_ids(genres=CRIME_OR_WAR, released_from=since or LONG_AGO, released_to=until or TODAY)
        page = source.page(listing(released_from=since, released_to=until), 1)
        assert page.total == len(truth)
        assert {item.id for item in page.items} <= truth
        assert all(item.dated for item in page.items)


def test_a_record_is_one_line_of_json_with_its_id(source: MovieSource, sim: TmdbSimulator) -> None:
    for number in sorted(sim.movie_ids(genres=CRIME_OR_WAR))[:20]:
        body = source.record(Entity.MOVIES, number, "en-US")
        assert body is not None
        assert json.loads(body.decode("utf-8"))["id"] == number
        assert not set(b"\r\n") & set(body)


def test_an_unknown_film_is_none(source: MovieSource) -> None:
    assert source.record(Entity.MOVIES, 987_654_321, "en-US") is None


def test_asking_for_page_501_is_an_error_of_the_caller(source: MovieSource) -> None:
    with pytest.raises(FatalRemoteError):
        source.page(MOVIES, 501)


def test_a_full_record_with_keywords_takes_one_call_and_is_kept_as_sent(sim: TmdbSimulator) -> None:
    film, series = min(sim.movie_ids()), min(sim.series_ids())
    with source_of(sim) as http:
        before = len(sim.calls)
        assert json.loads(http.record(Entity.MOVIES, film, "en-US") or b"") == sim.movie(film)
        assert json.loads(http.record(Entity.SERIES, series, "en-US") or b"") == sim.tv(series)
        assert [path for path, _, _ in sim.calls[before:]] == [f"/3/movie/{film}", f"/3/tv/{series}"]


@pytest.mark.parametrize(("match", "genres"), [("any", (80, 10768)), ("all", (18, 80))])
def test_series_are_listed_by_genre(sim: TmdbSimulator, match: str, genres: tuple[int, ...]) -> None:
    asked = listing(entity=Entity.SERIES, genres=genres, match=match)
    with source_of(sim) as http:
        total = http.page(asked, 1).total
        assert total == len(sim.series_ids(genres=genres, match=match))  # type: ignore[arg-type]
        assert 0 < total < 100


@pytest.mark.parametrize("kind", PASSING_KINDS)
def test_each_temporary_fault_is_a_busy_error_and_the_next_call_succeeds(kind: str) -> None:
    faults = [Fault(kind=kind, at={1}, seconds=7 if kind in WAIT else 3)]
    with TmdbSimulator(films=60, faults=faults) as sim, source_of(sim, read_s=1 if kind == "slow" else 20) as http:
        number = min(sim.movie_ids())
        if kind == "wrong-content-type":
            assert http.record(Entity.MOVIES, number, "en-US"), "the body is right, whatever it is called"
            return
        with pytest.raises(BusyError) as failure:
            http.record(Entity.MOVIES, number, "en-US")
        assert f"/movie/{number}: " in failure.value.message
        assert failure.value.wait_s == WAIT.get(kind) or failure.value.wait_s == pytest.approx(WAIT.get(kind), abs=1.1)
    with TmdbSimulator(films=60, faults=faults) as sim, source_of(sim, read_s=1 if kind == "slow" else 20) as http:
        with pytest.raises(BusyError):
            http.page(MOVIES, 1)
        assert http.page(MOVIES, 1).total == len(sim.movie_ids(genres=CRIME_OR_WAR))


def test_connections_are_limited_reused_and_closed() -> None:
    with TmdbSimulator(films=300, latency_ms=2) as sim:
        with source_of(sim, connections=3) as http, ThreadPoolExecutor(10) as threads:
            bodies = list(threads.map(lambda n: http.record(Entity.MOVIES, n, "en-US"), sorted(sim.movie_ids())[:200]))
        assert all(bodies)
        assert sim.connections <= 3


def test_a_refused_connection_is_a_busy_error() -> None:
    with TmdbSimulator(films=1) as sim:
        url = sim.url
    with TmdbSource(url, TmdbKey("test-token"), SystemClock()) as http, pytest.raises(BusyError) as failure:
        http.page(MOVIES, 1)
    assert failure.value.message == f"GET {url}/discover/movie: Connection refused"


@pytest.mark.parametrize(("kind", "said"), [("401", "TMDB refused the key"), ("403", "the key has no rights")])
def test_a_refused_key_is_fatal(kind: str, said: str) -> None:
    with TmdbSimulator(films=9, faults=[Fault(kind=kind)]) as sim, source_of(sim) as http:
        with pytest.raises(FatalRemoteError, match=said):
            http.page(MOVIES, 1)
        with pytest.raises(FatalRemoteError, match=said):
            http.record(Entity.MOVIES, 1, "en-US")


def test_a_404_about_anything_but_a_film_is_fatal(sim: TmdbSimulator) -> None:
    wrong = sim.url.removesuffix("/3") + "/elsewhere/3"
    with TmdbSource(wrong, TmdbKey("test-token"), SystemClock()) as http, pytest.raises(FatalRemoteError) as failure:
        http.page(MOVIES, 1)
    assert "--tmdb-url" in failure.value.hint


class TestTheKey:
    SECRET = "s3cret+key/with=signs"

    def test_an_api_key_opens_the_source(self) -> None:
        with TmdbSimulator(films=60, api_key=self.SECRET) as sim:
            key = TmdbKey(self.SECRET, is_token=False)
            with TmdbSource(sim.url, key, SystemClock()) as http:
                assert http.page(MOVIES, 1).total > 0
                assert http.record(Entity.MOVIES, min(sim.movie_ids()), "en-US")

    @pytest.mark.parametrize("is_token", [True, False])
    def test_the_key_appears_in_no_error_no_log_and_no_repr(
        self, caplog: pytest.LogCaptureFixture, is_token: bool
    ) -> None:
        caplog.set_level(logging.DEBUG)
        key = TmdbKey(self.SECRET, is_token=is_token)
        shown = [repr(key), str(key)]
        faults = [Fault(kind=kind, at={place}) for place, kind in enumerate(PASSING_KINDS, 1) if kind != "slow"]
        with TmdbSimulator(films=60, faults=faults, token="another", api_key="another") as sim:
            with TmdbSource(sim.url, key, SystemClock()) as http:
                for _ in range(len(PASSING_KINDS) + 2):
                    with pytest.raises((BusyError, FatalRemoteError)) as failure:
                        http.page(MOVIES, 1)
                    shown += traceback.format_exception(failure.value)
                    shown += [repr(failure.value), failure.value.hint]
                    assert failure.value.__cause__ is None
                    assert failure.value.__context__ is None or self.SECRET not in str(failure.value.__context__)
            url = sim.url
        with TmdbSource(url, key, SystemClock()) as http, pytest.raises(BusyError) as refused:
            http.page(MOVIES, 1)
        shown += traceback.format_exception(refused.value)
        assert "GET /3/discover/movie" in caplog.text, "the library did log its calls"
        for form in (self.SECRET, "s3cret%2Bkey%2Fwith%3Dsigns"):
            assert form not in "".join(shown)
            assert form not in caplog.text

    def test_a_netrc_file_does_not_replace_the_key(
        self, tmp_path: object, monkeypatch: pytest.MonkeyPatch, sim: TmdbSimulator
    ) -> None:
        netrc = f"{tmp_path}/netrc"
        with open(netrc, "w") as out:  # noqa: PTH123
            out.write("machine 127.0.0.1 login someone password else\n")
        monkeypatch.setenv("NETRC", netrc)
        with source_of(sim) as http:
            assert http.page(MOVIES, 1).total > 0

    @pytest.mark.parametrize("wrong", ["", "with blank", "line\nend", "acentuação"])
    def test_a_key_that_fits_no_header_is_refused_without_being_shown(self, wrong: str) -> None:
        with pytest.raises(ConfigError, match="TMDB_TOKEN can't be a key") as refused:
            TmdbKey(wrong)
        assert not wrong or wrong not in str(refused.value)

    def test_an_api_key_given_as_the_token_gets_a_hint(self, sim: TmdbSimulator) -> None:
        with source_of(sim, token="0123456789abcdef" * 2) as http, pytest.raises(FatalRemoteError) as refused:
            http.page(MOVIES, 1)
        assert "goes into TMDB_API_KEY" in refused.value.hint


def test_retry_after_is_read_as_seconds_or_as_a_date() -> None:
    now = datetime(2026, 6, 17, 12, tzinfo=UTC)
    cases: list[tuple[dict[str, str], float | None]] = [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0 "}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "-3"}, 0),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Wed, 17 Jun 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Wed, 17 Jun 2026 11:00:00 GMT"}, 0),
        # This side's clock is an hour late: the answer's own Date counts.
        ({"Retry-After": "Wed, 17 Jun 2026 13:00:09 GMT", "Date": "Wed, 17 Jun 2026 13:00:00 GMT"}, 9),
        ({"Retry-After": "Wed, 17 Jun 2026 12:00:30 GMT", "Date": "garbage"}, 30),
    ]
    assert [retry_after_s(headers, now) for headers, _ in cases] == [expected for _, expected in cases]
