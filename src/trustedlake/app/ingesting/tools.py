"""What an extraction works with, and what the user asks of it."""

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
    """Hears how far an extraction is."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
        """A step began or went on.

        Args:
            step: `wait` (TMDB has not answered yet), `list` (its unit is the page) or `fetch` (the film).
            done: so far, those of earlier runs too.
            total: in all, 0 if that is not known.
            written: bytes in files of Raw so far, those of earlier runs too.
        """
        ...


def unheard(step: str, *, done: int = 0, total: int = 0, written: int = 0) -> None:
    """Progress that nobody hears."""


@dataclass(frozen=True, slots=True)
class IngestTools:
    """The ports of one extraction.

    Attributes:
        lake: the lake's folder, as a key; empty when the store is rooted at the lake.
        observer: hears when a run begins and how it ends.
        sleep: waits so many seconds; by default threads really wait, and wake up when the run ends.
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
    """What the user asks of one extraction.

    Attributes:
        batch: films in a file.
        per_second: calls a second; 0 lifts the limit.
        restart: begin anew even if the window is complete, or leave an unfinished one as it is.
        workers: calls under way at once.
        limits: when to stop trying; None for the usual ones.
        stop_at: moment of the monotonic clock at which it stops with its state saved; None: never.
    """

    query: Query
    batch: int = 100
    per_second: float = 35.0
    restart: bool = False
    workers: int = 12
    limits: Limits | None = None
    stop_at: float | None = None
