"""Chance that repeats itself: the same seed and names give the same draws, in any order and any thread."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")


class Draws:
    """512 random bits, used up draw by draw.

    A `random.Random` for each film would cost ten times as much as its few draws.
    """

    __slots__ = ("_bits",)

    def __init__(self, *names: object) -> None:
        name = ":".join(map(str, names)).encode()
        self._bits = int.from_bytes(blake2b(name, digest_size=64).digest(), "big")

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        self._bits, drawn = divmod(self._bits, limit)
        return drawn

    def one_in(self, number: int) -> bool:
        """True once in `number` times."""
        return self.below(number) == 0

    def share(self) -> float:
        """A number from 0 to 1, in millionths, 1 excluded."""
        return self.below(1_000_000) / 1_000_000

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices."""
        return choices[self.below(len(choices))]

    def some(self, choices: Sequence[T], number: int) -> list[T]:
        """At most `number` of the choices, each once, in the order drawn."""
        return list(dict.fromkeys(self.pick(choices) for _ in range(number)))
