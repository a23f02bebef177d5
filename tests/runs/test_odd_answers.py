"""Extractions from an API that answers one film oddly or endlessly: the other films get to Raw."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.ingesting import films_in, query, tools_on
from tests.support.odd_servers import ENDLESS, ODD, Handler, Server, of_five_films, serving
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.tmdb.api import TmdbSource
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.patience import Limits
from trustedlake.app.ingesting.tools import IngestOptions
from trustedlake.entrypoints.lambda_ingest import handler
from trustedlake.errors import RetriableError
from trustedlake.models.ingest import WindowStatus

if TYPE_CHECKING:
    from trustedlake.models.ingest import Certificate

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DRIP = ENDLESS["a body that drips, in chunks"]
GONE = b'{"status_code": 34, "status_message": "The resource you requested could not be found."}'


def extracted(server: Server, lake: Path, *, read_s: float = 20.0, limits: Limits | None = None) -> Certificate:
    with TmdbSource(f"{server.url}/3", TmdbKey("key"), SystemClock(), read_s=read_s) as source:
        tools = tools_on(LocalStore(lake, SystemClock()), source)
        return ingest(tools, IngestOptions(query=query(), per_second=0, limits=limits)).certificate


@pytest.mark.parametrize("name", [*ODD, "a body that drips, in chunks", "a flood in chunks"])
def test_one_odd_answer_fails_one_film_and_the_next_run_asks_only_for_that_film(name: str, tmp_path: Path) -> None:
    with serving(of_five_films((ODD | ENDLESS)[name])) as server:
        first = extracted(server, tmp_path, read_s=1.5 if name in ENDLESS else 20)
        assert (first.status, first.exit_code, set(first.failed)) == (WindowStatus.INCOMPLETE, 4, {3})
        assert sorted(films_in(tmp_path)) == [1, 2, 4, 5]
        asked = len(server.seen)
        server.answers = of_five_films(lambda ask: ask.whole(200, b'{"id": 3}'))
        again = extracted(server, tmp_path)
        assert (again.status, sorted(films_in(tmp_path))) == (WindowStatus.COMPLETE, [1, 2, 3, 4, 5])
        assert [path.partition("?")[0] for path, _ in server.seen[asked:]] == ["/3/movie/3"]


def test_a_film_deleted_at_tmdb_is_no_failure(tmp_path: Path) -> None:
    with serving(of_five_films(lambda ask: ask.whole(404, GONE))) as server:
        found = extracted(server, tmp_path)
    assert (found.status, found.gone, found.failed) == (WindowStatus.COMPLETE, (3,), {})


def test_a_run_with_only_odd_answers_stops_when_its_budget_is_spent(tmp_path: Path) -> None:
    page = {"page": 1, "total_results": 20, "results": [{"id": n, "popularity": 1} for n in range(1, 21)]}

    def answer(ask: Handler) -> None:
        if "/discover/" in ask.path:
            ask.whole(200, json.dumps(page).encode())
        else:
            ask.whole(404, b"<html>")

    with serving(answer) as server:
        found = extracted(server, tmp_path, limits=Limits(budget=10))
        assert len(server.seen) < 60
    assert (found.got, found.exit_code) == (0, 4)
    assert found.message.startswith("TMDB keeps failing: 10 more retries than successes; last error: GET /movie/")


def test_a_dripping_list_ends_the_run_in_time(tmp_path: Path) -> None:
    with serving(DRIP) as server, pytest.raises(RetriableError, match="was not whole within 1 s"):
        extracted(server, tmp_path, read_s=1)


def test_sigterm_ends_a_run_at_once_during_an_endless_answer(tmp_path: Path) -> None:
    """It waited for the answer, so a dripping answer kept the run going forever."""
    with serving(of_five_films(DRIP)) as server:
        command = [COMMAND, "ingest-tmdb", "--rate", "0", "--lake", "lake", "--tmdb-url", f"{server.url}/3"]
        process = subprocess.Popen(
            command, cwd=tmp_path, env={"TMDB_TOKEN": "key"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        while not any("/movie/3" in path for path, _ in server.seen):
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=60)[1]
        took = time.monotonic() - began
    assert (process.returncode, b"Traceback" in said) == (130, False)
    assert took < 15, "the answer's own time is 20 s; a second is enough on an idle machine"


class Context:
    """An invocation that has so much time left."""

    def __init__(self, left_s: float) -> None:
        self._until = time.monotonic() + left_s

    def get_remaining_time_in_millis(self) -> int:
        return int((self._until - time.monotonic()) * 1000)


@pytest.mark.parametrize("name", ["a body that drips, in chunks", "headers that drip", "nothing at all"])
def test_lambda_abandons_an_endless_answer_before_its_time_is_up(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(of_five_films(ENDLESS[name])) as server:
        monkeypatch.setenv("TMDB_TOKEN", "key")
        context = Context(30)
        answer = handler({"lake": str(tmp_path), "limit": "all", "rate": 0, "tmdb_url": f"{server.url}/3"}, context)
    assert context.get_remaining_time_in_millis() > 0
    assert (answer["statusCode"], answer["certificate"]["owner"]) == (206, None)
    assert answer["certificate"]["got"] + answer["certificate"]["spooled"] == 4
