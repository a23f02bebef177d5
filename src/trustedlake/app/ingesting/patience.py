"""Make calls at a steady pace, and retry them while that may help: with jitter, within a budget."""

from __future__ import annotations

import random
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from trustedlake.errors import BusyError, RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.ports import Clock


SLACK_S = 0.1
"""Seconds. If a turn is late by up to this much because the machine was busy, later turns are not delayed."""


class Pace:
    """Gives each call its turn, evenly spaced; shared by all threads. Uses only the monotonic clock.

    Args:
        per_second: turns per second; 0 means no limit.
        sleep: waits this many seconds.
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
        """Give no turn for this many seconds."""
        with self._lock:
            self._next = max(self._next, self._clock.monotonic() + seconds)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop trying.

    Attributes:
        attempts: calls of one kind, including the first.
        first_s: upper bound of the pause before the second call; it doubles with each further call.
        longest_s: upper bound of any pause.
        longest_asked_s: the longest `Retry-After` to wait for.
        budget: number of retries without a success in between; each success gives one back.
    """

    attempts: int = 8
    first_s: float = 0.5
    longest_s: float = 10.0
    longest_asked_s: float = 120.0
    budget: int = 200


class SpentError(RetriableError):
    """Too many calls failed: the remote side is down, and more calls would not help."""


class Patience:
    """Makes calls at the allowed pace; safe to share between threads.

    Args:
        sleep: waits this many seconds.
        chance: returns a number between 0 and 1: full jitter, so that clients do not all retry at the same time.
        unanswered: called at each pause before the first success.
    """

    def __init__(
        self,
        pace: Pace,
        sleep: Callable[[float], None],
        *,
        limits: Limits | None = None,
        chance: Callable[[], float] = random.random,
        unanswered: Callable[[], None] = lambda: None,
    ) -> None:
        self._pace = pace
        self._sleep = sleep
        self._limits = limits or Limits()
        self._chance = chance
        self._unanswered = unanswered
        self._answered = False
        self._left = self._limits.budget
        self._lock = Lock()
        self.calls = 0
        self.retries = 0

    def call(self, action: Callable[[], T]) -> T:
        """Call the action until it succeeds.

        Raises:
            BusyError: it failed as often as allowed.
            SpentError: the budget is spent, or the remote side asks for too long a wait.
        """
        attempt = 1
        while True:
            self._count(again=attempt > 1)
            self._pace.take()
            try:
                result = action()
            except BusyError as error:
                if attempt >= min(self._limits.attempts, error.attempts or self._limits.attempts):
                    if error.attempts:
                        self._spend(error)
                    raise
                self._pause(attempt, error)
                attempt += 1
            else:
                self._earn()
                return result

    def _count(self, *, again: bool) -> None:
        with self._lock:
            self.calls += 1
            self.retries += again

    def _earn(self) -> None:
        with self._lock:
            self._answered = True
            self._left = min(self._left + 1, self._limits.budget)

    def _spend(self, error: BusyError) -> None:
        with self._lock:
            self._left -= 1
            spent = self._left < 0
        if spent:
            raise SpentError(
                f"TMDB keeps failing: {self._limits.budget} more retries than successes; last error: {error.message}",
                hint="run again later: what was fetched is kept",
            ) from error

    def _pause(self, attempt: int, error: BusyError) -> None:
        self._spend(error)
        if not self._answered:
            self._unanswered()
        most = min(self._limits.longest_s, self._limits.first_s * 2 ** (attempt - 1))
        wait_s = most * self._chance()
        if error.wait_s is not None:
            if error.wait_s > self._limits.longest_asked_s:
                raise SpentError(
                    f"TMDB asks to wait for {error.wait_s:.0f} s: {error.message}",
                    hint=f"run again in {error.wait_s / 60:.0f} minutes: what was fetched is kept",
                ) from error
            self._pace.hold(error.wait_s)
            wait_s = error.wait_s + self._limits.first_s * self._chance()
        self._sleep(wait_s)
