"""Ports for this machine: its clock and its processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from trustedlake.models.journal import Owner


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time in UTC, with time zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; never goes back."""
        ...


class Host(Protocol):
    """Identifies this process, and tells whether another one still runs."""

    def owner(self) -> Owner:
        """Return this process, with a new token at each call."""
        ...

    def is_dead(self, owner: Owner) -> bool:
        """Return True only if the process has certainly ended: same host and boot, process gone."""
        ...
