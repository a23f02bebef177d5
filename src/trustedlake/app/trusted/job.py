"""One table to bring from Raw to Trusted: what the caller wants, what it works with, and what it tells."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from trustedlake.app.events import tell
from trustedlake.app.trusted.listing import RawFiles, lake_path
from trustedlake.models.contract import MAX_REJECTED
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import RawFile
    from trustedlake.models.report import Traffic
    from trustedlake.ports import Acceptor, Clock, Engine, Framer, Host, ObjectStore, RunObserver, StagedReader


Vanished = Literal["fail", "keep", "drop"]
"""What becomes of the rows of raw files that are gone."""


Lanes = Literal["auto", "off"]
"""Whether records that are plainly right are accepted without an engine, or the engine judges every record."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run from Raw to Trusted.

    Attributes:
        max_rejected: share of a partition's records (0 to 1) that may be rejected; None: what the contract says.
        accept_unreadable: paths, as the report names them, of unreadable files to publish without.
        strict: an absent column that was there before is an error.
        full_refresh: judge everything again and move unknown files out of Trusted.
        dry_run: tell what would be done and do nothing.
    """

    max_rejected: float | None = None
    accept_unreadable: frozenset[str] = frozenset()
    vanished: Vanished = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False


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


@dataclass(frozen=True)
class Job:
    """One table to bring up to date.

    Attributes:
        tables: every table that is known: what they take is not this one's to refuse.
    """

    tools: Tools
    paths: TablePaths
    contract: Contract
    options: Options
    run_id: str
    tables: tuple[Contract, ...] = ()

    @cached_property
    def raw_files(self) -> RawFiles:
        """Which raw files are whose."""
        return RawFiles(self.contract, self.tables, alone=self.paths.named)

    def readers(self, path: str) -> tuple[int, ...]:
        """Which of the other tables read the file that lineage calls `path`, too."""
        return self.raw_files.readers(lake_path(self.store, self.paths, path))

    def fingerprint(self, raw: Iterable[RawFile]) -> str:
        """Checksum of all that the rows of these files depend on besides their bytes."""
        return self.raw_files.fingerprint(lake_path(self.store, self.paths, one.path) for one in raw)

    @property
    def max_rejected(self) -> float:
        """Share of a partition's records that may be rejected: the caller's, the contract's, or the usual one."""
        told = self.options.max_rejected
        given = self.contract.raw.max_rejected if told is None else told
        return MAX_REJECTED if given is None else given

    def tell(self, event: str, **fields: object) -> None:
        """Tell of an event of this table in this run."""
        tell(event, level=logging.INFO, run_id=self.run_id, table=self.contract.table, **fields)

    @property
    def store(self) -> ObjectStore:
        """The store that holds Raw, Trusted and the state."""
        return self.tools.store

    @property
    def staging(self) -> str:
        """Folder of what this run has written and not yet published."""
        return self.paths.staging(self.run_id)

    @property
    def host(self) -> Host:
        """This process."""
        return self.tools.host

    @property
    def shield(self) -> Callable[[], AbstractContextManager[object]]:
        """Entered while a publish must not be interrupted."""
        return self.tools.shield
