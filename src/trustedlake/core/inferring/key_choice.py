"""Choose the columns that identify a record: always filled and unique within a partition."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING

from trustedlake.core.inferring.names import words_of
from trustedlake.core.inferring.type_choice import HOLDS
from trustedlake.core.inferring.value_kinds import Distinct
from trustedlake.models.contract import Duplicates
from trustedlake.types.source_path import MEMBER_NAME
from trustedlake.wording import share

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.core.inferring.column_draft import Proposed

_ID_WORDS = {"id": 0, "codigo": 1, "code": 1, "cod": 1, "uuid": 1, "guid": 1, "key": 2, "chave": 2, "line": 3,
             "linha": 3, "seq": 3, "sequence": 3, "sku": 2, "isbn": 1, "cpf": 2}  # fmt: skip
_KEY_TYPES = {"string", "bigint", "date", "timestamp"}
_SHORT = 64
_FEW_DOUBLES = 0.05
_CANDIDATES = 6
_ENOUGH = 5
_STEM = 4


@dataclass(slots=True)
class Key:
    """The key of a table, and what happens to records with the same key.

    Attributes:
        alternatives: other columns that are always filled and always unique.
    """

    columns: tuple[str, ...]
    duplicates: Duplicates
    notes: list[str] = field(default_factory=list)
    alternatives: list[str] = field(default_factory=list)


def single_key(proposed: Sequence[Proposed], table: str, records: int) -> Key | None:
    """Find a single column that is a key; None if there is none."""
    candidates = [one for one in proposed if _may_be_key(one)]
    unique = [one for one in candidates if not one.doubles]
    ranked = sorted((one for one in unique if is_id(one, table)), key=lambda one: _rank(one, table))
    if not ranked and records >= _ENOUGH:
        ranked = [one for one in unique if one.always and one.column.type in {"string", "bigint"} and _is_short(one)]
    names = [one.column.name for one in ranked]
    if ranked:
        notes = []
        if ranked[0].node and ranked[0].node.values.distinct.mask:
            notes.append("very many values: only a sample was checked for repeats")
        if not is_id(ranked[0], table):
            notes.append(f"the key is a guess: {names[0]} is not named like an id, but is always present and unique")
        return Key((names[0],), Duplicates.LAST, notes, names[1:])
    for one in sorted((one for one in candidates if is_id(one, table)), key=lambda one: _rank(one, table)):
        if _rank(one, table)[0] == 0 and one.doubles <= _FEW_DOUBLES:
            doubled = f"{share(one.doubles)} of the records"
            note = f"{doubled} have the key of another record in their partition: the last one wins"
            return Key((one.column.name,), Duplicates.LAST, [note, "`merge` would fill its nulls from the others"])
    return None


def pair_candidates(proposed: Sequence[Proposed], table: str) -> list[Proposed]:
    """Find columns that may identify a record together."""
    candidates = [one for one in proposed if one.always and _may_be_key(one) and _is_short(one)]
    candidates = [one for one in candidates if one.column.type != "bigint" or is_id(one, table)]
    if not any(is_id(one, table) or one.column.type in {"date", "timestamp"} for one in candidates):
        return []  # measurements and texts alone identify nothing
    candidates.sort(key=lambda one: (not is_id(one, table), one.column.type not in {"date", "timestamp"}))
    return candidates[:_CANDIDATES]


class Pairs:
    """Reads the records once more to find columns that are unique together."""

    def __init__(self, candidates: Sequence[Proposed]) -> None:
        self._keys = [(one.column.name, _top_key(one)) for one in candidates]
        places = range(len(candidates))
        self._sets: dict[tuple[int, ...], Distinct] = {
            some: Distinct() for size in (2, 3) for some in combinations(places, size)
        }

    def __bool__(self) -> bool:
        return bool(self._sets)

    def add(self, members: Mapping[str, str | None], scope: object) -> None:
        """Add one more record."""
        texts = [(members.get(key) or "").strip() for _, key in self._keys]
        gone = []
        for places, distinct in self._sets.items():
            distinct.add((scope, *(texts[at] for at in places)))
            if distinct.doubles:
                gone.append(places)
        for places in gone:
            del self._sets[places]

    def key(self) -> Key | None:
        """Return the first unique combination, two columns before three; None if there is none."""
        for places in self._sets:
            names = tuple(self._keys[at][0] for at in places)
            return Key(names, Duplicates.LAST, ["no single column is unique; these are unique together"])
        return None


def equal_key() -> Key:
    """Return the key of a table without key columns: only equal rows are duplicates."""
    return Key((), Duplicates.EQUAL, ["no key found: only identical rows count as duplicates"])


def _top_key(one: Proposed) -> str:
    return one.node.name if one.node is not None else one.path


def _may_be_key(one: Proposed) -> bool:
    return (
        one.node is not None
        and one.filled >= HOLDS
        and one.column.type in _KEY_TYPES
        and one.choice.odd * 100 <= one.node.filled
    )


def _is_short(one: Proposed) -> bool:
    return one.node is not None and one.node.values.longest <= _SHORT


def is_id(one: Proposed, table: str) -> bool:
    """Whether the column's name looks like an id."""
    return _rank(one, table)[0] < 9  # noqa: PLR2004 - the last rank


def _rank(one: Proposed, table: str) -> tuple[int, int]:
    """Rank how much a name looks like the table's id: `id`, `movie_id` of movies, `imdb_id`, others; shorter first."""
    words = words_of(_top_key(one)) or [one.column.name]
    if words == ["id"] or one.path == MEMBER_NAME:
        return 0, 0
    of_table = {word.rstrip("s") for word in words_of(table)}
    best = min((_ID_WORDS.get(word, 9) for word in words), default=9)
    if best == 9:  # noqa: PLR2004 - no such word
        return 9, len(words)
    mine = any(
        word.rstrip("s") in of_table or (len(word) >= _STEM and any(t.startswith(word[:_STEM]) for t in of_table))
        for word in words
    )
    return (0 if mine else 1 + best), len(words)
