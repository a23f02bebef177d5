"""Find the films of a query, all or the most popular ones, by walking through TMDB's lists.

TMDB shows only 10,000 items of a list. A longer list is cut by release date until each part is short enough.
Films without a date are in none of these parts. The totals tell how many there are, and both ends of the uncut list
are searched for them.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Protocol

from trustedlake.models.ingest import Order, TmdbList, WalkResult, titles

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from trustedlake.models.ingest import Item, Page, Query
    from trustedlake.models.lake import Entity


PAGE_SIZE = 20
LAST_PAGE = 500
LARGEST = PAGE_SIZE * LAST_PAGE
"""Maximum number of films that TMDB shows of a list; its total may be higher."""

MOST_WALKS = 12
_BOTH_DIRECTIONS = 2
_OPPOSITE = {
    Order.OLDEST: Order.NEWEST,
    Order.NEWEST: Order.OLDEST,
    Order.BY_TITLE: Order.BY_TITLE_REVERSED,
    Order.BY_TITLE_REVERSED: Order.BY_TITLE,
}


class Asks(Protocol):
    """Returns pages of lists. Within a walk each page is requested once, even across runs; each walk asks anew."""

    def page(self, listing: TmdbList, walk: int, number: int) -> Page:
        """Return one page."""
        ...

    def pages(self, listing: TmdbList, walk: int, numbers: Sequence[int]) -> Generator[tuple[int, Page], None, None]:
        """Yield number and page of several pages, requested at the same time, in the order of arrival."""
        ...


@dataclass
class ListWalk:
    """What the walks of one list showed.

    Attributes:
        items: film -> its item as it was shown last.
        total: number of films, as TMDB said last.
        totals: all numbers that TMDB said.
    """

    items: dict[int, Item] = field(default_factory=dict)
    total: int = 0
    totals: set[int] = field(default_factory=set)

    @property
    def unlisted(self) -> int:
        """Number of films that must exist although no page showed them."""
        return max(0, self.total - len(self.items))

    @property
    def steady(self) -> bool:
        """Whether TMDB always gave the same total; if so, films may only have changed places."""
        return len(self.totals) == 1

    def add(self, page: Page) -> None:
        """Add a page's items and total."""
        self.total = page.total
        self.totals.add(page.total)
        self.items |= {item.id: item for item in page.items}


def walk_list(asks: Asks, listing: TmdbList) -> ListWalk:
    """Walk a list ordered by date until nothing is missing, or more walks don't help."""
    seen, idle = ListWalk(), 0
    for walk in range(MOST_WALKS):
        order = listing.order if walk % 2 == 0 else _OPPOSITE[listing.order]
        before = len(seen.items)
        this = _walk_once(asks, listing.model_copy(update={"order": order}), walk, seen)
        if this.steady and len(this.items) == this.total:
            break
        if not seen.unlisted and (seen.steady or len(seen.items) == before):
            break
        idle = idle + 1 if len(seen.items) == before else 0
        if idle == _BOTH_DIRECTIONS:
            break
    return seen


def _walk_once(asks: Asks, listing: TmdbList, walk: int, seen: ListWalk) -> ListWalk:
    """Walk the list once and add to `seen`; a repeated walk ends as soon as nothing is missing."""
    this = ListWalk()
    first = asks.page(listing, walk, 1)
    for one in (this, seen):
        one.add(first)
    with closing(asks.pages(listing, walk, range(2, last_page(first.total) + 1))) as pages:
        for _, page in pages:
            for one in (this, seen):
                one.add(page)
            if walk and seen.steady and not seen.unlisted:
                break
    return this


def most_popular(asks: Asks, listing: TmdbList, wanted: int) -> list[int]:
    """Return the first `wanted` films of the list by popularity, most popular first; fewer if TMDB shows no more.

    Films change places during the walk, so some show twice and others never. The pages are walked again until there
    are enough different films, and one page further if a walk brings nothing new.
    """
    places: dict[int, tuple[int, int]] = {}
    last = last_page(wanted)
    for walk in range(MOST_WALKS):
        with closing(asks.pages(listing, walk, range(1, last + 1))) as pages:
            shown = dict(pages)
        now: dict[int, tuple[int, int]] = {}
        for number, page in sorted(shown.items()):
            for place, item in enumerate(page.items):
                now.setdefault(item.id, (number, place))
        grew = now.keys() - places.keys()
        places |= now
        if len(places) >= wanted:
            break
        if not grew:
            last = min(last + 1, LAST_PAGE)
    return sorted(places, key=lambda film: places[film])[:wanted]


