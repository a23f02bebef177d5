"""The simulator's films: queries agree with a scan of the bodies; films are repeatable, and as odd as real ones."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from trustedlake.core.genres import MOVIE_GENRES, TV_GENRES
from trustedlake.simulators.titles import DiscoverQuery, Titles

if TYPE_CHECKING:
    from trustedlake.simulators.invented import Entity

SIZE = 3000
FILMS = Titles("movie", SIZE, 7)
BODIES = [FILMS.body(place) for place in range(SIZE)]


def genres(body: dict[str, Any]) -> set[int]:
    return {genre["id"] for genre in body["genres"]}


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        (DiscoverQuery(), lambda _: True),
        (DiscoverQuery(genres=frozenset({80, 10752})), lambda film: genres(film) & {80, 10752}),
        (DiscoverQuery(genres=frozenset({80, 10752}), match="all"), lambda film: genres(film) >= {80, 10752}),
        (DiscoverQuery(genres=frozenset({10768})), lambda _: False),
        (DiscoverQuery(genres=frozenset({80, 10768})), lambda film: 80 in genres(film)),
        (DiscoverQuery(genres=frozenset({80, 10768}), match="all"), lambda _: False),
        (DiscoverQuery(released_from=date(2000, 1, 1)), lambda film: film["release_date"] >= "2000-01-01"),
        (DiscoverQuery(released_to=date(1999, 12, 31)), lambda film: "" < film["release_date"] <= "1999-12-31"),
        (
            DiscoverQuery(released_from=date(2020, 1, 1), released_to=date(2020, 1, 1)),
            lambda film: film["release_date"] == "2020-01-01",
        ),
        (DiscoverQuery(released_from=date(2020, 1, 2), released_to=date(2020, 1, 1)), lambda _: False),
        (
            DiscoverQuery(genres=frozenset({18}), released_to=date(1999, 12, 31), undated=True),
            lambda film: 18 in genres(film) and film["release_date"] <= "1999-12-31",
        ),
    ],
)
def test_a_query_finds_what_a_scan_of_all_bodies_finds(query: DiscoverQuery, fits: Any) -> None:
    assert FILMS.ids(query) == {film["id"] for film in BODIES if fits(film)}


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize(
    ("sort_by", "key"),
    [
        ("popularity", "popularity"),
        ("released", "release_date"),
        ("vote_average", "vote_average"),
        ("vote_count", "vote_count"),
        ("title", "title"),
    ],
)
def test_films_are_sorted_by_the_requested_key_then_by_id(sort_by: str, key: str, *, descending: bool) -> None:
    found = [BODIES[place] for place in FILMS.find(DiscoverQuery(sort_by=sort_by, descending=descending))]
    by_number = sorted(BODIES, key=lambda film: film["id"])
    assert found == sorted(by_number, key=lambda film: film[key], reverse=descending)


def test_one_seed_gives_the_same_films_and_a_larger_catalogue_starts_with_them() -> None:
    other = Titles("movie", SIZE + 10, 7)
    assert [other.body(place) for place in range(200)] == BODIES[:200]
    assert [Titles("movie", 50, 8).body(place) for place in range(50)] != BODIES[:50]


def test_film_ids_have_gaps_and_lead_back_to_their_films() -> None:
    numbers = [film["id"] for film in BODIES]
    assert len(set(numbers)) == SIZE
    assert numbers == sorted(numbers)
    assert [FILMS.place(number) for number in numbers] == list(range(SIZE))
    others = set(range(max(numbers) + 10)) - set(numbers)
    assert len(others) > SIZE
    assert {FILMS.place(number) for number in others} == {None}


def test_the_catalogue_contains_the_oddities_of_real_films() -> None:
    oddities = Counter[str]()
    for film in BODIES:
        oddities.update(
            name
            for name, there in {
                "no date": film["release_date"] == "",
                "January 1st": film["release_date"].endswith("-01-01"),
                "before 1970": "" < film["release_date"] < "1970",
                "no votes": film["vote_count"] == 0 and film["vote_average"] == 0,
                "int vote": type(film["vote_average"]) is int and film["vote_average"] > 0,
                "float vote": type(film["vote_average"]) is float,
                "int popularity": type(film["popularity"]) is int,
                "CJK title": any("\u3040" <= sign <= "\ud7a3" for sign in film["title"]),
                "line break": "\n" in film["overview"],
                "CRLF": "\r\n" in film["overview"],
                "tab": "\t" in film["overview"],
                "NBSP": "\u00a0" in film["overview"],
                "quote": '"' in film["title"],
                "backslash": "\\" in film["overview"],
                "no overview": film["overview"] == "",
                "null collection": film["belongs_to_collection"] is None,
                "collection": isinstance(film["belongs_to_collection"], dict),
                "revenue above 2^31": film["revenue"] > 2**31,
                "null runtime": film["runtime"] is None,
                "null imdb_id": film["imdb_id"] is None,
                "empty imdb_id": film["imdb_id"] == "",
                f"{len(film['genres'])} genres": True,
            }.items()
            if there
        )
    assert {name: number for name, number in oddities.items() if number < 3} == {}
    assert len(oddities) == 26
    assert max(Counter(film["popularity"] for film in BODIES).values()) > SIZE / 20
    assert {len(FILMS.keywords(place)) for place in range(SIZE)} == set(range(9))
    assert not any(film["adult"] for film in BODIES)


@pytest.mark.parametrize(("entity", "names"), [("movie", MOVIE_GENRES), ("tv", TV_GENRES)])
def test_every_genre_is_used_and_crime_or_war_are_about_half(entity: Entity, names: dict[int, str]) -> None:
    titles = Titles(entity, 1000, 3)
    bodies = [titles.body(place) for place in range(1000)]
    assert {number for body in bodies for number in genres(body)} == names.keys()
    assert 350 < len(titles.ids(DiscoverQuery(genres=frozenset({80, 10752, 10768})))) < 650


def test_a_drift_moves_some_films_and_changes_nothing_else() -> None:
    films = Titles("movie", 400, 7)
    before = list(films.find(DiscoverQuery()))
    bodies = [films.body(place) for place in range(400)]
    films.drift()
    after = [films.body(place) for place in range(400)]
    moved = [place for place in range(400) if after[place] != bodies[place]]
    assert 5 <= len(moved) <= 20
    assert list(films.find(DiscoverQuery())) != before
    assert films.ids(DiscoverQuery()) == {film["id"] for film in bodies}
    assert [{**film, "popularity": 0} for film in after] == [{**film, "popularity": 0} for film in bodies]
    popularities = [after[place]["popularity"] for place in films.find(DiscoverQuery())]
    assert popularities == sorted(popularities, reverse=True)


def test_a_deleted_film_is_still_listed_but_has_no_body_and_is_not_expected() -> None:
    films = Titles("movie", 40, 7)
    numbers = films.ids(DiscoverQuery())
    gone = min(numbers)
    films.remove(gone)
    assert films.place(gone) is None
    assert len(films.find(DiscoverQuery())) == 40
    assert films.ids(DiscoverQuery()) == numbers - {gone}
    assert films.gone == {gone}


def test_new_films_appear_in_queries_and_by_id() -> None:
    films = Titles("movie", 40, 7)
    before = films.ids(DiscoverQuery())
    films.add(5)
    new = films.ids(DiscoverQuery()) - before
    assert len(new) == 5
    assert {films.place(number) for number in new} == set(range(40, 45))


def test_an_empty_catalogue_finds_nothing_and_can_drift() -> None:
    films = Titles("movie", 0, 7)
    films.drift()
    assert films.ids(DiscoverQuery()) == set()
    assert films.place(12) is None


def test_bodies_survive_a_json_round_trip() -> None:
    assert json.loads(json.dumps(BODIES, allow_nan=False)) == BODIES
