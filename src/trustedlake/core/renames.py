"""Find out that a key was renamed: by its name, or by its values, compared with those of the rows before it."""

from __future__ import annotations

import json
import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from trustedlake.core.inferring.meanings import mean_the_same
from trustedlake.core.inferring.names import is_nameable, words_of
from trustedlake.core.rules import keeping
from trustedlake.types import BLANKS, NotOfTypeError
from trustedlake.types.source_path import parse_source

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from trustedlake.core.facts import FileFacts
    from trustedlake.models.column import Column

    Key = tuple[str, ...]

_MOST = 0.9
"""A renamed key must be in at least this share of a file's records."""

_ALIKE = 0.8
"""Two names at least this similar (0 to 1) count as spellings of one name."""

_SAMPLE_CHARS = 80
"""Length of a sample in characters; a sample this long may be truncated."""

_PAIRS = 3
"""The values decide once both are known for this many records."""

_AGREEMENT = 0.8
"""Least Cohen's kappa at which two columns count as one: the share of equal values, corrected for chance."""

_CHANCE = 0.001
_CHANCE_OF_ONE = 0.05
"""Highest probability that so many values are equal by chance: if several columns are in question; if only one is."""

_DISTINCT = 3
"""Without common records, so many different values must be common."""

_SPARSE = 0.1
"""Whole numbers tell something only if they fill at most this share of their range: 1, 2, 3 are in many columns."""


_DIGITS = re.compile("[0-9]+")


class Before(NamedTuple):
    """What rows of earlier files have in a column.

    Attributes:
        values: texts of the record's primary key -> value, for the records that were asked for.
        there: the values of all rows.
        known: unknown keys of these rows: they are not new.
    """

    values: Mapping[Key, Any] = {}
    there: frozenset[Any] = frozenset()
    known: frozenset[str] = frozenset()


def join_before(parts: Iterable[Before]) -> Before:
    """Put together what several files have; if they have a record in common, the first one's value counts."""
    every = list(parts)
    return Before(
        {key: value for one in reversed(every) for key, value in one.values.items()},
        frozenset().union(*(one.there for one in every)),
        frozenset().union(*(one.known for one in every)),
    )


class Rename(NamedTuple):
    """The key that a column's values now seem to have.

    Attributes:
        why: what its values have in common with those before; empty if its name says it.
    """

    key: str
    why: str = ""


def find_renames(
    columns: Sequence[Column], facts: FileFacts, before: Callable[[Column, Collection[Key]], Before]
) -> dict[str, Rename]:
    """Return column -> the new key of its values, for columns that a file has no key of.

    A new key's values must fit the column. Then its name decides, if it means the same or is spelt almost the same.
    Else its values decide: for the same records they are the same as before. Without common records, its texts, or its
    whole numbers if they are spread widely, were there before, and no other column or key may be in question.

    Args:
        columns: the columns.
        facts: the file.
        before: returns what was in a column before, with the values of these records; called only if the names don't
            decide.
    """
    new = [key for key, records in facts.unknown.items() if records >= _MOST * facts.seen and is_nameable(key)]
    found = {name: Rename(key) for name, key in _by_names(columns, new, facts).items()}
    taken = {one.key for one in found.values()}
    left = [column for column in columns if column.name not in found and not column.is_list]
    free = [key for key in new if key not in taken]
    if free and facts.examples:
        records = {tuple(one["key"]) for one in facts.examples if None not in one["key"]}
        candidates = [
            (column, _by_values(column, free, facts, before(column, records), alone=len(left) == 1)) for column in left
        ]
        keys = Counter(one.key for _, one in candidates if one)
        found |= {column.name: one for column, one in candidates if one and keys[one.key] == 1}
    return found


def synonym_line(key: str) -> str:
    """Return the line for the contract file that makes the column read this key, too."""
    return f"synonyms: [{{synonym: {json.dumps(key, ensure_ascii=False)}}}]"


def _by_names(columns: Sequence[Column], keys: Sequence[str], facts: FileFacts) -> dict[str, str]:
    """Return column -> the key whose name is most like the column's; none if another column or key is as close."""
    alike = [
        (likeness, column.name, key)
        for column in columns
        for key in keys
        if (likeness := _likeness(key, column)) >= _ALIKE and _fits(facts.samples.get(key, ""), column)
    ]
    found = {}
    for likeness, name, key in alike:
        rivals = [one for one in alike if one[0] >= likeness and (one[1] == name) != (one[2] == key)]
        if not rivals:
            found[name] = key
    return found


