"""What an audit works on, and with: a table, and other means to read its files than those that wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from trustedlake.core.auditing.census import Census, QuarantinedRow, TrustedRow
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import Host, ObjectStore


class Evidence(Protocol):
    """Reads files for the audit, with other means than those that wrote them."""

    def census(self, file: Path, contract: Contract) -> Census:
        """The records of a raw file."""
        ...

    def trusted(self, file: Path, contract: Contract) -> Iterator[TrustedRow]:
        """The rows of a Trusted file. Raises InputError if it can't be read."""
        ...

    def quarantined(self, file: Path) -> Iterator[QuarantinedRow]:
        """The rows of a Quarantine file. Raises InputError if it can't be read."""
        ...


@dataclass(frozen=True, slots=True)
class Audited:
    """One table to audit, and what with; it can finish a publish, too."""

    store: ObjectStore
    host: Host
    shield: Callable[[], AbstractContextManager[object]]
    paths: TablePaths
    contract: Contract
    run_id: str
    evidence: Evidence
