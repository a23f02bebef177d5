"""All films, or all series, of the simulator: found by queries of /discover and by number."""

from __future__ import annotations

import re
from array import array
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import date
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal

from trustedlake.simulators import bodies
from trustedlake.simulators.calls import RefusedError
from trustedlake.simulators.invented import GENRES, Draws, Entity, Facts, facts, index_of, number, popularity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


NO_DATE = 0
ORDERS_KEPT = 32
"""At most this many query results are kept in memory; an extraction walks through one window at a time."""
DRIFT_SHARE = 20
"""When the titles drift, one in this many items changes its popularity."""


@dataclass(frozen=True, slots=True)
class DiscoverQuery:
    """A query of /discover.

    Attributes:
        genres: numbers of genres; empty: any.
        match: whether an item must have `any` of the genres or `all`.
        released_from, released_to: bounds of the release date, both included; with either, undated items don't match.
        undated: match items without a date in spite of the bounds.
        sort_by: `popularity`, `released`, `vote_average`, `vote_count` or a key of the body.
        descending: largest first. Equal items are sorted by number.
    """

    genres: frozenset[int] = frozenset()
    match: Literal["any", "all"] = "any"
    released_from: date | None = None
    released_to: date | None = None
    undated: bool = False
    sort_by: str = "popularity"
    descending: bool = True


class Titles:
    """Films or series, drawn from a seed. 16 bytes of each are kept; bodies are built on demand.

    Safe to use from many threads.
    """

    def __init__(self, entity: Entity, size: int, seed: int) -> None:
        self.entity = entity
        self._seed = seed
        self._bit = {genre: 1 << place for place, genre in enumerate(GENRES[entity])}
        self._genres = array("I")
        self._released = array("i")
        self._popularity = array("d")
        self._orders: OrderedDict[DiscoverQuery, array[int]] = OrderedDict()
        self._gone: set[int] = set()
        self._drifts = 0
        self._lock = RLock()
        self._wanted = size

    def find(self, query: DiscoverQuery) -> Sequence[int]:
        """Return the indexes of the matching items, in the order asked for."""
        with self._lock:
            self._draw()
            found = self._orders.get(query)
            if found is None:
                found = array("I", self._sorted(query))
                self._orders[query] = found
                if len(self._orders) > ORDERS_KEPT:
                    self._orders.popitem(last=False)
            return found

    def ids(self, query: DiscoverQuery) -> set[int]:
        """Return the numbers of the matching items that are not gone."""
        return {number(self._seed, self.entity, index) for index in self.find(query)} - self.gone

    def place(self, identity: int) -> int | None:
        """Return the index of the item with that number; None if there is none or it is gone."""
        index = index_of(self._seed, self.entity, identity)
        return index if index is not None and index < self._wanted and identity not in self._gone else None

    def facts(self, index: int) -> Facts:
        """Return the item at that index, with its present popularity."""
        with self._lock:
            self._draw()
            return replace(facts(self._seed, self.entity, index), popularity=self._current(index))

    def body(self, index: int) -> dict[str, Any]:
        """Return the item at that index as /movie/{id} or /tv/{id} shows it, without keywords."""
        return bodies.BODY[self.entity](self.facts(index), Draws(self._seed, self.entity, index, "body"))

    def keywords(self, index: int) -> list[dict[str, Any]]:
        """Return the zero to eight keywords of the item at that index."""
        return bodies.keywords(Draws(self._seed, self.entity, index, "keywords"))

    def remove(self, identity: int) -> None:
        """Make the item gone: it has no body any more, but queries still find it."""
        with self._lock:
            self._gone.add(identity)

    def add(self, items: int) -> None:
        """Add that many new items."""
        with self._lock:
            self._wanted += items
            self._orders.clear()

    def drift(self) -> None:
        """Change the popularity of some items, so that pages shift."""
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
        """Return the numbers of the items that are gone."""
        with self._lock:
            return set(self._gone)

    def _draw(self) -> None:
        """Draw what queries need, for items that were not drawn yet."""
        for index in range(len(self._popularity), self._wanted):
            drawn = facts(self._seed, self.entity, index)
            self._genres.append(sum(self._bit[genre] for genre in drawn.genres))
            self._released.append(drawn.released.toordinal() if drawn.released else NO_DATE)
            self._popularity.append(drawn.popularity)

    def _current(self, index: int) -> float:
        kept = self._popularity[index]
        # An array of doubles has no ints, but TMDB's JSON does.
        return int(kept) if kept.is_integer() else kept

    def _sorted(self, query: DiscoverQuery) -> list[int]:
        keys: dict[str, Callable[[int], Any]] = {
            "popularity": self._popularity.__getitem__,
            "released": self._released.__getitem__,
            "vote_average": lambda index: facts(self._seed, self.entity, index).vote_average,
            "vote_count": lambda index: facts(self._seed, self.entity, index).vote_count,
        }
        key = keys.get(query.sort_by, lambda index: self.body(index)[query.sort_by])
        return sorted(self._fitting(query), key=key, reverse=query.descending)

    def _fitting(self, query: DiscoverQuery) -> list[int]:
        if not query.genres <= self._bit.keys() and (query.match == "all" or not query.genres & self._bit.keys()):
            return []
        wanted = sum(self._bit.get(genre, 0) for genre in query.genres)
        enough = wanted if query.match == "all" else 1
        first = query.released_from.toordinal() if query.released_from else NO_DATE + 1
        last = query.released_to.toordinal() if query.released_to else date.max.toordinal()
        dated = not query.undated and (query.released_from is not None or query.released_to is not None)
        return [
            index
            for index, (genres, day) in enumerate(zip(self._genres, self._released, strict=True))
            if (not wanted or (genres & wanted) >= enough) and (first <= day <= last if day or dated else True)
        ]


