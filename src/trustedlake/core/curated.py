"""A film in the ten fields that the source's own job kept."""

from __future__ import annotations

import json
import re
from typing import Any

_MOVIE = ("title", "overview", "release_date", "popularity", "vote_average", "vote_count")
_SERIES = ("name", "overview", "first_air_date", "last_air_date", "popularity", "vote_average", "vote_count")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def curated_movie(body: bytes) -> bytes:
    """The ten fields of a film, as one line of JSON in UTF-8, from what TMDB sent.

    Genres and keywords are lists of names: all of the film's genres, not only those that were asked for.
    `collection` is its name or null. A key that TMDB didn't send is null.
    """
    film = json.loads(body)
    collection = film.get("belongs_to_collection") or {}
    return _line(
        {
            "movie_id": film["id"],
            **{name: film.get(name) for name in _MOVIE},
            "collection": collection.get("name"),
            "genres": _names(film.get("genres")),
            "keywords": _names((film.get("keywords") or {}).get("keywords")),
        }
    )


def curated_series(body: bytes) -> bytes:
    """The ten fields of a series, as `curated_movie` gives a film's; TMDB lists its keywords as `results`."""
    series = json.loads(body)
    return _line(
        {
            "series_id": series["id"],
            **{name: series.get(name) for name in _SERIES},
            "genres": _names(series.get("genres")),
            "keywords": _names((series.get("keywords") or {}).get("results")),
        }
    )


def _names(items: Any) -> list[str]:  # noqa: ANN401 - whatever JSON holds
    return [item["name"] for item in items or []]


def _line(fields: dict[str, Any]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False)
    return _LONE_SURROGATE.sub("\ufffd", text).encode()
