"""The facts of an invented film, drawn from its number: the same number always gives the same film."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, TypeVar

from trustedlake.core.genres import MOVIE_GENRES, TV_GENRES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


T = TypeVar("T")


class Draws:
    """512 random bits, used up draw by draw.

    A `random.Random` per film would cost ten times as much as its few draws.
    """

    __slots__ = ("_bits",)

    def __init__(self, *names: object) -> None:
        name = ":".join(map(str, names)).encode()
        self._bits = int.from_bytes(blake2b(name, digest_size=64).digest(), "big")

    def below(self, limit: int) -> int:
        """Draw a number from 0 to `limit` - 1."""
        self._bits, drawn = divmod(self._bits, limit)
        return drawn

    def one_in(self, number: int) -> bool:
        """Return True once in `number` times."""
        return self.below(number) == 0

    def share(self) -> float:
        """Draw a number from 0 up to, but not including, 1, in millionths."""
        return self.below(1_000_000) / 1_000_000

    def pick(self, choices: Sequence[T]) -> T:
        """Draw one of the choices."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], number: int) -> list[T]:
        """Draw at most `number` different choices, in the order drawn."""
        return list(dict.fromkeys(self.pick(choices) for _ in range(number)))


Entity = Literal["movie", "tv"]
"""Films or series, by their names in TMDB's paths."""

GENRES: Mapping[Entity, Mapping[int, str]] = {"movie": MOVIE_GENRES, "tv": TV_GENRES}

FIRST_ID = {"movie": 11, "tv": 1399}
ID_STEP = 3
"""Numbers have gaps, as in TMDB: each film uses one of three numbers."""

FIRST_YEAR = {"movie": 1895, "tv": 1950}
LAST_YEAR = 2026

# Crime, War and Drama are frequent: an extraction's default genres cover about half of the catalogue.
_WEIGHTS = {80: 4, 10752: 3, 10768: 3, 18: 4}
_WEIGHTED = {
    entity: [genre for genre in genres for _ in range(_WEIGHTS.get(genre, 1))] for entity, genres in GENRES.items()
}
_COMMON_POPULARITY = (0.0214, 0.6, 1.4)


@dataclass(frozen=True, slots=True)
class Facts:
    """The part of a film or series that queries can use.

    Attributes:
        id: TMDB's number.
        genres: numbers of its genres, none to four.
        released: release date or first broadcast; None if TMDB has `""`.
        popularity: TMDB's score, without unit; many share one.
        vote_average: 0 to 10, an int if it is whole; 0 without votes.
        vote_count: number of votes.
    """

    id: int
    genres: tuple[int, ...]
    released: date | None
    popularity: float
    vote_average: float
    vote_count: int


def number(seed: int, entity: Entity, index: int) -> int:
    """Return TMDB's number of the film at `index`."""
    return FIRST_ID[entity] + index * ID_STEP + Draws(seed, entity, index, "id").below(ID_STEP)


def index_of(seed: int, entity: Entity, identity: int) -> int | None:
    """Return the index of the film with that number; None if no film has it."""
    index = (identity - FIRST_ID[entity]) // ID_STEP
    return index if index >= 0 and number(seed, entity, index) == identity else None


def facts(seed: int, entity: Entity, index: int) -> Facts:
    """Return the film or series at `index`, the same each time."""
    draws = Draws(seed, entity, index, "facts")
    vote_count = 0 if draws.one_in(8) else int(draws.share() ** 6 * 30_000) + 1
    return Facts(
        id=number(seed, entity, index),
        genres=() if draws.one_in(64) else tuple(draws.some(_WEIGHTED[entity], 1 + draws.below(4))),
        released=None if draws.one_in(40) else _released(draws, FIRST_YEAR[entity]),
        popularity=popularity(draws),
        vote_average=_vote_average(draws) if vote_count else 0,
        vote_count=vote_count,
    )


def popularity(draws: Draws) -> float:
    """Draw a popularity like TMDB's: a few large ones, a long tail, many equal, some whole numbers."""
    if draws.one_in(5):
        return draws.pick(_COMMON_POPULARITY)
    drawn = 0.5 + draws.share() ** 12 * 600
    return int(drawn) if draws.one_in(50) else round(drawn, 4)


def _released(draws: Draws, first_year: int) -> date:
    year = LAST_YEAR - int(draws.share() ** 2 * (LAST_YEAR - first_year + 1))
    # If only the year is known, TMDB says January 1st.
    return date(year, 1, 1) if draws.one_in(12) else date(year, 1 + draws.below(12), 1 + draws.below(28))


def _vote_average(draws: Draws) -> float:
    drawn = 1 + 9 * draws.share()
    return int(drawn) if draws.one_in(6) else round(drawn, draws.pick((1, 3)))
