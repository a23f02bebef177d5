"""TMDB's genres by number, separate lists for films and series; and the numbers of the names that a user gives."""

from __future__ import annotations

from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

CRIME = 80
WAR = 10752
WAR_AND_POLITICS = 10768

MOVIE_GENRES: Mapping[int, str] = MappingProxyType(
    {
        28: "Action",
        12: "Adventure",
        16: "Animation",
        35: "Comedy",
        CRIME: "Crime",
        99: "Documentary",
        18: "Drama",
        10751: "Family",
        14: "Fantasy",
        36: "History",
        27: "Horror",
        10402: "Music",
        9648: "Mystery",
        10749: "Romance",
        878: "Science Fiction",
        10770: "TV Movie",
        53: "Thriller",
        WAR: "War",
        37: "Western",
    }
)
"""Number -> name in English, in TMDB's order. Source: TMDB /genre/movie/list."""

TV_GENRES: Mapping[int, str] = MappingProxyType(
    {
        10759: "Action & Adventure",
        16: "Animation",
        35: "Comedy",
        CRIME: "Crime",
        99: "Documentary",
        18: "Drama",
        10751: "Family",
        10762: "Kids",
        9648: "Mystery",
        10763: "News",
        10764: "Reality",
        10765: "Sci-Fi & Fantasy",
        10766: "Soap",
        10767: "Talk",
        WAR_AND_POLITICS: "War & Politics",
        37: "Western",
    }
)
"""Number -> name in English, in TMDB's order. Source: TMDB /genre/tv/list."""

GENRES: Mapping[Entity, Mapping[int, str]] = MappingProxyType({Entity.MOVIES: MOVIE_GENRES, Entity.SERIES: TV_GENRES})
"""Entity -> its genres."""

_LIKELY = 0.6


def genre_numbers(text: str, entity: Entity) -> tuple[tuple[int, ...], list[str]]:
    """Return the numbers of comma-separated names or numbers, and notes for the user.

    For series, `War` means `War & Politics`, the only such genre that TMDB has for them.

    Raises:
        ConfigError: there is no such genre.
    """
    asked = [word.strip() for word in text.split(",") if word.strip()]
    if not asked:
        raise ConfigError("--genres names no genre", hint=f"give names or numbers: {_all_names(entity)}")
    notes = []
    numbers = set()
    for word in asked:
        if entity is Entity.SERIES and word.casefold() in {"war", str(WAR)}:
            notes.append(f"War is {GENRES[entity][WAR_AND_POLITICS]!r} ({WAR_AND_POLITICS}) for series")
            numbers.add(WAR_AND_POLITICS)
        else:
            numbers.add(_number(word, entity))
    return tuple(sorted(numbers)), notes


def _number(word: str, entity: Entity) -> int:
    genres = GENRES[entity]
    if word.isascii() and word.isdigit() and int(word) in genres:
        return int(word)
    by_name = {name.casefold(): number for number, name in genres.items()}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    raise ConfigError(f"TMDB has no genre {word!r} for {entity}", hint=_guess(word, genres) or _all_names(entity))


def _guess(word: str, genres: Mapping[int, str]) -> str:
    names = {name.casefold(): name for name in genres.values()}
    holding = [name for name in names if word.casefold() in name.replace("&", " ").split()]
    close = holding or get_close_matches(word.casefold(), names, n=2, cutoff=_LIKELY)
    return f"did you mean {' or '.join(repr(names[name]) for name in close)}?" if close else ""


def _all_names(entity: Entity) -> str:
    return ", ".join(f"{name} ({number})" for number, name in GENRES[entity].items())
