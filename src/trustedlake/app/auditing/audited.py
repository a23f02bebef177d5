"""A table to audit, and how to read its files with other code than the code that wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Protocol

from trustedlake.app.trusted.listing import in_lake, lake_path
from trustedlake.app.trusted.raw_files import RawFiles

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.core.auditing import Census, QuarantinedRow, TrustedRow
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import RawFile
    from trustedlake.ports import Host, ObjectStore


class Evidence(Protocol):
    """Reads files for the audit, with other code than the code that wrote them."""

    def census(self, file: Path, contract: Contract, others: Sequence[Contract]) -> Census:
        """Find the records of a raw file; the tables of `others` read the file, too."""
        ...

    def trusted(self, file: Path, contract: Contract) -> Iterator[TrustedRow]:
        """Yield the rows of a Trusted file. Raises InputError if it can't be read."""
        ...

    def quarantined(self, file: Path) -> Iterator[QuarantinedRow]:
        """Yield the rows of a Quarantine file. Raises InputError if it can't be read."""
        ...


@dataclass(frozen=True)
class Audited:
    """One table to audit, with the tools for it; it can also finish a publish."""

    store: ObjectStore
    host: Host
    shield: Callable[[], AbstractContextManager[object]]
    paths: TablePaths
    contract: Contract
    run_id: str
    evidence: Evidence
    tables: tuple[Contract, ...] = ()

    @cached_property
    def raw_files(self) -> RawFiles:
        """The raw files of this table among those of all tables."""
        return RawFiles(self.contract, self.tables, alone=self.paths.named)

    @property
    def raw_table(self) -> RawTable:
        """The table as the raw zone knows it."""
        return self.store, self.paths, self.raw_files

    def fingerprint(self, raw: Iterable[RawFile]) -> str:
        """Return a checksum of everything that the rows of these files depend on, except the files' bytes."""
        return self.raw_files.fingerprint((one.path for one in raw), partial(lake_path, self.store, self.paths))

    def census(self, key: str, file: Path) -> Census:
        """Find the records of the raw file with that key, as the audit reads it."""
        readers = self.raw_files.readers(in_lake(self.paths, key))
        return self.evidence.census(file, self.contract, [self.raw_files.others[one] for one in readers])