def last_page(items: int) -> int:
    """Return the number of the last page that TMDB shows for this many items."""
    return min(LAST_PAGE, -(-items // PAGE_SIZE))


EARLIEST, LATEST = date(1800, 1, 1), date(2199, 12, 31)
"""First and last date for cutting a list into parts; TMDB's first film is from 1874."""

_AFTERWARDS = 99
"""Walk number that is used only to ask for the total again."""


@dataclass
class _Found:
    """Films found so far, and the number of films that no page showed."""

    items: dict[int, Item] = field(default_factory=dict)
    unlisted: int = 0
    remarks: list[str] = field(default_factory=list)


def list_films(asks: Asks, query: Query) -> WalkResult:
    """List the films of the query, each once: the most popular first if there is a limit, else by number."""
    popular = listing_of(query, Order.MOST_POPULAR)
    total = asks.page(popular if query.limit else listing_of(query, Order.OLDEST), 0, 1).total
    if total == 0:
        return WalkResult(ids=())
    if query.limit and query.limit < total and query.limit <= LARGEST:
        ids = most_popular(asks, popular, query.limit)
        return _listed(query.entity, ids, query.limit - len(ids), [])
    found = _everything(asks, listing_of(query, Order.OLDEST))
    if not query.limit:
        return _listed(query.entity, sorted(found.items), found.unlisted, found.remarks)
    ranked = sorted(found.items.values(), key=lambda item: (-item.popularity, item.id))[: query.limit]
    missing = min(found.unlisted, query.limit - len(ranked))
    return _listed(query.entity, [item.id for item in ranked], missing, found.remarks if missing else [])


def listing_of(query: Query, order: Order) -> TmdbList:
    """Return the list that shows what the query asks for."""
    return TmdbList(
        entity=query.entity,
        genres=query.genres,
        match=query.match,
        released_from=query.released_from,
        released_to=query.released_to,
        language=query.language,
        order=order,
    )


def _listed(entity: Entity, ids: list[int], unlisted: int, remarks: list[str]) -> WalkResult:
    if unlisted and not remarks:
        remarks = [f"{unlisted} {titles(entity)} could not be listed: the list kept changing while it was read"]
    return WalkResult(ids=tuple(ids), unlisted=unlisted, remarks=tuple(remarks))


def _everything(asks: Asks, whole: TmdbList) -> _Found:
    if asks.page(whole, 0, 1).total <= LARGEST:
        seen = walk_list(asks, whole)
        return _Found(seen.items, seen.unlisted)
    found, dated = _Found(), 0
    bounds = {"released_from": whole.released_from or EARLIEST, "released_to": whole.released_to or LATEST}
    for part in _cut(asks, whole.model_copy(update=bounds)):
        seen = walk_list(asks, part)
        found.items |= seen.items
        found.unlisted += seen.unlisted
        dated += seen.total
        if seen.unlisted:
            found.remarks.append(
                f"{seen.unlisted} of {seen.total} {titles(whole.entity)} of {part.released_from} to {part.released_to}"
                " could not be listed"
            )
    if whole.released_from is None and whole.released_to is None:
        _add_undated(asks, whole, found, asks.page(whole, _AFTERWARDS, 1).total - dated)
    return found


def _cut(asks: Asks, part: TmdbList) -> Iterator[TmdbList]:
    """Cut the part in halves, again and again, until TMDB shows all of each; single days are not cut."""
    first, last = part.released_from or EARLIEST, part.released_to or LATEST
    if asks.page(part, 0, 1).total <= LARGEST or first == last:
        yield part
        return
    middle = first + (last - first) // 2
    yield from _cut(asks, part.model_copy(update={"released_to": middle}))
    yield from _cut(asks, part.model_copy(update={"released_from": date.fromordinal(middle.toordinal() + 1)}))


def _add_undated(asks: Asks, whole: TmdbList, found: _Found, expected: int) -> None:
    if expected <= 0:
        return
    undated: dict[int, Item] = {}
    for items in _undated(asks, whole):
        undated |= {item.id: item for item in items if item.id not in found.items}
        if len(undated) >= expected:
            break
    found.items |= undated
    if len(undated) < expected:
        found.unlisted += expected - len(undated)
        found.remarks.append(
            f"{expected - len(undated)} of {expected} {titles(whole.entity)} without a date could not be listed:"
            f" TMDB shows only {LARGEST:,} of a list, and these can't be told apart by date;"
            " a range of release dates leaves them out"
        )


def _undated(asks: Asks, whole: TmdbList) -> Iterator[list[Item]]:
    """Yield films without a date, page by page: from both ends of the list by date, then from the list by title."""
    for order in (Order.OLDEST, Order.NEWEST):
        listing = whole.model_copy(update={"order": order})
        for number in range(1, LAST_PAGE + 1):
            items = [item for item in asks.page(listing, 1, number).items if not item.dated]
            if not items:
                break
            yield items
    for order in (Order.BY_TITLE, Order.BY_TITLE_REVERSED):
        listing = whole.model_copy(update={"order": order})
        with closing(asks.pages(listing, 0, range(1, LAST_PAGE + 1))) as pages:
            for _, page in pages:
                yield [item for item in page.items if not item.dated]
