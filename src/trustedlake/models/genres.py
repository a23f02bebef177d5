"""TMDB's genres by number; films and series have separate lists."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

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
