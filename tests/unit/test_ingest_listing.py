"""The films of a query: all are found while lists change, are too long, or have films without a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.memory_tmdb import Film, MemoryTmdb, Straight, films, popularity_of
from trustedlake.app.ingesting.tmdb_lists import LARGEST, MOST_WALKS, list_films, listing_of
from trustedlake.models.ingest import Order, Page, Query, TmdbList, WalkResult
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Callable

DAY = date(1950, 1, 1)


def query(limit: int | None = None, since: date | None = None, until: date | None = None) -> Query:
    return Query(entity=Entity.MOVIES, genres=(80,), limit=limit, released_from=since, released_to=until)


def film(number: int, *, dated: bool = True, days: int | None = None) -> Film:
    released = DAY + timedelta(days=number if days is None else days) if dated else None
    return Film(number, released, popularity=float(number * 7919 % 1000))


def catalogue(count: int, *, undated: int = 0, days: int | None = None) -> dict[int, Film]:
    return films(*(film(number, dated=number > undated, days=days) for number in range(1, count + 1)))


def listed(source: MemoryTmdb, asked: Query) -> WalkResult:
    return list_films(Straight(source), asked)


def test_an_unchanging_list_is_read_once() -> None:
    source = MemoryTmdb(catalogue(95, undated=3))
    assert listed(source, query()) == WalkResult(ids=tuple(range(1, 96)))
    assert [number for _, number in source.pages] == [1, 2, 3, 4, 5]


def test_an_empty_list_gives_no_films() -> None:
    source = MemoryTmdb({})
    assert listed(source, query(limit=10)) == WalkResult(ids=())
    assert listed(source, query()) == WalkResult(ids=())


@pytest.mark.parametrize(("count", "limit"), [(95, 30), (95, 40), (95, 94), (41, 1)])
def test_a_limit_takes_the_most_popular_films_in_order(count: int, limit: int) -> None:
    source = MemoryTmdb(catalogue(count))
    assert list(listed(source, query(limit=limit)).ids) == popularity_of(source.films)[:limit]
    assert len(source.pages) == -(-limit // 20)


@pytest.mark.parametrize("limit", [95, 96, 1500])
def test_a_limit_above_the_number_of_films_lists_all_of_them_safely(limit: int) -> None:
    source = MemoryTmdb(catalogue(95, undated=2))
    assert list(listed(source, query(limit=limit)).ids) == popularity_of(source.films)
    assert {listing.order for listing, _ in source.pages} == {Order.MOST_POPULAR, Order.OLDEST}


def appears(source: MemoryTmdb, seen: int) -> None:
    """From page 2 on a film comes in at the front, three times: all behind it shift by one."""
    if 2 <= seen <= 4:
        source.films[1000 + seen] = film(1000 + seen, days=-seen)


def goes(source: MemoryTmdb, seen: int) -> None:
    """A film of the first page goes, three times: the first of a page to come moves to one that was seen."""
    if 2 <= seen <= 4:
        del source.films[seen]


def swaps(source: MemoryTmdb, seen: int) -> None:
    """At each page two films change their dates, and so their places."""
    early, late = 1 + seen % 20, 80 + seen % 10
    one, other = source.films[early], source.films[late]
    source.films[early] = Film(early, other.released, one.popularity)
    source.films[late] = Film(late, one.released, other.popularity)


@pytest.mark.parametrize("move", [appears, goes, swaps])
def test_a_changing_list_is_read_again_until_nothing_is_missing(move: Callable[[MemoryTmdb, int], None]) -> None:
    source = MemoryTmdb(catalogue(95))

    def moves(seen: int) -> None:
        move(source, seen)
        source.changed()

    source.moves = moves
    found = listed(source, query())
    assert set(source.films) <= set(found.ids)
    assert (found.unlisted, len(set(found.ids))) == (0, len(found.ids))
    assert len(source.pages) > 5


def test_reading_a_changing_list_only_once_would_miss_films() -> None:
    """Proves that the list of the tests above really hides films while it changes."""
    source = MemoryTmdb(catalogue(95))

    def moves(seen: int) -> None:
        goes(source, seen)
        source.changed()

    source.moves = moves
    listing = listing_of(query(), Order.OLDEST)
    shown = {item.id for number in range(1, 6) for item in source.page(listing, number).items}
    assert set(source.films) - shown


def test_a_limit_is_reached_although_films_change_their_popularity() -> None:
    source = MemoryTmdb(catalogue(200))

    def moves(seen: int) -> None:
        # The last of the first page falls far behind, and the best of the rest rises to the top.
        order = popularity_of(source.films)
        for rising, popularity in ((order[19], 0.5), (order[60 + seen], 2000.0 + seen)):
            source.films[rising] = Film(rising, DAY, popularity)
        source.changed()

    source.moves = moves
    found = listed(source, query(limit=60))
    assert len(set(found.ids)) == 60
    assert found.unlisted == 0


class Doubling(MemoryTmdb):
    """Each page but the first begins with the last film of the page before, always."""

    def page(self, listing: TmdbList, number: int) -> Page:
        found = super().page(listing, number)
        if number == 1:
            return found
        before = super().page(listing, number - 1)
        return found.model_copy(update={"items": (before.items[-1], *found.items[1:])})


def test_a_limit_is_reached_although_the_list_always_shows_films_twice() -> None:
    source = Doubling(catalogue(200))
    found = listed(source, query(limit=60))
    assert (len(set(found.ids)), found.unlisted) == (60, 0)
    assert max(number for _, number in source.pages) == 4


@pytest.mark.parametrize("undated_last", [False, True])
def test_a_list_that_is_too_long_is_split_by_date_and_undated_films_are_found(undated_last: bool) -> None:
    source = MemoryTmdb(catalogue(12_000, undated=130), undated_last=undated_last)
    found = listed(source, query())
    assert found == WalkResult(ids=tuple(range(1, 12_001)))
    assert max(number for _, number in source.pages) <= 500


def test_a_split_list_between_dates_has_no_undated_films() -> None:
    source = MemoryTmdb(catalogue(10_500, undated=130))
    assert listed(source, query(since=DAY)) == WalkResult(ids=tuple(range(131, 10_501)))


def test_a_day_with_too_many_films_is_read_from_both_ends() -> None:
    source = MemoryTmdb(catalogue(LARGEST + 500, days=0))
    assert listed(source, query()) == WalkResult(ids=tuple(range(1, LARGEST + 501)))


def test_films_that_tmdb_does_not_show_are_counted_and_reported() -> None:
    source = MemoryTmdb(catalogue(2 * LARGEST + 500, days=0))
    found = listed(source, query())
    assert (len(found.ids), found.unlisted) == (2 * LARGEST, 500)
    assert found.remarks == ("500 of 20500 films of 1950-01-01 to 1950-01-01 could not be listed",)


def test_undated_films_that_tmdb_does_not_show_are_counted_and_reported() -> None:
    # Sorted by title (here: by number, as text) the undated ones stand in the middle of 22,000.
    undated = range(60_000, 60_030)
    dated = films(*(film(number) for number in (*range(10_000, 21_000), *range(70_000, 81_000))))
    source = MemoryTmdb(dated | films(*(film(number, dated=False) for number in undated)), undated_last=True)
    found = listed(source, query())
    assert set(found.ids) == set(dated)
    assert found.unlisted == 30
    assert found.remarks[0].startswith("30 of 30 films without a date could not be listed")


def test_a_limit_above_what_one_list_shows_is_ranked_by_popularity() -> None:
    source = MemoryTmdb(catalogue(12_000, undated=40))
    assert list(listed(source, query(limit=11_000)).ids) == popularity_of(source.films)[:11_000]


def test_a_list_that_never_stops_changing_ends_with_the_missing_films_counted() -> None:
    source = MemoryTmdb(catalogue(60))

    def moves(seen: int) -> None:
        for number, days in ((10_000 + seen, -seen), (20_000 + seen, 1000 + seen)):
            source.films[number] = film(number, days=days)
        source.changed()

    source.moves = moves
    found = listed(source, query())
    assert found.unlisted > 0
    assert "kept changing" in found.remarks[0]
    assert len(source.pages) < 40 * MOST_WALKS
