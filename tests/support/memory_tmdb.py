"""TMDB's lists and records in memory: 500 pages of 20, sort orders, dates, and lists that change on request."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from trustedlake.errors import BusyError, FatalRemoteError
from trustedlake.models.ingest import Item, Order, Page, TmdbList

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from datetime import date

    from trustedlake.models.lake import Entity

PAGE, LAST = 20, 500


@dataclass(frozen=True)
class Film:
    """A film as lists see it."""

    id: int
    released: date | None
    popularity: float


@dataclass
class MemoryTmdb:
    """Implements MovieSource on films of any genre.

    Attributes:
        undated_last: in both directions films without a date come last; else they count as the oldest.
        moves: called before each page with the number of pages so far; it may change `films`.
        gone: films that are listed and have no record.
        fails: film -> how many times asking for its record fails before it is given.
    """

    films: dict[int, Film]
    undated_last: bool = False
    moves: Callable[[int], None] = lambda _: None
    gone: set[int] = field(default_factory=set)
    fails: Counter[int] = field(default_factory=Counter)
    pages: list[tuple[TmdbList, int]] = field(default_factory=list)
    records: list[int] = field(default_factory=list)
    address: str = "memory://tmdb/3"

    def __post_init__(self) -> None:
        self._sorted: dict[TmdbList, list[Film]] = {}
        self._lock = Lock()

    def page(self, listing: TmdbList, number: int) -> Page:
        with self._lock:
            self.pages.append((listing, number))
            self.moves(len(self.pages))
            if not 1 <= number <= LAST:
                raise FatalRemoteError(f"page {number}", hint="TMDB shows 500")
            films = self._listed(listing)
            shown = films[(number - 1) * PAGE : number * PAGE]
            items = (Item(id=film.id, dated=film.released is not None, popularity=film.popularity) for film in shown)
            return Page(items=tuple(items), total=len(films))

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:  # noqa: ARG002 - films only
        with self._lock:
            self.records.append(number)
            if self.fails[number]:
                self.fails[number] -= 1
                raise BusyError(f"GET /movie/{number}: HTTP 503", hint="run again later")
        if number in self.gone or number not in self.films:
            return None
        return json.dumps({"id": number, "title": f"Filme nº {number}", "lang": language}, ensure_ascii=False).encode()

    def hang_up(self) -> None:
        """Nothing is waited for."""

    def close(self) -> None:
        """Nothing is open."""

    def changed(self) -> None:
        """Forget the sorted lists: `films` was changed."""
        self._sorted.clear()

    def _listed(self, listing: TmdbList) -> list[Film]:
        if listing not in self._sorted:
            bounded = listing.released_from is not None or listing.released_to is not None
            films = [film for film in self.films.values() if not bounded or _within(film, listing)]
            self._sorted[listing] = self._in_order(films, listing.order)
        return self._sorted[listing]

    def _in_order(self, films: list[Film], order: Order) -> list[Film]:
        if order is Order.MOST_POPULAR:
            return sorted(films, key=lambda film: (-film.popularity, film.id))
        if order in {Order.BY_TITLE, Order.BY_TITLE_REVERSED}:
            return sorted(films, key=lambda film: str(film.id), reverse=order is Order.BY_TITLE_REVERSED)
        dated = sorted((f for f in films if f.released), key=lambda film: (film.released, film.id))
        undated = [film for film in films if film.released is None]
        if order is Order.NEWEST:
            return [*reversed(dated), *undated]
        return [*dated, *undated] if self.undated_last else [*undated, *dated]


def _within(film: Film, listing: TmdbList) -> bool:
    if film.released is None:
        return False
    after = listing.released_from is None or film.released >= listing.released_from
    return after and (listing.released_to is None or film.released <= listing.released_to)


class Straight:
    """Implements Asks: each page is asked for when it is wanted, one after another."""

    def __init__(self, source: MemoryTmdb) -> None:
        self._source = source
        self._came: dict[tuple[TmdbList, int, int], Page] = {}

    def page(self, listing: TmdbList, walk: int, number: int) -> Page:
        if (listing, walk, number) not in self._came:
            self._came[listing, walk, number] = self._source.page(listing, number)
        return self._came[listing, walk, number]

    def pages(self, listing: TmdbList, walk: int, numbers: Sequence[int]) -> Generator[tuple[int, Page], None, None]:
        for number in numbers:
            yield number, self.page(listing, walk, number)


def films(*many: Film) -> dict[int, Film]:
    """Films by number."""
    return {film.id: film for film in many}


def popularity_of(source: Mapping[int, Film]) -> list[int]:
    """Films, the most popular first."""
    return [film.id for film in sorted(source.values(), key=lambda film: (-film.popularity, film.id))]