def _by_values(column: Column, keys: Sequence[str], facts: FileFacts, before: Before, *, alone: bool) -> Rename | None:
    """Find the only key whose values are those of the column; `alone`: no other column is in question."""
    fresh = [key for key in keys if key not in before.known]
    found: list[Rename] = []
    for key in fresh:
        texts = [(tuple(one["key"]), one["texts"][key]) for one in facts.examples if key in one["texts"]]
        values = [(record, value) for record, text in texts if (value := _value(text, column)) is not None]
        if len(values) < _MOST * len(texts):
            continue  # many are not of the column's type
        pairs = [(before.values[record], value) for record, value in values if record in before.values]
        if len(pairs) >= _PAIRS:
            equal = sum(one == other for one, other in pairs)
            if _agree(pairs, equal, _CHANCE_OF_ONE if alone and len(fresh) == 1 else _CHANCE):
                found.append(Rename(key, f"{equal} of {len(pairs)} records have the same value as before"))
        elif alone and len(fresh) == 1 and (common := _in_common(values, before, column)):
            found.append(Rename(key, f"{common} of {len(values)} values were there before"))
    return found[0] if len(found) == 1 else None


def _agree(pairs: Sequence[tuple[Any, Any]], equal: int, chance: float) -> bool:
    """Whether the values of each pair are the same, and not by chance."""
    ones, others = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    expected = sum(times * others[value] for value, times in ones.items()) / len(pairs) ** 2
    if expected >= 1:
        return False  # one value everywhere tells nothing
    agreement = (equal / len(pairs) - expected) / (1 - expected)
    return bool(agreement >= _AGREEMENT and expected**equal <= chance)


def _in_common(values: Sequence[tuple[Key, Any]], before: Before, column: Column) -> int:
    """Return how many values were there before; 0 if they tell nothing about the column."""
    there = before.there
    common = [value for _, value in values if value in there]
    if len(set(common)) < _DISTINCT or len(common) < _AGREEMENT * len(values):
        return 0
    if column.kind.is_text:
        return len(common)
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in common):
        return 0  # dates, and numbers such as prices, are alike in many columns
    span = max(there) - min(there) + 1
    return len(common) if len(there) <= _SPARSE * span else 0


def _likeness(key: str, column: Column) -> float:
    known = {column.name, *(parse_source(path)[-1].name for path in column.paths)}
    return max(_alike(key, one) for one in known)


def _alike(one: str, other: str) -> float:
    words, others = words_of(one), words_of(other)
    joined, joined_other = "".join(words), "".join(others)
    if joined and joined == joined_other:
        return 1.0
    if mean_the_same(one, other):
        return 0.95
    if _DIGITS.findall(joined) != _DIGITS.findall(joined_other):
        return 0.0  # phone1 and phone2
    return SequenceMatcher(None, joined, joined_other).ratio()


def _fits(sample: str, column: Column) -> bool:
    """Whether the column accepts this sample value."""
    if column.is_list:
        return sample.startswith("[") or column.split is not None
    if sample == "null" or len(sample) >= _SAMPLE_CHARS:
        return column.kind.is_text
    normal, value = _read(sample, column)
    if not normal:
        return False
    # `decode` and `keeping` may be unsure of a valid value; then the normal spelling decides.
    texts = pa.array([normal], pa.string())
    return value is None or bool(keeping(column, texts, column.kind.decode(texts))[0].as_py())


def _value(text: str, column: Column) -> Any:  # noqa: ANN401 - a value of any type
    """Return the column's value for a text; None if it has none."""
    return None if len(text) >= _SAMPLE_CHARS else _read(text, column)[1]


def _read(text: str, column: Column) -> tuple[str, Any]:
    """Return the normal spelling of a text, empty if it is not of the column's type, and its value if that is known."""
    bare = text if column.kind.is_text else text.strip(BLANKS)
    if not bare.strip(BLANKS):
        return "", None
    try:
        normal = column.kind.normal(bare, column.notation)
        return normal, column.kind.decode(pa.array([normal], pa.string()))[0].as_py()
    except (NotOfTypeError, pa.ArrowInvalid):  # ArrowInvalid: too many digits for the decimal
        return "", None
