"""Counts the bytes sent to a bucket and fetched from it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from trustedlake.models.report import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable


class Meter:
    """Bytes fetched and sent so far; a repeated fetch counts again. Safe to share between threads.

    Args:
        hear: called with the new counts after each block.
    """

    def __init__(self, hear: Callable[[Traffic], None] | None = None) -> None:
        self._hear = hear
        self._lock = threading.Lock()
        self._fetched = self._sent = 0

    def fetched(self, count: int) -> None:
        """Add bytes that were fetched."""
        with self._lock:
            self._fetched += count
        self._tell()

    def sent(self, count: int) -> None:
        """Add bytes that were sent."""
        with self._lock:
            self._sent += count
        self._tell()

    @property
    def traffic(self) -> Traffic:
        """Return the counts."""
        with self._lock:
            return Traffic(fetched=self._fetched, sent=self._sent)

    def _tell(self) -> None:
        if self._hear is not None:
            self._hear(self.traffic)
