"""How fast calls may follow one another."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.ports import Clock


SLACK_S = 0.1
"""A turn that comes late by so much, because the machine was busy, does not delay those after it."""


class Pace:
    """Gives each call its turn, evenly spaced; shared by all threads. Goes by the monotonic clock alone.

    Args:
        per_second: turns a second; 0 lifts the limit.
        sleep: waits so many seconds.
    """

    def __init__(self, clock: Clock, sleep: Callable[[float], None], *, per_second: float) -> None:
        self._clock = clock
        self._sleep = sleep
        self._interval_s = 1 / per_second if per_second else 0.0
        self._next = 0.0
        self._lock = Lock()

    def take(self) -> None:
        """Wait for the next turn."""
        with self._lock:
            now = self._clock.monotonic()
            turn = max(now - SLACK_S, self._next)
            self._next = turn + self._interval_s
        if turn > now:
            self._sleep(turn - now)

    def hold(self, seconds: float) -> None:
        """Give no turn for so many seconds."""
        with self._lock:
            self._next = max(self._next, self._clock.monotonic() + seconds)
