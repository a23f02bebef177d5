"""Differences between two contracts and what they mean for published days; renamed keys in the data."""

from __future__ import annotations

from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from trustedlake.core.inferring.meanings import meaning
from trustedlake.core.inferring.names import is_nameable, words_of
from trustedlake.core.rules import keeping
from trustedlake.types import NotOfTypeError
from trustedlake.types.source_path import parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.core.facts import FileFacts
    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract


class Effect(StrEnum):
    """What a change means for published days, from least to most."""

    NONE = "none"
    AGAIN = "again"
    REFRESH = "refresh"


MEANING = {
    Effect.NONE: "published days stay as they are",
    Effect.AGAIN: "the next run judges published days again",
    Effect.REFRESH: "published days do not fit any more: run to-trusted with --full-refresh",
}


class Change(NamedTuple):
    """One difference.

    Attributes:
        field: where it is: `people`, `people.birthday`, `people.raw`.
        what: the difference, in words.
        effect: what it means for published days.
    """

    field: str
    what: str
    effect: Effect


_QUIET = ("description", "expected")
_RAW_QUIET = ("known", "max_rejected")


def compare(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Return all differences between two contracts of one table, in the order of the contract."""
    return tuple(_changes(old, new))


def effect_of(changes: tuple[Change, ...]) -> Effect:
    """Return the strongest effect among the changes."""
    order = list(Effect)
    return max((change.effect for change in changes), key=order.index, default=Effect.NONE)


def _changes(old: Contract, new: Contract) -> Iterator[Change]:
    table = new.table
    if old.trusted != new.trusted:
        yield Change(f"{table}.trusted", _from_to(old.trusted, new.trusted), Effect.REFRESH)
    if old.partition != new.partition:
        yield Change(f"{table}.partition", _from_to(old.partition, new.partition), Effect.REFRESH)
    for name in ("key", "duplicates", "prefer", "witness"):
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{table}.{name}", _from_to(getattr(old, name), getattr(new, name)), Effect.AGAIN)
    for name in ("version", "description", "source", "entity"):
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{table}.{name}", _from_to(getattr(old, name), getattr(new, name)), Effect.NONE)
    for name in type(old.raw).model_fields:
        before, after = getattr(old.raw, name), getattr(new.raw, name)
        if before != after:
            effect = Effect.NONE if name in _RAW_QUIET else Effect.AGAIN
            yield Change(f"{table}.raw.{name}", _from_to(before, after), effect)
    yield from _columns(old, new)


def _columns(old: Contract, new: Contract) -> Iterator[Change]:
    before = {column.name: column for column in old.columns}
    after = {column.name: column for column in new.columns}
    for name, column in before.items():
        field = f"{new.table}.{name}"
        if name not in after:
            yield Change(field, f"the column ({column.type}) is removed", Effect.REFRESH)
        else:
            yield from _column(field, column, after[name])
    for name, column in after.items():
        if name not in before:
            yield Change(f"{new.table}.{name}", f"a column ({column.type}) is added", Effect.AGAIN)
    kept = [name for name in after if name in before]
    if kept != [name for name in before if name in after]:
        yield Change(new.table, "the columns are in another order", Effect.AGAIN)


def _column(field: str, old: Column, new: Column) -> Iterator[Change]:
    if old.type != new.type:
        yield Change(field, f"type: {_from_to(old.type, new.type)}", Effect.REFRESH)
    for name in type(new).model_fields:
        before, after = getattr(old, name), getattr(new, name)
        if before != after and name not in {"name", "type"}:
            yield Change(f"{field}.{name}", _from_to(before, after), Effect.NONE if name in _QUIET else Effect.AGAIN)


def _from_to(old: Any, new: Any) -> str:  # noqa: ANN401 - a value of any field
    return f"{_told(old)} -> {_told(new)}"


def _told(value: Any) -> str:  # noqa: ANN401 - as above
    match value:
        case None | () | "":
            return "nothing"
        case dict() if not value:
            return "nothing"
        case tuple():
            return ", ".join("null" if one is None else str(one) or '""' for one in value)
        case dict():
            return "; ".join(f"{key}: {_told(one)}" for key, one in value.items())
        case bool():
            return str(value).lower()
        case _:
            return str(value) if not hasattr(value, "model_dump") else _told(value.model_dump(exclude_defaults=True))


_MOST = 0.9
"""A renamed key must be in at least this share of a file's records."""

_ALIKE = 0.8
"""Two names at least this similar (0 to 1) count as spellings of one name."""

_SAMPLE_CHARS = 80
"""Length of a sample in characters; a sample this long may be truncated."""


def find_renamed(column: Column, facts: FileFacts) -> str | None:
    """Find the new key of a column's values in a file that has none of the column's keys; None if there is none.

    The key's name must mean the same as the column's, or be spelled almost the same, and its values must fit.
    """
    found = [
        (likeness, key)
        for key, records in facts.unknown.items()
        if records >= _MOST * facts.records
        and is_nameable(key)
        and (likeness := _likeness(key, column)) >= _ALIKE
        and _fits(facts.samples.get(key, ""), column)
    ]
    best = sorted(found, reverse=True)
    if len(best) > 1 and best[0][0] == best[1][0]:
        return None  # ambiguous: a person has to decide
    return best[0][1] if best else None


def synonym_line(key: str) -> str:
    """Return the line for the contract file that makes the column read this key, too."""
    import json  # noqa: PLC0415 - few contracts need it

    return f"synonyms: [{{synonym: {json.dumps(key, ensure_ascii=False)}}}]"


def _likeness(key: str, column: Column) -> float:
    known = {column.name, *(parse_source(path)[-1].name for path in column.paths)}
    return max(_alike(key, one) for one in known)


def _alike(one: str, other: str) -> float:
    words, others = words_of(one), words_of(other)
    joined, joined_other = "".join(words), "".join(others)
    if joined and joined == joined_other:
        return 1.0
    if meaning(one) and meaning(one) == meaning(other):
        return 0.95
    return SequenceMatcher(None, joined, joined_other).ratio()


def _fits(sample: str, column: Column) -> bool:
    """Whether the column accepts this sample value."""
    if column.is_list:
        return sample.startswith("[") or column.split is not None
    if sample == "null" or len(sample) >= _SAMPLE_CHARS:
        return column.kind.is_text
    try:
        normal = column.kind.normal(sample.strip(), column.notation) if sample.strip() else ""
    except NotOfTypeError:
        return False
    texts = pa.array([normal], pa.string())
    try:
        values = column.kind.decode(texts)
    except pa.ArrowInvalid:  # too many digits for the decimal
        return False
    # `decode` and `keeping` may be unsure of a valid value; then the normal spelling decides.
    return bool(normal) and (values[0].as_py() is None or keeping(column, texts, values)[0].as_py())
