"""What a use case works with: the ports, filled by the entry point."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.models.report import Traffic
    from trustedlake.ports import Acceptor, Clock, Engine, Framer, Host, ObjectStore, RunObserver, StagedReader


class Progress(Protocol):
    """Hears how far a run is."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
        """A step began or went on.

        Args:
            step: `list`, `frame`, `judge`, `prove` or `publish`; meanwhile `fetch` and `send`.
            done: files (`frame`), bytes (`fetch`, `send`) or partitions (the others) so far.
            total: files or partitions in all; 0 if that is not known.
            records: records so far.
        """
        ...


def silent(step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
    """Progress that nobody hears."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports of one run.

    Attributes:
        acceptor: takes what is plainly right before an engine is asked; None: the engine judges everything.
        stand_in: the engine that judges again where the first fails, or loses or changes a record; None: nobody.
        shield: entered while a publish must not be interrupted; Ctrl-C waits until it is left.
        observer: hears of each table's beginning and end.
        traffic: tells what went over the wire so far; None where the lake is a folder.
    """

    store: ObjectStore
    engine: Engine
    framer: Framer
    reader: StagedReader
    host: Host
    clock: Clock
    acceptor: Acceptor | None = None
    stand_in: Engine | None = None
    shield: Callable[[], AbstractContextManager[object]] = nullcontext
    progress: Progress = silent
    observer: RunObserver = UNOBSERVED
    traffic: Callable[[], Traffic | None] = lambda: None
