"""Clocks: the machine's own, and one that only moves when told to."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the time, timezone-aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - the only place that may read the clock

    def monotonic(self) -> float:
        """Return the seconds since some fixed moment; they never go back."""
        return time.monotonic()


class ManualClock:
    """A clock that stands still until it is told to move."""

    def __init__(self, start: datetime = datetime(2025, 6, 17, 12, tzinfo=UTC)) -> None:
        self._start = start
        self._passed_s = 0.0

    def now(self) -> datetime:
        """Return the time, timezone-aware, in UTC."""
        return self._start + timedelta(seconds=self._passed_s)

    def monotonic(self) -> float:
        """Return the seconds passed since the clock was created."""
        return self._passed_s

    def advance(self, seconds: float) -> None:
        """Let time pass.

        Raises:
            ValueError: `seconds` is negative; time does not go back.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds} s")
        self._passed_s += seconds
