"""A table day by day: what is published, what is open, and which days are missing."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.partition import date_of
from trustedlake.models.ledger import QUARANTINE, Counts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustedlake.models.ledger import Partition
    from trustedlake.models.status import TableOverview

USUAL = 0.5
"""Share of the weeks from which on a weekday is one on which data is expected."""


SATURDAY = 5


class State(StrEnum):
    """How a partition or a day stands; of several the first one here tells."""

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
        name: of its folder; empty for a table without partitions.
        day: that its name tells; None if it tells none.
        entry: the ledger's; None where no run has been yet.
        pending: raw files that no run has taken.
    """

    name: str
    day: date | None
    state: State
    entry: Partition | None
    pending: tuple[str, ...]

    @property
    def counts(self) -> Counts:
        """Of what is published."""
        return self.entry.counts if self.entry else Counts()


@dataclass(frozen=True)
class Day:
    """A day of the calendar.

    Attributes:
        state: None if there is nothing, and nothing is expected.
        parts: its partitions; none for a day that is missing.
    """

    day: date
    state: State | None
    parts: tuple[Part, ...] = ()

    @cached_property
    def counts(self) -> Counts:
        """Of what is published of it."""
        return sum((part.counts for part in self.parts), Counts())

    @property
    def pending(self) -> int:
        """Raw files that no run has taken."""
        return sum(len(part.pending) for part in self.parts)


def parts_of(table: TableOverview, held: Mapping[str, str]) -> list[Part]:
    """The partitions of a table, in order of their names.

    `held`: partition -> why the last run refused to go on with it, besides those that the ledger calls refused.
    """
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
    """Every day of the months that have data on any.

    A day without data is missing if its weekday mostly has some: a lake that is filed from Monday to Friday misses no
    Sunday. In the first week it is missing if most days have some, and it is no weekend.
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
        # Of a young lake a weekday that came once tells nothing of itself.
        usual |= {weekday for weekday, count in all_of.items() if count == 1 and weekday < SATURDAY}
    return usual


def without_ends(days: Sequence[Day]) -> Sequence[Day]:
    """The days from the first to the last one with data."""
    places = [place for place, day in enumerate(days) if day.parts]
    return days[places[0] : places[-1] + 1] if places else ()


def months_of(days: Sequence[Day]) -> list[list[Day]]:
    """The days, month by month."""
    return [list(month) for _, month in groupby(days, key=lambda one: (one.day.year, one.day.month))]
