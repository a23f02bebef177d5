"""What the parameters of /discover ask for."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Literal

from trustedlake.simulators.answers import RefusedError
from trustedlake.simulators.catalogue import Query

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.simulators.facts import Entity

PAGE_SIZE = 20
LAST_PAGE = 500
"""TMDB answers no page after this one, however many there are."""

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

# No effect here: the catalogue has one language and nothing for adults.
_WITHOUT_EFFECT = {"api_key", "language", "include_adult", "include_video", "page"}
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def page_number(parameters: Mapping[str, str]) -> int:
    """The page asked for.

    Raises:
        RefusedError: it is none of 1 to 500.
    """
    page = parameters.get("page", "1")
    if not page.isascii() or not page.isdigit() or not 1 <= int(page) <= LAST_PAGE:
        raise RefusedError(22)
    return int(page)


def query(entity: Entity, parameters: Mapping[str, str]) -> Query:
    """The query that the parameters stand for.

    Raises:
        RefusedError: a parameter is wrong, or is one of TMDB's that the simulator does not have:
            to ignore it would answer another question.
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
    return Query(
        genres=genres,
        match=match,
        since=_day(parameters.get(f"{by}.gte", "")),
        until=_day(parameters.get(f"{by}.lte", "")),
        undated=parameters.get("include_null_first_air_dates", "false") == "true",
        sort_by=_SORTS[entity][sort_by],
        descending=direction == "desc",
    )


def _genres(text: str) -> tuple[frozenset[int], Literal["any", "all"]]:
    """Genres separated by `|` (any of them) or `,` (all of them)."""
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
