"""Extractions in tests: quick limits, no waiting, and what is in Raw afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.host import LocalHost
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.tmdb.api import TmdbSource
from trustedlake.adapters.tmdb.key import TmdbKey
from trustedlake.app.ingesting.ingest import ingest
from trustedlake.app.ingesting.tools import IngestOptions, IngestTools
from trustedlake.models.ingest import Query
from trustedlake.models.lake import Entity
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.app.ingesting.ingest import Ingested
    from trustedlake.ports import Clock, Host, MovieSource, ObjectStore, RunObserver
    from trustedlake.simulators.tmdb import TmdbSimulator

CRIME_OR_WAR = (80, 10752)


def no_wait(_seconds: float) -> None:
    """Sleep for no time."""


def query(**changes: Any) -> Query:
    """Crime or War, all of them, unless said otherwise."""
    return Query(**({"entity": Entity.MOVIES, "genres": CRIME_OR_WAR} | changes))


def tools_on(
    store: ObjectStore,
    source: MovieSource,
    *,
    host: Host | None = None,
    clock: Clock | None = None,
    observer: RunObserver = UNOBSERVED,
) -> IngestTools:
    """Ports with which nothing waits."""
    return IngestTools(
        store=store,
        source=source,
        host=host or LocalHost(),
        clock=clock or SystemClock(),
        observer=observer,
        sleep=no_wait,
    )


def source_of(sim: TmdbSimulator, *, token: str = "test-token", **settings: Any) -> TmdbSource:
    """The API of a simulator, on 127.0.0.1."""
    return TmdbSource(sim.url, TmdbKey(token), SystemClock(), **settings)


def extract(sim: TmdbSimulator, lake: Path, *, asked: Query | None = None, **options: Any) -> Ingested:
    """Run an extraction on a simulator, without limits to its rate."""
    wanted = IngestOptions(query=asked or query(), **({"per_second": 0} | options))
    with source_of(sim) as source:
        return ingest(tools_on(LocalStore(lake, SystemClock()), source), wanted)


def raw_files(store: ObjectStore) -> dict[str, list[dict[str, Any]]]:
    """Key -> records of each file in Raw."""
    return {info.key: json.loads(store.read(info.key)) for info in store.list("Raw")}


def raw_ids(store: ObjectStore) -> list[int]:
    """The films in Raw, as often as they are there."""
    return [record["id"] for records in raw_files(store).values() for record in records]


def films_in(lake: Path) -> list[int]:
    """The films in the Raw of a folder, as often as they are there."""
    return raw_ids(LocalStore(lake, SystemClock()))


class Context:
    """An invocation that has so much time left."""

    aws_request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"

    def __init__(self, left_s: float = 60) -> None:
        self._left_s = left_s

    def get_remaining_time_in_millis(self) -> int:
        return int(self._left_s * 1000)
