"""One table to bring from Raw to Trusted: its folders and contract, the ports, what the caller chose, the events."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

from trustedlake.app.log import tell
from trustedlake.app.trusted.listing import lake_path
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.models.contract import MAX_REJECTED
from trustedlake.ports import UNOBSERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustedlake.models.choices import OnVanished
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import RawFile
    from trustedlake.models.report import Traffic
    from trustedlake.ports import Acceptor, Clock, Engine, Framer, Host, ObjectStore, RunObserver, StagedReader


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run from Raw to Trusted.

    Attributes:
        max_rejected: share of a partition's records (0 to 1) that may be rejected; None: use the contract's value.
        accept_unreadable: paths, as in the report, of unreadable files to publish without.
        strict: treat a column that disappeared as an error.
        full_refresh: judge everything again and move unknown files out of Trusted.
        dry_run: report what would be done and change nothing.
    """

    max_rejected: float | None = None
    accept_unreadable: frozenset[str] = frozenset()
    vanished: OnVanished = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False


class Progress(Protocol):
    """Receives the progress of a run."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
        """Report that a step began or advanced.

        Args:
            step: `list`, `frame`, `judge`, `prove` or `publish`; `fetch` and `send` can come during any of them.
            done: files (`frame`), bytes (`fetch`, `send`) or partitions (the other steps) so far.
            total: files or partitions in all; 0 if not known.
            records: records so far.
        """
        ...


def silent(step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:
    """Ignore the progress."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The ports of one run.

    Attributes:
        acceptor: accepts clearly valid records before the engine is asked; None: the engine judges everything.
        stand_in: second engine, used if the first fails, or loses or changes a record; None: there is no second engine.
        shield: context for a publish that must not be interrupted; Ctrl-C waits until it exits.
        observer: receives the start and end of each table.
        traffic: returns the network traffic so far; None for a local lake.
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
        tables: all known tables; this table does not refuse records that another one takes.
    """

    tools: Tools
    paths: TablePaths
    contract: Contract
    options: Options
    run_id: str
    tables: tuple[Contract, ...] = ()

    @cached_property
    def raw_files(self) -> RawFiles:
        """The raw files of this table among those of all tables."""
        return RawFiles(self.contract, self.tables, alone=self.paths.named)

    def readers(self, path: str) -> tuple[int, ...]:
        """Return which of the other tables also read the file that lineage calls `path`."""
        return self.raw_files.readers(lake_path(self.store, self.paths, path))

    def fingerprint(self, raw: Iterable[RawFile]) -> str:
        """Return a checksum of everything that the rows of these files depend on, except the files' bytes."""
        return self.raw_files.fingerprint((one.path for one in raw), partial(lake_path, self.store, self.paths))

    @property
    def max_rejected(self) -> float:
        """Share of a partition's records that may be rejected: from the caller, the contract or the default."""
        told = self.options.max_rejected
        given = self.contract.raw.max_rejected if told is None else told
        return MAX_REJECTED if given is None else given

    def tell(self, event: str, **fields: object) -> None:
        """Log an event of this table in this run."""
        tell(event, level=logging.INFO, run_id=self.run_id, table=self.contract.table, **fields)

    @property
    def store(self) -> ObjectStore:
        """The store that holds Raw, Trusted and the state."""
        return self.tools.store

    @property
    def staging(self) -> str:
        """Folder for files that this run has written but not yet published."""
        return self.paths.staging(self.run_id)

    @property
    def host(self) -> Host:
        """This process."""
        return self.tools.host

    @property
    def shield(self) -> Callable[[], AbstractContextManager[object]]:
        """Context for a publish that must not be interrupted."""
        return self.tools.shield
