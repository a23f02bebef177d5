"""Group the open warnings of a table: what many partitions have in common is told once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from trustedlake.models.ledger import Warned

ALONE = 3
"""Up to this many partitions are told one by one: their messages may differ in counts and file names."""

EVERY = "all"
"""What `accept` takes for all partitions that have a warning."""


@dataclass(frozen=True, slots=True)
class SharedWarning:
    """A warning of one or more partitions.

    Attributes:
        partitions: their names, in order; `""` for the whole table.
        since: when the first of them was reported.
        last: the warning of the last one.
    """

    partitions: tuple[str, ...]
    since: datetime
    last: Warned

    @property
    def where(self) -> str:
        """Return the partition, or how many there are, with the first and the last one."""
        if len(self.partitions) > 1:
            return f"{len(self.partitions):,} partitions, {self.partitions[0]} to {self.partitions[-1]}"
        return self.partitions[0] or "the table"

    @property
    def since_and_message(self) -> str:
        """Return since when, and the message; that of the last partition if there are several."""
        last = "in the last: " if len(self.partitions) > 1 else ""
        return f"since {self.since:%Y-%m-%d}: {last}{self.last.message}"

    @property
    def to_accept(self) -> str:
        """Return the argument PARTITION of `accept`."""
        return EVERY if len(self.partitions) > 1 else self.partitions[0] or "-"


def shared_warnings(found: Mapping[str, Iterable[Warned]], *, alone: int = ALONE) -> list[SharedWarning]:
    """Group the warnings of partitions by their ids, in the order of first appearance.

    A warning of up to `alone` partitions is not grouped.
    """
    by_id: dict[str, list[SharedWarning]] = {}
    for partition, warnings in found.items():
        for one in warnings:
            by_id.setdefault(one.id, []).append(SharedWarning((partition,), one.since, one))
    return [one for same in by_id.values() for one in ([_joined(same)] if len(same) > alone else same)]


def _joined(same: Sequence[SharedWarning]) -> SharedWarning:
    names = tuple(name for one in same for name in one.partitions)
    return SharedWarning(names, min(one.since for one in same), same[-1].last)
