"""Fetch the record of each film in a few threads, reduced to its contract's fields, in the order of the list."""

from __future__ import annotations

import json
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.json_text import without_surrogates
from trustedlake.errors import BusyError
from trustedlake.models.lake import Entity
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.ingesting.crew import Crew
    from trustedlake.app.ingesting.film_files import FilmFiles
    from trustedlake.app.ingesting.patience import Patience
    from trustedlake.app.ingesting.tools import IngestTools
    from trustedlake.app.ingesting.window import Window


_MOVIE = ("title", "overview", "release_date", "popularity", "vote_average", "vote_count")
_SERIES = ("name", "overview", "first_air_date", "last_air_date", "popularity", "vote_average", "vote_count")


def curated_movie(body: bytes) -> bytes:
    """Return the ten fields of a film, as one line of JSON in UTF-8, from TMDB's answer.

    Genres and keywords are lists of names: all of the film's genres, not only those of the query.
    `collection` is its name or null. A key that TMDB didn't send is null.
    """
    film = json.loads(body)
    collection = film.get("belongs_to_collection") or {}
    return _line(
        {
            "movie_id": film["id"],
            **{name: film.get(name) for name in _MOVIE},
            "collection": collection.get("name"),
            "genres": _names(film.get("genres")),
            "keywords": _names((film.get("keywords") or {}).get("keywords")),
        }
    )


def curated_series(body: bytes) -> bytes:
    """Return the ten fields of a series, like `curated_movie`; TMDB lists its keywords as `results`."""
    series = json.loads(body)
    return _line(
        {
            "series_id": series["id"],
            **{name: series.get(name) for name in _SERIES},
            "genres": _names(series.get("genres")),
            "keywords": _names((series.get("keywords") or {}).get("results")),
        }
    )


def _names(items: Any) -> list[str]:  # noqa: ANN401 - whatever JSON holds
    return [item["name"] for item in items or []]


def _line(fields: dict[str, Any]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False)
    return without_surrogates(text).encode()


class _Outcome(Enum):
    """The result of fetching a film."""

    CAME = auto()
    GONE = auto()
    FAILED = auto()


class Fetch:
    """Fetches the films of one window.

    A film counts as done only when its record is in the spool.

    Attributes:
        failed: film -> why its record could not be fetched in the last round.
    """

    def __init__(self, tools: IngestTools, window: Window, patience: Patience, crew: Crew, files: FilmFiles) -> None:
        self._tools = tools
        self._query = window.certificate.query
        self._spool = window.spool
        self._patience = patience
        self._crew = crew
        self._files = files
        self._done = 0
        self._total = 0
        self.failed: dict[int, str] = {}

    def run(self, films: Sequence[int], *, done: int) -> None:
        """Fetch all of `films` and write them into files, as far as possible; files already hold `done` others.

        Failed films are tried again at the end, as long as another round still gets some of them.

        Raises:
            FatalRemoteError: TMDB refuses the key or the call.
            SpentError: TMDB is down.
        """
        self._done, self._total = done, done + len(films)
        came = {film: _Outcome.CAME if size else _Outcome.GONE for film, size in self._spool.records().items()}
        todo: Sequence[int] = films
        while todo:
            tried, self.failed = len(todo), {}
            self._round(todo, came)
            todo, came = [film for film in todo if film in self.failed], {}
            if len(todo) == tried:
                break
        self._files.flush()

    def _round(self, films: Sequence[int], came: dict[int, _Outcome]) -> None:
        waiting = deque(films)
        self._take(waiting, came)
        missing = [film for film in waiting if film not in came]
        with self._crew.results(self._fetch, missing) as results:
            for film, outcome in results:
                came[film] = outcome
                self._take(waiting, came)

    def _take(self, waiting: deque[int], came: dict[int, _Outcome]) -> None:
        """Take finished films from the head of the list, so that files do not depend on the order of answers."""
        while waiting and waiting[0] in came:
            film = waiting.popleft()
            outcome = came.pop(film)
            if outcome is _Outcome.FAILED:
                continue
            self._done += 1
            if outcome is _Outcome.CAME:
                self._files.add(film)
        self._tools.progress("fetch", done=self._done, total=self._total, written=self._files.written)

    def _fetch(self, film: int) -> _Outcome:
        """Fetch and spool one film; runs in a thread of the crew."""
        query = self._query
        try:
            body = self._patience.call(lambda: self._tools.source.record(query.entity, film, query.language))
        except BusyError as error:
            self.failed[film] = error.message
            return _Outcome.FAILED
        self._spool.put_record(film, self._shaped(body) if body else b"")
        return _Outcome.CAME if body else _Outcome.GONE

    def _shaped(self, body: bytes) -> bytes:
        if self._query.record == "full":
            return body
        return curated_movie(body) if self._query.entity is Entity.MOVIES else curated_series(body)


def reasons(failed: Iterable[str]) -> str:
    """Join the first few different reasons, for a message."""
    return some(dict.fromkeys(failed), 2, by="; ")
