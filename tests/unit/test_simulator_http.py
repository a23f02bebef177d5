"""The offline TMDB as a server: faults on the wire, drift, latency, connections, shutdown."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.support.tmdb_calls import caller, pages
from trustedlake.simulators.tmdb import KINDS, Fault, TmdbSimulator

if TYPE_CHECKING:
    from trustedlake.simulators.faults import Kind

FILM = "/movie/{}?append_to_response=keywords"
ASK_FOR_A_SERIES = b"GET /3/tv/1 HTTP/1.1\r\nHost: x\r\n\r\n"


def port_of(simulator: TmdbSimulator) -> int:
    """The port that it listens on."""
    port = urlsplit(simulator.url).port
    assert port is not None
    return port


def connected(port: int) -> socket.socket:
    """A bare connection to a simulator, to be closed."""
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def outcome(call: Any, path: str) -> tuple[object, ...]:
    """Status, whether the body is JSON, Retry-After, content type; or the name of what requests raised."""
    try:
        answer = call(path)
    except requests.RequestException as error:
        return (type(error).__name__,)
    try:
        answer.json()
    except ValueError:
        is_json = False
    else:
        is_json = True
    return answer.status_code, is_json, answer.headers.get("Retry-After"), answer.headers["Content-Type"].split(";")[0]


JSON, HTML = "application/json", "text/html"
STRUCK: dict[Kind, tuple[object, ...]] = {
    "429": (429, True, None, JSON),
    "429-seconds": (429, True, "2", JSON),
    "500": (500, True, None, JSON),
    "502": (502, True, None, JSON),
    "503": (503, True, None, JSON),
    "504": (504, True, None, JSON),
    "html-200": (200, False, None, HTML),
    "html-502": (502, False, None, HTML),
    "truncated": ("ChunkedEncodingError",),
    "invalid-json": (200, False, None, JSON),
    "wrong-content-type": (200, True, None, HTML),
    "reset": ("ConnectionError",),
    "slow": (200, True, None, JSON),
    "401": (401, True, None, JSON),
    "403": (403, True, None, JSON),
}


@pytest.mark.parametrize("kind", list(STRUCK))
def test_a_fault_strikes_once_and_the_repeated_call_succeeds(kind: Kind) -> None:
    seconds = 0.05 if kind == "slow" else 1.2
    faults = [Fault(kind=kind, at=[2], seconds=seconds)]
    with TmdbSimulator(films=10, faults=faults) as simulator, caller(simulator) as call:
        path = FILM.format(min(simulator.movie_ids()))
        right = (200, True, None, JSON)
        assert [outcome(call, path) for _ in range(3)] == [right, STRUCK[kind], right]
        statuses = [status for _, _, status in simulator.calls]
    assert statuses == [200, STRUCK[kind][0] if len(STRUCK[kind]) > 1 else 0 if kind == "reset" else 200, 200]


def test_every_kind_of_fault_has_a_test_case() -> None:
    assert {*STRUCK, "429-date", "gone"} == set(KINDS)


def test_retry_after_as_a_date_lies_after_the_date_of_the_answer() -> None:
    with TmdbSimulator(films=1, faults=[Fault(kind="429-date", seconds=90)]) as simulator, caller(simulator) as call:
        headers = call("/configuration").headers
    ahead = parsedate_to_datetime(headers["Retry-After"]) - parsedate_to_datetime(headers["Date"])
    assert ahead.total_seconds() == 90
    assert headers["Retry-After"].endswith(" GMT")


def test_a_429_has_a_body_without_the_field_success() -> None:
    with TmdbSimulator(films=1, faults=[Fault(kind="429")]) as simulator, caller(simulator) as call:
        body = call("/configuration").json()
    assert body == {"status_code": 25, "status_message": "Your request count (41) is over the allowed limit of 40."}


def test_a_reset_resets_the_connection_instead_of_closing_it() -> None:
    with (
        TmdbSimulator(films=1, faults=[Fault(kind="reset")]) as simulator,
        connected(port_of(simulator)) as raw,
    ):
        raw.sendall(b"GET /3/configuration HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            raw.recv(100)


def test_pages_shift_while_they_are_read_and_the_expected_films_stay() -> None:
    with TmdbSimulator(films=400, drift_every=2) as simulator, caller(simulator) as call:
        found = [film["id"] for body in pages(call, "/discover/movie", separator="?") for film in body["results"]]
        truth = simulator.movie_ids()
        assert len(found) == len(truth) == 400
        assert set(found) < truth
        simulator.drift(every=0)
        still = [film["id"] for body in pages(call, "/discover/movie", separator="?") for film in body["results"]]
        assert sorted(still) == sorted(truth)


def test_films_can_be_removed_and_added_while_the_server_runs() -> None:
    with TmdbSimulator(films=30, series=3) as simulator, caller(simulator) as call:
        gone = min(simulator.movie_ids())
        simulator.remove(gone)
        simulator.add(films=2, series=1)
        assert call(f"/movie/{gone}").status_code == call(f"/movie/{gone}/keywords").status_code == 404
        assert call("/discover/movie").json()["total_results"] == 32
        assert gone in {f["id"] for body in pages(call, "/discover/movie", separator="?") for f in body["results"]}
        assert len(simulator.movie_ids()) == 31
        assert len(simulator.series_ids()) == 4


def test_answers_are_delayed_by_the_latency_without_waiting_for_each_other() -> None:
    silent = Fault(kind="slow", seconds=600, match="/tv/")
    with TmdbSimulator(films=40, latency_ms=50, faults=[silent]) as simulator:
        numbers = sorted(simulator.movie_ids())

        def some(turn: int) -> list[int]:
            with caller(simulator) as call:
                return [call(f"/movie/{number}").status_code for number in numbers[turn::10]]

        with connected(port_of(simulator)) as waiting:
            waiting.sendall(ASK_FOR_A_SERIES)
            while simulator.connections < 1:
                time.sleep(0.01)
            began = time.monotonic()
            with ThreadPoolExecutor(10) as threads:
                statuses = list(threads.map(some, range(10)))
            took = time.monotonic() - began
        assert statuses == [[200] * 4] * 10
        assert simulator.connections == 11
    assert took >= 4 * 0.05


def test_stopping_closes_connections_and_leaves_no_thread_or_open_port() -> None:
    before = threading.active_count()
    with TmdbSimulator(films=5, faults=[Fault(kind="slow", seconds=60, match="/tv/")]) as simulator:
        port = port_of(simulator)
        idle = connected(port)
        waiting = connected(port)
        waiting.sendall(ASK_FOR_A_SERIES)
        while simulator.connections < 2:
            time.sleep(0.01)
        began = time.monotonic()
    assert time.monotonic() - began < 30
    assert threading.active_count() == before
    assert idle.recv(10) == b""
    idle.close()
    waiting.close()
    with pytest.raises(ConnectionRefusedError):
        connected(port)


def test_answers_have_the_current_date() -> None:
    with TmdbSimulator(films=1) as simulator, caller(simulator) as call:
        told = parsedate_to_datetime(call("/configuration").headers["Date"])
    assert abs((datetime.now(UTC) - told).total_seconds()) < 10  # noqa: TID251 - against the machine's own clock
