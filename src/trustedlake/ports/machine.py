"""This machine: its time, its processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from trustedlake.models.journal import Owner


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...


class Host(Protocol):
    """Knows this process and whether another one still lives."""

    def owner(self) -> Owner:
        """This process, with a new token at each call."""
        ...

    def is_dead(self, owner: Owner) -> bool:
        """True only if the process provably ended: same host and boot, process gone."""
        ...
