"""The ports and options of an extraction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.app.ingesting.patience import Limits
    from trustedlake.models.ingest import Query
    from trustedlake.ports import Clock, Host, MovieSource, ObjectStore, RunObserver


class IngestProgress(Protocol):
    """Receives the progress of an extraction."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
        """Report that a step began or advanced.

        Args:
            step: `wait` (TMDB has not answered yet), `list` (counts pages) or `fetch` (counts films).
            done: so far, including earlier runs.
            total: in all; 0 if not known.
            written: bytes in files of Raw so far, including earlier runs.
        """
        ...


def unheard(step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class IngestTools:
    """The ports of one extraction.

    Attributes:
        lake: the lake's folder, as a key; empty if the store is rooted at the lake.
        observer: receives the start and end of a run.
        sleep: waits this many seconds; by default threads really wait, and wake up when the run ends.
    """

    store: ObjectStore
    source: MovieSource
    host: Host
    clock: Clock
    lake: str = ""
    progress: IngestProgress = unheard
    observer: RunObserver = UNOBSERVED
    sleep: Callable[[float], None] | None = None


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """The user's options for one extraction.

    Attributes:
        batch: films per file.
        per_second: calls per second; 0 means no limit.
        restart: begin a new window, even if today's is complete; an unfinished one stays as it is.
        workers: number of calls at the same time.
        limits: when to stop trying; None for the defaults.
        stop_at: time of the monotonic clock at which the run saves its state and stops; None: never.
    """

    query: Query
    batch: int = 100
    per_second: float = 35.0
    restart: bool = False
    workers: int = 12
    limits: Limits | None = None
    stop_at: float | None = None
