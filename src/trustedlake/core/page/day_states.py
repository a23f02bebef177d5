"""A table day by day: what is published, what is open, and which days are missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.partition_name import date_of
from trustedlake.models.ledger import QUARANTINE, Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.models.ledger import Partition
    from trustedlake.models.overview import TableOverview

USUAL = 0.5
"""If at least this share of the weeks has data on a weekday, data is expected on that weekday."""


SATURDAY = 5


class State(StrEnum):
    """State of a partition or a day; if there are several, the first in this order is shown."""

    REFUSED = "refused"
    WARNING = "open warnings"
    PENDING = "pending"
    REJECTED = "with rejected"
    PUBLISHED = "published"
    MISSING = "missing"


_WORST_FIRST = list(State)


@dataclass(frozen=True, slots=True)
class Part:
    """A partition.

    Attributes:
        name: its folder name; empty for a table without partitions.
        day: the day in its name; None if there is none.
        entry: its entry in the ledger; None if no run has processed it yet.
        pending: raw files that no run has processed yet.
    """

    name: str
    day: date | None
    state: State
    entry: Partition | None
    pending: tuple[str, ...]

    @property
    def counts(self) -> Counts:
        """Counts of what is published."""
        return self.entry.counts if self.entry else Counts()


@dataclass(frozen=True)
class Day:
    """A day of the calendar.

    Attributes:
        state: None if there is no data and none is expected.
        parts: its partitions; empty for a missing day.
    """

    day: date
    state: State | None
    parts: tuple[Part, ...] = ()

    @cached_property
    def counts(self) -> Counts:
        """Counts of what is published of this day."""
        return sum((part.counts for part in self.parts), Counts())

    @property
    def pending(self) -> int:
        """Number of raw files that no run has processed yet."""
        return sum(len(part.pending) for part in self.parts)


def parts_of(table: TableOverview) -> list[Part]:
    """Return the partitions of a table, sorted by name."""
    held = table.status.held
    entries = table.ledger.partitions if table.ledger else {}
    names = sorted({*entries, *table.pending})
    return [_part(name, entries.get(name), table.pending.get(name, ()), is_held=name in held) for name in names]


def _part(name: str, entry: Partition | None, pending: tuple[str, ...], *, is_held: bool) -> Part:
    state = State.PUBLISHED
    if is_held or (entry and entry.refusal):
        state = State.REFUSED
    elif entry and any(one.kind != QUARANTINE for one in entry.open_warnings):
        state = State.WARNING
    elif pending:
        state = State.PENDING
    elif entry and entry.counts.rejected:
        state = State.REJECTED
    return Part(name, date_of(name), state, entry, pending)


def days_of(parts: Sequence[Part]) -> list[Day]:
    """Return every day of the months that have data.

    A day without data is missing if its weekday usually has data: a lake that is filled from Monday to Friday misses
    no Sunday. In the first week, a day is missing if most days have data and it is not on a weekend.
    """
    by_day: dict[date, list[Part]] = defaultdict(list)
    for part in parts:
        if part.day:
            by_day[part.day].append(part)
    if not by_day:
        return []
    every = [day for month in sorted({(day.year, day.month) for day in by_day}) for day in _month(*month)]
    first, last = min(by_day), max(by_day)
    usual = _usual_weekdays([day for day in every if first <= day <= last], by_day)
    return [_day(day, by_day.get(day, ()), expected=first <= day <= last and day.weekday() in usual) for day in every]


def _day(day: date, parts: Sequence[Part], *, expected: bool) -> Day:
    if not parts:
        return Day(day, State.MISSING if expected else None)
    return Day(day, min((part.state for part in parts), key=_WORST_FIRST.index), tuple(parts))


def _month(year: int, month: int) -> Iterator[date]:
    day = date(year, month, 1)
    while day.month == month:
        yield day
        if day == date.max:
            return
        day += timedelta(days=1)


def _usual_weekdays(shown: Sequence[date], with_data: Mapping[date, object]) -> set[int]:
    all_of: Counter[int] = Counter()
    those: Counter[int] = Counter()
    for day in shown:
        all_of[day.weekday()] += 1
        those[day.weekday()] += day in with_data
    usual = {weekday for weekday, count in all_of.items() if those[weekday] >= USUAL * count}
    if those.total() >= USUAL * all_of.total():
        # In a young lake, a weekday that occurred only once proves nothing.
        usual |= {weekday for weekday, count in all_of.items() if count == 1 and weekday < SATURDAY}
    return usual


def without_ends(days: Sequence[Day]) -> Sequence[Day]:
    """Return the days from the first to the last one with data."""
    places = [place for place, day in enumerate(days) if day.parts]
    return days[places[0] : places[-1] + 1] if places else ()


def months_of(days: Sequence[Day]) -> list[list[Day]]:
    """Group the days by month."""
    return [list(month) for _, month in groupby(days, key=lambda one: (one.day.year, one.day.month))]
