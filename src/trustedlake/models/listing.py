"""TMDB's lists of films: what one is of, what its pages show, and what walking them found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from trustedlake.models.lake import Entity

Match = Literal["any", "all"]
"""Whether a film needs one of the genres or all of them."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(StrEnum):
    """Orders in which TMDB lists: only popularity moves while it is walked."""

    MOST_POPULAR = "most popular"
    OLDEST = "oldest"
    NEWEST = "newest"
    BY_TITLE = "by title"
    BY_TITLE_REVERSED = "by title, reversed"


class Listing(_Frozen):
    """One list that TMDB can page through.

    Attributes:
        since, until: bounds of the release date, both included; with one of them undated films are left out.
    """

    entity: Entity
    genres: tuple[int, ...]
    match: Match
    since: date | None
    until: date | None
    language: str
    order: Order


@dataclass(frozen=True, slots=True)
class Item:
    """A film as a list shows it; there may be a hundred thousand at a time."""

    id: int
    dated: bool
    popularity: float


class Page(_Frozen):
    """One page of a list, 20 items at most.

    Attributes:
        total: items of the whole list, on all its pages, those beyond page 500 too.
    """

    items: tuple[Item, ...]
    total: int


class Listed(_Frozen):
    """What a walk through TMDB's lists found.

    Attributes:
        ids: each film once, in the order in which they are fetched.
        unlisted: films that must exist, by TMDB's totals, but that no page showed.
        remarks: what the user should know of them.
    """

    ids: tuple[int, ...]
    unlisted: int = 0
    remarks: tuple[str, ...] = ()


def titles(entity: str) -> str:
    """What messages call the titles of an entity: a run for series doesn't speak of films."""
    return "series" if entity == Entity.SERIES else "films"