PAGE_SIZE = 20
LAST_PAGE = 500
"""TMDB returns no page after this one, however many there are."""

DATE = {"movie": "primary_release_date", "tv": "first_air_date"}
"""The date that /discover filters and sorts by."""

_SORTS = {
    "movie": {
        "popularity": "popularity",
        "primary_release_date": "released",
        "vote_average": "vote_average",
        "vote_count": "vote_count",
        "revenue": "revenue",
        "title": "title",
        "original_title": "original_title",
    },
    "tv": {
        "popularity": "popularity",
        "first_air_date": "released",
        "vote_average": "vote_average",
        "vote_count": "vote_count",
        "name": "name",
        "original_name": "original_name",
    },
}
"""Name in `sort_by` -> name in a query of the catalogue. Source: the official description."""

# These have no effect here: the catalogue has one language and no adult titles.
_WITHOUT_EFFECT = {"api_key", "language", "include_adult", "include_video", "page"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def page_number(parameters: Mapping[str, str]) -> int:
    """Return the requested page.

    Raises:
        RefusedError: it is not a number from 1 to 500.
    """
    page = parameters.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page) <= LAST_PAGE:
        raise RefusedError(22)
    return int(page)


def query(entity: Entity, parameters: Mapping[str, str]) -> DiscoverQuery:
    """Return the query that the parameters describe.

    Raises:
        RefusedError: a parameter is wrong, or the simulator does not support it. Ignoring it would answer another
            question.
    """
    by = DATE[entity]
    known = {"with_genres", "sort_by", f"{by}.gte", f"{by}.lte", *_WITHOUT_EFFECT}
    if entity == "tv":
        known.add("include_null_first_air_dates")
    unknown = sorted(parameters.keys() - known)
    if unknown:
        raise RefusedError(2, f"Not simulated: the parameter {unknown[0]} of /discover/{entity}.")
    genres, match = _genres(parameters.get("with_genres", ""))
    sort_by, _, direction = parameters.get("sort_by", "popularity.desc").partition(".")
    if sort_by not in _SORTS[entity] or direction not in {"asc", "desc"}:
        raise RefusedError(5)
    return DiscoverQuery(
        genres=genres,
        match=match,
        released_from=_day(parameters.get(f"{by}.gte", "")),
        released_to=_day(parameters.get(f"{by}.lte", "")),
        undated=parameters.get("include_null_first_air_dates", "false") == "true",
        sort_by=_SORTS[entity][sort_by],
        descending=direction == "desc",
    )


def _genres(text: str) -> tuple[frozenset[int], Literal["any", "all"]]:
    """Parse genres separated by `|` (any of them) or `,` (all of them)."""
    parts = re.split(r"[|,]", text) if text else []
    if not all(part.isascii() and part.isdigit() for part in parts) or ("|" in text and "," in text):
        raise RefusedError(5)
    return frozenset(map(int, parts)), "all" if "," in text else "any"


def _day(text: str) -> date | None:
    if not text:
        return None
    if not _DAY.fullmatch(text):
        raise RefusedError(23)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError(23) from None
