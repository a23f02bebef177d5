"""Which films a query has: all of them, or the most popular.

TMDB shows no more than 10,000 of a list. A longer one is cut by release date until each part is short enough.
Films without a date are in no such part; the totals tell how many there are, and the ends of the uncut list are
searched for them.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from trustedlake.app.ingesting.walk import LARGEST, LAST_PAGE, most_popular, walk_list
from trustedlake.models.listing import Listed, Listing, Order, titles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.app.ingesting.walk import Asks
    from trustedlake.models.ingest import Query
    from trustedlake.models.lake import Entity
    from trustedlake.models.listing import Item

EARLIEST, LATEST = date(1800, 1, 1), date(2199, 12, 31)
"""Bounds of the dates that parts are cut from; TMDB's first film is of 1874."""

_AFTERWARDS = 99
"""Number of the walk that only asks for the total again."""


@dataclass
class _Found:
    """Films found so far, and how many no page showed."""

    items: dict[int, Item] = field(default_factory=dict)
    unlisted: int = 0
    remarks: list[str] = field(default_factory=list)


def list_films(asks: Asks, query: Query) -> Listed:
    """The films of the query, each once: the most popular first if there is a limit, else by number."""
    popular = listing_of(query, Order.MOST_POPULAR)
    total = asks.page(popular if query.limit else listing_of(query, Order.OLDEST), 0, 1).total
    if total == 0:
        return Listed(ids=())
    if query.limit and query.limit < total and query.limit <= LARGEST:
        ids = most_popular(asks, popular, query.limit)
        return _listed(query.entity, ids, query.limit - len(ids), [])
    found = _everything(asks, listing_of(query, Order.OLDEST))
    if not query.limit:
        return _listed(query.entity, sorted(found.items), found.unlisted, found.remarks)
    ranked = sorted(found.items.values(), key=lambda item: (-item.popularity, item.id))[: query.limit]
    missing = min(found.unlisted, query.limit - len(ranked))
    return _listed(query.entity, [item.id for item in ranked], missing, found.remarks if missing else [])


def listing_of(query: Query, order: Order) -> Listing:
    """The list that shows what the query asks for."""
    return Listing(
        entity=query.entity,
        genres=query.genres,
        match=query.match,
        since=query.released_from,
        until=query.released_to,
        language=query.language,
        order=order,
    )


def _listed(entity: Entity, ids: list[int], unlisted: int, remarks: list[str]) -> Listed:
    if unlisted and not remarks:
        remarks = [f"{unlisted} {titles(entity)} could not be listed: the list kept moving while it was walked"]
    return Listed(ids=tuple(ids), unlisted=unlisted, remarks=tuple(remarks))


def _everything(asks: Asks, whole: Listing) -> _Found:
    if asks.page(whole, 0, 1).total <= LARGEST:
        seen = walk_list(asks, whole)
        return _Found(seen.items, seen.unlisted)
    found, dated = _Found(), 0
    for part in _cut(asks, whole.model_copy(update={"since": whole.since or EARLIEST, "until": whole.until or LATEST})):
        seen = walk_list(asks, part)
        found.items |= seen.items
        found.unlisted += seen.unlisted
        dated += seen.total
        if seen.unlisted:
            found.remarks.append(
                f"{seen.unlisted} of {seen.total} {titles(whole.entity)} of {part.since} to {part.until}"
                " could not be listed"
            )
    if whole.since is None and whole.until is None:
        _add_undated(asks, whole, found, asks.page(whole, _AFTERWARDS, 1).total - dated)
    return found


def _cut(asks: Asks, part: Listing) -> Iterator[Listing]:
    """The part in halves, and their halves, until TMDB shows all of each; days are not cut."""
    since, until = part.since or EARLIEST, part.until or LATEST
    if asks.page(part, 0, 1).total <= LARGEST or since == until:
        yield part
        return
    middle = since + (until - since) // 2
    yield from _cut(asks, part.model_copy(update={"until": middle}))
    yield from _cut(asks, part.model_copy(update={"since": date.fromordinal(middle.toordinal() + 1)}))


def _add_undated(asks: Asks, whole: Listing, found: _Found, expected: int) -> None:
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
            " --released-from leaves them out"
        )


def _undated(asks: Asks, whole: Listing) -> Iterator[list[Item]]:
    """Films without a date, page by page: from the ends of the list by date, then from all that shows by title."""
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
