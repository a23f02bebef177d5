"""All films, or all series, of the simulator: found by query and by number."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from trustedlake.simulators import bodies
from trustedlake.simulators.draws import Draws
from trustedlake.simulators.facts import GENRES, Entity, Facts, facts, index_of, number, popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NO_DATE = 0
ORDERS_KEPT = 32
"""Answers to queries kept in memory; an extraction walks one window at a time."""
DRIFT_SHARE = 20
"""One in so many items changes its popularity when the catalogue drifts."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question of /discover.

    Attributes:
        genres: numbers of genres; empty: any.
        match: whether an item must have `any` of the genres or `all`.
        since, until: bounds of the date, both included; with one of them items without a date don't count.
        undated: items without a date count all the same.
        sort_by: `popularity`, `released`, `vote_average`, `vote_count` or a key of the body.
        descending: the largest first. Items that are equal stand by number.
    """

    genres: frozenset[int] = frozenset()
    match: Literal["any", "all"] = "any"
    since: date | None = None
    until: date | None = None
    undated: bool = False
    sort_by: str = "popularity"
    descending: bool = True


class Catalogue:
    """Films or series, drawn from a seed: 16 bytes each are kept, the bodies are made when they are asked for.

    Safe to use from many threads.
    """

    def __init__(self, entity: Entity, size: int, seed: int) -> None:
        self.entity = entity
        self._seed = seed
        self._bit = {genre: 1 << place for place, genre in enumerate(GENRES[entity])}
        self._genres = array("I")
        self._released = array("i")
        self._popularity = array("d")
        self._orders: OrderedDict[Query, array[int]] = OrderedDict()
        self._gone: set[int] = set()
        self._drifts = 0
        self._lock = RLock()
        self._wanted = size

    def find(self, query: Query) -> Sequence[int]:
        """The places of the items that fit, in the order asked for."""
        with self._lock:
            self._draw()
            found = self._orders.get(query)
            if found is None:
                found = array("I", self._sorted(query))
                self._orders[query] = found
                if len(self._orders) > ORDERS_KEPT:
                    self._orders.popitem(last=False)
            return found

    def ids(self, query: Query) -> set[int]:
        """The numbers of the items that fit and are not gone."""
        return {number(self._seed, self.entity, index) for index in self.find(query)} - self.gone

    def place(self, identity: int) -> int | None:
        """Where the item with that number stands; None if there is none or it is gone."""
        index = index_of(self._seed, self.entity, identity)
        return index if index is not None and index < self._wanted and identity not in self._gone else None

    def facts(self, index: int) -> Facts:
        """The item at that place, with the popularity that it has now."""
        with self._lock:
            self._draw()
            return replace(facts(self._seed, self.entity, index), popularity=self._current(index))

    def body(self, index: int) -> dict[str, Any]:
        """The item at that place as /movie/{id} or /tv/{id} gives it, without keywords."""
        return bodies.BODY[self.entity](self.facts(index), Draws(self._seed, self.entity, index, "body"))

    def keywords(self, index: int) -> list[dict[str, Any]]:
        """The keywords of the item at that place, none to eight."""
        return bodies.keywords(Draws(self._seed, self.entity, index, "keywords"))

    def remove(self, identity: int) -> None:
        """Let the item be gone: it has no body any more and is still found by queries."""
        with self._lock:
            self._gone.add(identity)

    def add(self, items: int) -> None:
        """Let that many new items appear."""
        with self._lock:
            self._wanted += items
            self._orders.clear()

    def drift(self) -> None:
        """Give some items another popularity, so that pages shift."""
        with self._lock:
            self._draw()
            size = len(self._popularity)
            for turn in range(max(1, size // DRIFT_SHARE) if size else 0):
                draws = Draws(self._seed, self.entity, "drift", self._drifts, turn)
                self._popularity[draws.below(size)] = popularity(draws)
            self._drifts += 1
            self._orders.clear()

    @property
    def gone(self) -> set[int]:
        """Numbers of the items that are gone."""
        with self._lock:
            return set(self._gone)

    def _draw(self) -> None:
        """Draw what queries need of the items that were not drawn yet."""
        for index in range(len(self._popularity), self._wanted):
            drawn = facts(self._seed, self.entity, index)
            self._genres.append(sum(self._bit[genre] for genre in drawn.genres))
            self._released.append(drawn.released.toordinal() if drawn.released else NO_DATE)
            self._popularity.append(drawn.popularity)

    def _current(self, index: int) -> float:
        kept = self._popularity[index]
        # An array of doubles has no ints, TMDB's JSON has.
        return int(kept) if kept.is_integer() else kept

    def _sorted(self, query: Query) -> list[int]:
        keys: dict[str, Callable[[int], Any]] = {
            "popularity": self._popularity.__getitem__,
            "released": self._released.__getitem__,
            "vote_average": lambda index: facts(self._seed, self.entity, index).vote_average,
            "vote_count": lambda index: facts(self._seed, self.entity, index).vote_count,
        }
        key = keys.get(query.sort_by, lambda index: self.body(index)[query.sort_by])
        return sorted(self._fitting(query), key=key, reverse=query.descending)

    def _fitting(self, query: Query) -> list[int]:
        if not query.genres <= self._bit.keys() and (query.match == "all" or not query.genres & self._bit.keys()):
            return []
        wanted = sum(self._bit.get(genre, 0) for genre in query.genres)
        enough = wanted if query.match == "all" else 1
        first = query.since.toordinal() if query.since else NO_DATE + 1
        last = query.until.toordinal() if query.until else date.max.toordinal()
        dated = not query.undated and (query.since is not None or query.until is not None)
        return [
            index
            for index, (genres, day) in enumerate(zip(self._genres, self._released, strict=True))
            if (not wanted or (genres & wanted) >= enough) and (first <= day <= last if day or dated else True)
        ]
