"""Which records of a file are the table's, which are another table's, and which are nobody's."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from trustedlake.types import BLANKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANY = "*"
"""In `where`: any value that is not null."""


class Belonging(Enum):
    """Whose a record is."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a contract says of the records that are its own.

    Attributes:
        where: key -> the texts it may have; None stands for no value.
        one_of: a record has one of these keys; empty where the contract names none.
        nulls: texts that mean null.
        keys: of the table's columns; a record without any of them is none of the table's.
    """

    where: Mapping[str, frozenset[str | None]]
    one_of: frozenset[str]
    nulls: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Selection:
        """From the plain data of `Contract.framing()`."""
        return cls(
            where={key: frozenset(values) for key, values in plain["where"].items()},
            one_of=frozenset(plain["one_of"]),
            nulls=frozenset(text.strip(BLANKS) for text in plain["nulls"]),
            keys=frozenset(plain["keys"]),
        )

    def matches(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record's values are those that `where` asks for."""
        for key, values in self.where.items():  # noqa: SIM110 - a generator for each record costs more than the look
            if not self._has(members.get(key), values):
                return False
        return True

    def looks_like(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record has a key that makes it one of the table's."""
        return not (self.one_of or self.keys).isdisjoint(members)

    def belonging(self, members: Mapping[str, str | None], others: Sequence[Selection]) -> Belonging:
        """Whose the record is; `others` are the tables that read the same folder."""
        if not self.matches(members):
            return Belonging.ELSEWHERE
        if self.looks_like(members):
            return Belonging.OURS
        if any(other.matches(members) and other.looks_like(members) for other in others):
            return Belonging.ELSEWHERE
        return Belonging.FOREIGN

    def _has(self, text: str | None, values: frozenset[str | None]) -> bool:
        if text is None or (self.nulls and text.strip(BLANKS) in self.nulls):
            return None in values
        return text in values or ANY in values
