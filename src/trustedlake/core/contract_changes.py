"""Differences between two contracts and what they mean for published days."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from trustedlake.models.contract import QUIET, QUIET_COLUMN, QUIET_RAW

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.models.column import Column
    from trustedlake.models.contract import Contract


class Effect(StrEnum):
    """What a change means for published days, from least to most."""

    NONE = "none"
    NAMESAKES = "namesakes"
    AGAIN = "again"
    REFRESH = "refresh"


MEANING = {
    Effect.NONE: "published days stay as they are",
    Effect.NAMESAKES: "the next run judges days with several files of one name again",
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
    for name in sorted(QUIET):
        if getattr(old, name) != getattr(new, name):
            yield Change(f"{table}.{name}", _from_to(getattr(old, name), getattr(new, name)), Effect.NONE)
    for name in type(old.raw).model_fields:
        before, after = getattr(old.raw, name), getattr(new.raw, name)
        if before != after:
            effect = Effect.NONE if name in QUIET_RAW else Effect.AGAIN
            effect = Effect.NAMESAKES if name == "replaces" else effect
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
            yield Change(
                f"{field}.{name}", _from_to(before, after), Effect.NONE if name in QUIET_COLUMN else Effect.AGAIN
            )


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
