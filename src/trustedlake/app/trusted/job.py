"""One table in one run: what the use case is asked to do, and with what."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from trustedlake.app.events import tell
from trustedlake.app.trusted.listing import lake_path
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.app.trusted.watch import Watch
from trustedlake.models.contract import MAX_REJECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from contextlib import AbstractContextManager

    from trustedlake.app.trusted.options import Options
    from trustedlake.app.trusted.tools import Tools
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import RawFile
    from trustedlake.ports import Host, ObjectStore


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

    @cached_property
    def watch(self) -> Watch:
        """Tells the run's observer of this table, which begins when it is first asked for."""
        return Watch(self)

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
