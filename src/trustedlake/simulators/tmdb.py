"""An offline TMDB: the API's film and series endpoints, over real HTTP, with films drawn from a seed."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any, Literal, Self

from trustedlake.simulators.calls import CallLog, RefusedError, read_request
from trustedlake.simulators.faults import FATAL_KINDS, KINDS, PASSING_KINDS, Fault, Script, mixed, spoil
from trustedlake.simulators.replies import Api
from trustedlake.simulators.server import EVERYWHERE, LOOPBACK, Server
from trustedlake.simulators.titles import DiscoverQuery, Titles

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime

    from trustedlake.simulators.calls import Call, Reply, RequestTarget
    from trustedlake.simulators.invented import Entity

__all__ = ["FATAL_KINDS", "KINDS", "PASSING_KINDS", "Fault", "TmdbSimulator", "mixed"]


class TmdbSimulator:
    """An offline TMDB that runs from its creation until `close` or the end of its `with` block.

        with TmdbSimulator(films=500, faults=[Fault(kind="503", rate=0.1)]) as sim:
            requests.get(f"{sim.url}/discover/movie", headers={"Authorization": f"Bearer {sim.token}"})

    Args:
        films, series: how many of each there are.
        seed: the same seed gives the same films.
        faults: what goes wrong; a script or `mixed()`.
        latency_ms: how long each answer takes.
        token, api_key: what it accepts; it answers anything else with 401.
        drift_every: some films change their popularity after this many pages of /discover; 0: never.
        host: IPv4 address or host name to listen on; 0.0.0.0 is every address of this machine.
        port: 0 takes a free one.
        calls_kept: how many of the last calls to remember; None: all.

    Raises:
        OSError: the port is taken, or the host is not an address of this machine.
    """

    def __init__(
        self,
        *,
        films: int = 500,
        series: int = 100,
        seed: int = 7,
        faults: Iterable[Fault] = (),
        latency_ms: float = 0,
        token: str = "test-token",  # noqa: S107 - opens nothing but this simulator
        api_key: str = "test-key",
        drift_every: int = 0,
        host: str = LOOPBACK,
        port: int = 0,
        calls_kept: int | None = None,
    ) -> None:
        self.token = token
        self.api_key = api_key
        self._movies = Titles("movie", films, seed)
        self._series = Titles("tv", series, seed)
        self._api = Api(
            {"movie": self._movies, "tv": self._series}, token=token, api_key=api_key, drift_every=drift_every
        )
        self._script = Script(faults)
        self._latency_s = latency_ms / 1000
        self._log = CallLog(kept=calls_kept)
        self._closing = Event()
        self._server = Server(host, port, self)

    @property
    def url(self) -> str:
        """Return the URL for clients on this machine, including TMDB's `/3`."""
        host = LOOPBACK if self._server.server_name == EVERYWHERE else self._server.server_name
        return f"http://{host}:{self._server.server_port}/3"

    @property
    def calls(self) -> list[Call]:
        """Return the calls in order of their answers: path with `/3`, parameters without the key, status (0: none)."""
        return self._log.all()

    @property
    def connections(self) -> int:
        """Return the number of TCP connections accepted so far."""
        return self._server.connections

    @property
    def gone(self) -> set[int]:
        """Return the numbers of films that /discover lists but that have no details any more."""
        return self._movies.gone

    def count(self, path_prefix: str) -> int:
        """Count the calls whose path begins with `path_prefix`: `/movie/` and `/3/movie/` count the same."""
        return self._log.count(path_prefix)

    def movie_ids(
        self,
        genres: Collection[int] = (),
        match: Literal["any", "all"] = "any",
        released_from: date | None = None,
        released_to: date | None = None,
    ) -> set[int]:
        """Return the true numbers of the films that match and are not gone; without dates, also undated films."""
        return self._movies.ids(DiscoverQuery(frozenset(genres), match, released_from, released_to))

    def series_ids(
        self,
        genres: Collection[int] = (),
        match: Literal["any", "all"] = "any",
        released_from: date | None = None,
        released_to: date | None = None,
    ) -> set[int]:
        """Return the true numbers of the series, as `movie_ids` does for films."""
        return self._series.ids(DiscoverQuery(frozenset(genres), match, released_from, released_to))

    def movie(self, identity: int) -> dict[str, Any]:
        """Return the body of /movie/{id}?append_to_response=keywords. Raises KeyError if that answers 404."""
        return self._body("movie", identity)

    def tv(self, identity: int) -> dict[str, Any]:
        """Return the body of /tv/{id}?append_to_response=keywords. Raises KeyError if that answers 404."""
        return self._body("tv", identity)

    def remove(self, movie_id: int) -> None:
        """Make a film gone: it answers 404 from now on, but /discover still lists it."""
        self._movies.remove(movie_id)

    def add(self, *, films: int = 0, series: int = 0) -> None:
        """Add new films and series."""
        self._movies.add(films)
        self._series.add(series)

    def drift(self, every: int) -> None:
        """Make pages shift from now on: see `drift_every`."""
        self._api.drift_every = every

    def answer(self, target: str, authorization: str, now: datetime) -> Reply:
        """Return what the server sends for GET `target`; the server calls this."""
        request = read_request(target)
        fault = self._script.strikes(request.call)
        self._closing.wait(self._latency_s + (fault.seconds if fault and fault.kind == "slow" else 0))
        if fault and fault.kind == "gone":
            self._let_go(request)
        answer = self._api.answer(request.path, request.parameters, authorization)
        if fault:
            answer = spoil(fault, answer, now)
        self._log.add(request, 0 if answer.reset else answer.status)
        return answer

    def close(self) -> None:
        """Stop, and cut all connections."""
        self._closing.set()
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _let_go(self, request: RequestTarget) -> None:
        _, entity, identity = request.path.removeprefix("/3").split("/")[:3]
        (self._movies if entity == "movie" else self._series).remove(int(identity))

    def _body(self, entity: Entity, identity: int) -> dict[str, Any]:
        try:
            return self._api.details(entity, identity)
        except RefusedError as refused:
            raise KeyError(identity) from refused
