"""Walk one of TMDB's lists until nothing of it is missing, also while it moves.

TMDB numbers pages, not films. If a film appears or goes while the pages are walked, those behind it shift by one:
one film shows twice, or never. So a walk is trusted only when TMDB's totals did not change in it and as many
different films were seen; otherwise the list is walked again, in the other direction, for what is missing.

What remains: one film that goes and another that appears in the same walk leave the totals as they were.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from trustedlake.models.listing import Order

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from trustedlake.models.listing import Item, Listing, Page

PAGE_SIZE = 20
LAST_PAGE = 500
LARGEST = PAGE_SIZE * LAST_PAGE
"""Films of a list that TMDB shows; its total may be more."""

MOST_WALKS = 12
_BOTH_DIRECTIONS = 2
_OPPOSITE = {
    Order.OLDEST: Order.NEWEST,
    Order.NEWEST: Order.OLDEST,
    Order.BY_TITLE: Order.BY_TITLE_REVERSED,
    Order.BY_TITLE_REVERSED: Order.BY_TITLE,
}


class Asks(Protocol):
    """Gives pages of lists. A page of a walk is asked for once, over several runs too; each walk asks anew."""

    def page(self, listing: Listing, walk: int, number: int) -> Page:
        """One page."""
        ...

    def pages(self, listing: Listing, walk: int, numbers: Sequence[int]) -> Generator[tuple[int, Page], None, None]:
        """Number and page of several, asked for at once, in the order in which they come."""
        ...


@dataclass
class Seen:
    """What the walks of one list showed.

    Attributes:
        items: film -> how it was shown last.
        total: how many there are, by TMDB's last word.
        totals: all that TMDB said about how many there are.
    """

    items: dict[int, Item] = field(default_factory=dict)
    total: int = 0
    totals: set[int] = field(default_factory=set)

    @property
    def unlisted(self) -> int:
        """Films that must exist and that no page showed."""
        return max(0, self.total - len(self.items))

    @property
    def steady(self) -> bool:
        """Whether TMDB never said another total: then films changed places at most."""
        return len(self.totals) == 1

    def add(self, page: Page) -> None:
        """Look at a page."""
        self.total = page.total
        self.totals.add(page.total)
        self.items |= {item.id: item for item in page.items}


def walk_list(asks: Asks, listing: Listing) -> Seen:
    """Walk a list of dated order until nothing is missing, or walking on doesn't help."""
    seen, idle = Seen(), 0
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


def _walk_once(asks: Asks, listing: Listing, walk: int, seen: Seen) -> Seen:
    """Walk the list once, adding to `seen`; a repeated walk ends when nothing is missing any more."""
    this = Seen()
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


def most_popular(asks: Asks, listing: Listing, wanted: int) -> list[int]:
    """The first `wanted` films of the list by popularity, the most popular first; fewer if TMDB shows no more.

    While the list is walked films change places, so that some show twice and others never: its pages are walked
    again until there are enough different ones, and one page further where that brings nothing new.
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
    """Number of the last page of so many items that TMDB shows."""
    return min(LAST_PAGE, -(-items // PAGE_SIZE))
