"""Group the open points of a table, refusals and warnings: what many partitions have in common is reported once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from trustedlake.core.partition_name import WHOLE
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from trustedlake.models.ledger import Warned
    from trustedlake.models.report import PartitionReport, TableReport

ALONE = 3
"""Up to this many partitions are listed one by one, because their messages may differ in counts and file names."""

REASONS = 5
"""Number of reasons that a refusal names."""

EVERY = "all"
"""What `accept` takes for all partitions that have a warning."""

_OF_COLUMN = re.compile(
    r"column (?P<column>\S+) (?P<verb>is|has) (?P<rest>(?:absent from every|no value in any)(?:(?!; it seems to be).)*)"
)
_SEVERAL = {"is": "are", "has": "have"}
_NUMBER = re.compile(r"[0-9][0-9,.]*")
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class SharedPoint:
    """An open point of one or more partitions.

    Attributes:
        partitions: their names, in order; `""` for the whole table.
        since: when it was reported first; None if unknown.
        message: that of the last partition.
    """

    partitions: tuple[str, ...]
    since: datetime | None
    message: str

    @property
    def where(self) -> str:
        """Return the partition's name; for several, their number and the names of the first and the last one."""
        if len(self.partitions) > 1:
            return f"{len(self.partitions):,} partitions, {self.partitions[0]} to {self.partitions[-1]}"
        return self.partitions[0] or "the table"

    @property
    def told(self) -> str:
        """Return the date (if known) and the message; for several partitions, the message of the last one."""
        since = f"since {self.since:%Y-%m-%d}: " if self.since else ""
        last = "in the last one: " if len(self.partitions) > 1 else ""
        return f"{since}{last}{self.message}"

    @property
    def only(self) -> str:
        """Return the partition; empty if there are several."""
        return self.partitions[0] if len(self.partitions) == 1 else ""


@dataclass(frozen=True, slots=True)
class SharedWarning(SharedPoint):
    """A warning of one or more partitions, or several that differ only in their column.

    Attributes:
        last: the (first) warning of the last partition.
        ids: their ids, one for each column.
    """

    last: Warned
    ids: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return the id; for several, their kind."""
        return self.ids[0] if len(self.ids) == 1 else self.last.kind

    @property
    def to_accept(self) -> str:
        """Return the argument PARTITION of `accept`."""
        return EVERY if len(self.partitions) > 1 else self.only or WHOLE


def shared_warnings(found: Mapping[str, Iterable[Warned]], *, alone: int = ALONE) -> list[SharedWarning]:
    """Group the warnings of partitions by their ids and renamed keys, in the order of first appearance.

    A warning of up to `alone` partitions is not grouped. What is said of several columns is said once.
    """
    by_id: dict[tuple[str, str], dict[str, Warned]] = {}
    for partition, warnings in found.items():
        for one in warnings:
            by_id.setdefault((one.id, one.renamed), {})[partition] = one
    shared = [
        SharedWarning(names, min(same[name].since for name in names), _told(last := same[names[-1]]), last, (last.id,))
        for same in by_id.values()
        for names in _groups(list(same), alone)
    ]
    told = dict(enumerate(one.message for one in shared))
    return [
        replace(shared[numbers[0]], message=message, ids=tuple(shared[number].last.id for number in numbers))
        for numbers, message in of_columns(told, lambda number: (shared[number].partitions, shared[number].since))
    ]


def of_columns(
    messages: Mapping[_Key, str], apart: Callable[[_Key], object] = lambda _: None
) -> list[tuple[list[_Key], str]]:
    """Merge messages that say the same of several columns; return each with its keys, in the order of first appearance.

    Messages for which `apart` returns different things are never merged.
    """
    found = {key: _OF_COLUMN.fullmatch(message) for key, message in messages.items()}
    groups: dict[object, list[_Key]] = {}
    for key, told in found.items():
        groups.setdefault((apart(key), told["verb"], told["rest"]) if told else (key,), []).append(key)
    return [(keys, _merged([found[key] for key in keys]) or messages[keys[0]]) for keys in groups.values()]


def _merged(found: Sequence[re.Match[str] | None]) -> str:
    """Return one message for several columns; empty for a single message."""
    told = [one for one in found if one]
    if not told[1:]:
        return ""
    return f"columns {', '.join(one['column'] for one in told)} {_SEVERAL[told[0]['verb']]} {told[0]['rest']}"


def with_one_remedy(found: Iterable[SharedWarning]) -> list[list[SharedWarning]]:
    """Group warnings that the same steps settle, in the order of first appearance."""
    groups: dict[tuple[str, bool], list[SharedWarning]] = {}
    for one in found:
        groups.setdefault((one.last.kind, bool(one.last.renamed)), []).append(one)
    return list(groups.values())


def shared_points(
    told: Mapping[str, str],
    since: Mapping[str, datetime] | None = None,
    *,
    reasons: Mapping[str, Iterable[str]] | None = None,
    alone: int = ALONE,
) -> list[SharedPoint]:
    """Group partitions by their message, for instance why they are refused, in the order of first appearance.

    Args:
        told: partition -> message.
        since: partition -> since when.
        reasons: partition -> reasons of its records, because a message may only count them.
        alone: up to this many partitions are not grouped.
    """
    times, causes = since or {}, reasons or {}
    whole = {name: _with_reasons(message, causes.get(name, ())) for name, message in told.items()}
    return [
        SharedPoint(names, min((times[name] for name in names if name in times), default=None), whole[names[-1]])
        for same in alike(whole)
        for names in _groups(same, alone)
    ]


def shared_refusals(partitions: Iterable[PartitionReport]) -> list[SharedPoint]:
    """Group the partitions that a run refused, out of these."""
    refused = [part for part in partitions if part.status == "refused"]
    return shared_points(
        {part.partition: part.message for part in refused}, reasons={part.partition: part.reasons for part in refused}
    )


def why_refused(table: TableReport) -> str:
    """Return in one line why a run failed or refused a table: the first few partitions, then how many more."""
    points = shared_refusals(table.partitions)
    told = [f"{point.where}: {point.told}" for point in points[:ALONE]]
    rest = sum(len(point.partitions) for point in points[ALONE:])
    return table.message or "; ".join([*told, *([f"and {rest:,} more partition(s)"] if rest else [])])


def alike(messages: Mapping[_Key, str]) -> list[list[_Key]]:
    """Group the keys that have the same message; messages that differ only in numbers count as the same."""
    groups: dict[str, list[_Key]] = {}
    for key, message in messages.items():
        groups.setdefault(_NUMBER.sub("0", message), []).append(key)
    return list(groups.values())


def _with_reasons(why: str, reasons: Iterable[str]) -> str:
    """Add the reasons of rejected records; those of whole files are in the message already."""
    names = sorted(one for one in reasons if not one.startswith("file|"))
    return f"{why}; reasons: {some(names, REASONS)}" if names else why


def _told(warning: Warned) -> str:
    return f"{warning.message}; {warning.advice}" if warning.advice else warning.message


def _groups(names: Sequence[str], alone: int) -> list[tuple[str, ...]]:
    return [tuple(names)] if len(names) > alone else [(name,) for name in names]
