"""Endless or odd answers of TMDB: each call ends by itself, and only the film it asked for fails."""

from __future__ import annotations

import gzip
import resource
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.odd_servers import ENDLESS, FILM, ODD, of_five_films, serving
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.tmdb import bounded_http
from trustedlake.adapters.tmdb.api import TmdbSource
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.errors import BusyError, ConfigError, FatalRemoteError, TrustedLakeError
from trustedlake.models.lake import Entity

SECRET = "s3cret-of-the-proxy"


def source(url: str, *, read_s: float = 20.0, is_token: bool = True) -> TmdbSource:
    return TmdbSource(f"{url}/3", TmdbKey("my-real-key", is_token=is_token), SystemClock(), read_s=read_s)


def failure(tmdb: TmdbSource) -> TrustedLakeError:
    with pytest.raises(TrustedLakeError) as error:
        tmdb.record(Entity.MOVIES, 3, "en-US")
    assert "my-real-key" not in f"{error.value} {error.value.hint} {error.value.__context__}"
    return error.value


@pytest.mark.parametrize("name", ENDLESS)
def test_an_endless_answer_is_cut_off_in_time_and_not_requested_again(name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with serving(ENDLESS[name]) as server, source(server.url, read_s=1.5) as tmdb:
        began = time.monotonic()
        error = failure(tmdb)
        assert time.monotonic() - began < 60, "it would go on for ever; the room is for a busy machine"
    assert isinstance(error, BusyError)
    if name not in {"nothing at all", "a flood of an error"}:
        assert error.attempts == 1, error.message
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 20 * (bounded_http.LARGEST >> 10)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_for_a_film_is_a_busy_error_and_the_next_film_is_fetched(name: str) -> None:
    with serving(of_five_films(ODD[name])) as server, source(server.url) as tmdb:
        assert isinstance(failure(tmdb), BusyError)
        assert tmdb.record(Entity.MOVIES, 4, "en-US")
        assert {path for path, _ in server.seen if "elsewhere" in path or "login" in path} == set()


@pytest.mark.parametrize("code", ["gzip", "x-gzip", "deflate", "identity", ""])
def test_a_compressed_body_is_decompressed(code: str) -> None:
    body = {"deflate": zlib.compress(FILM), "identity": FILM, "": FILM}.get(code) or gzip.compress(FILM)
    with serving(lambda ask: ask.whole(200, body, Content_Encoding=code)) as server, source(server.url) as tmdb:
        assert tmdb.record(Entity.MOVIES, 3, "en-US") == FILM


def test_hang_up_ends_running_calls_at_once_and_later_calls_work() -> None:
    drip = ENDLESS["a body that drips, in chunks"]
    with serving(of_five_films(drip)) as server, source(server.url, read_s=600) as tmdb, ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(failure, tmdb) for _ in range(3)]
        while len(server.seen) < 3:
            time.sleep(0.01)
        tmdb.hang_up()
        assert all(isinstance(one.result(timeout=60), BusyError) for one in waiting)
        assert tmdb.record(Entity.MOVIES, 4, "en-US")
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer) and thread.is_alive()]


@pytest.mark.parametrize("is_token", [True, False])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_sends_the_key_to_no_other_host(status: int, is_token: bool) -> None:
    with serving(lambda ask: ask.whole(200, FILM)) as other:
        for place in (f"{other.url}/3/movie/3", f"//127.0.0.1:{other.server_port}/", f"https://{other.url[7:]}/"):
            with (
                serving(lambda ask, to=place: ask.whole(status, Location=to)) as server,  # type: ignore[misc]
                source(server.url, is_token=is_token) as tmdb,
            ):
                assert isinstance(failure(tmdb), BusyError)
        assert other.seen == []


REFUSALS = [(407, ConfigError, "requires a user and a password"), (403, BusyError, ""), (502, BusyError, "")]


@pytest.mark.parametrize(("status", "kind", "says"), REFUSALS)
def test_an_http_refusal_by_a_proxy_is_reported_as_such(
    status: int, kind: type[TrustedLakeError], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda ask: ask.whole(status, b"<html>proxy</html>")) as proxy:
        behind(monkeypatch, f"http://user:{SECRET}@127.0.0.1:{proxy.server_port}")
        with source("http://tmdb.invalid") as tmdb:
            error = failure(tmdb)
        assert (isinstance(error, kind), says in error.message) == (True, True), error.message
        assert SECRET not in error.message + error.hint


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (407, ConfigError, "requires a user and a password"),
        (403, FatalRemoteError, "refuses to forward the request: HTTP 403"),
        (502, FatalRemoteError, "refuses to forward the request: HTTP 502"),
    ],
)
def test_a_tunnel_refused_by_a_proxy_is_reported_as_such(
    status: int, kind: type[TrustedLakeError], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(lambda ask: ask.whole(status)) as proxy:
        behind(monkeypatch, f"http://user:{SECRET}@127.0.0.1:{proxy.server_port}")
        with source("https://tmdb.invalid") as tmdb:
            error = failure(tmdb)
    assert (type(error), says in error.message) == (kind, True), error.message
    assert f"http://127.0.0.1:{proxy.server_port}" in error.message
    assert SECRET not in error.message + error.hint


def test_a_proxy_with_an_endless_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(ENDLESS["headers that drip"]) as proxy:
        behind(monkeypatch, proxy.url)
        for address in ("http://tmdb.invalid", "https://tmdb.invalid"):
            with source(address, read_s=1) as tmdb:
                assert isinstance(failure(tmdb), BusyError)


PROXIES = [
    (f"http://user:{SECRET}@127.0.0.1:9", BusyError, "the proxy http://127.0.0.1:9 does not forward the request"),
    (f"http://user:{SECRET}/x@127.0.0.1:9", ConfigError, "the proxy http://127.0.0.1:9 is not a usable address"),
    (f"user:{SECRET}@127.0.0.1:9", ConfigError, "the proxy 127.0.0.1:9 is not a usable address"),
    ("http://proxy.invalid:3128", BusyError, "the proxy http://proxy.invalid:3128 does not forward the request"),
    ("socks5://127.0.0.1:9", ConfigError, "speaks SOCKS"),
    ("socks4a://127.0.0.1:9", ConfigError, "speaks SOCKS"),
    ("ftp://127.0.0.1:9", ConfigError, "the proxy ftp://127.0.0.1:9 is not a usable address"),
    ("http://", ConfigError, "is not a usable address"),
    ("://", ConfigError, "is not a usable address"),
    ("two words", ConfigError, "the proxy two words is not a usable address"),
    ("http://[::1", ConfigError, "is not a usable address"),
    ("http://h:99999", ConfigError, "is not a usable address"),
    (f"http://user:{SECRET}@h:port", ConfigError, "is not a usable address"),
]


@pytest.mark.parametrize(("proxy", "kind", "says"), PROXIES)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_broken_proxy_is_named_without_its_password(
    scheme: str, proxy: str, kind: type[TrustedLakeError], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind(monkeypatch, proxy)
    with source(f"{scheme}://tmdb.invalid") as tmdb:
        error = failure(tmdb)
    assert (isinstance(error, kind), says in error.message) == (True, True), error.message
    assert f"{scheme.upper()}_PROXY" in error.hint or "PySocks" in error.hint
    assert SECRET not in error.message + error.hint


def behind(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, proxy)
    for name in ("no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
