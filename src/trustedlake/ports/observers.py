"""Who hears of runs, besides the user: each table and each extraction, from its beginning to its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

    from trustedlake.models.contract import Contract
    from trustedlake.models.ingest import Certificate
    from trustedlake.models.ledger import Counts, PublishedFile
    from trustedlake.models.report import TableReport


class Outcome(StrEnum):
    """How a run ended."""

    COMPLETE = "complete"
    FAILED = "failed"
    STOPPED = "stopped"
    """It was interrupted, or killed."""


@dataclass(frozen=True, slots=True)
class ProvenFile:
    """The balance of one raw file.

    Attributes:
        path: as lineage shows it.
        folder: address of the one of the table's raw folders that it lies in.
        size: bytes.
        counts: what was framed from its bytes, and what was written of it, by verdict.
        problem: why it can't be read; empty if it can.
    """

    path: str
    folder: str
    size: int
    counts: Counts
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ProvenPartition:
    """A partition that was judged and proven.

    Attributes:
        name: `ano=2025/mes=06/dia=17`; empty for a table without partitions.
        refused: why it is not published; empty if it is.
        trusted, quarantine: what was written.
    """

    name: str
    refused: str
    files: tuple[ProvenFile, ...]
    trusted: tuple[PublishedFile, ...]
    quarantine: tuple[PublishedFile, ...]


@dataclass(frozen=True, slots=True)
class TableRun:
    """One table in one run.

    Attributes:
        at: when it began, or, once it has an outcome, when it ended (UTC).
        inputs: addresses of the folders that its raw files lie in.
        trusted, quarantine: addresses of the folders of its Parquet.
        message: what went wrong; empty if nothing did.
        report: None while it runs, and of a run that was stopped.
        proven: what was judged; empty if nothing had to be.
    """

    run_id: str
    contract: Contract
    at: datetime
    inputs: tuple[str, ...]
    trusted: str
    quarantine: str
    outcome: Outcome | None = None
    message: str = ""
    report: TableReport | None = None
    proven: tuple[ProvenPartition, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractionRun:
    """One run of an extraction; a window may need several.

    Attributes:
        run_id: tells it from all others.
        at: when it began, or, once it has an outcome, when it ended (UTC).
        folder: address of the folder that the source's records go to, below it a folder a day.
        message: what went wrong; empty if nothing did.
    """

    run_id: str
    certificate: Certificate
    at: datetime
    folder: str
    outcome: Outcome | None = None
    message: str = ""


Observed: TypeAlias = TableRun | ExtractionRun


class RunObserver(Protocol):
    """Hears of runs. Whatever goes wrong with it, neither method raises, and neither waits for anybody."""

    def began(self, run: Observed) -> None:
        """A run knows what it will read. A second time the same run is no news."""
        ...

    def ended(self, run: Observed) -> None:
        """A run has an outcome: this process's, or one that was killed and whose work this process found."""
        ...


class Unobserved:
    """Nobody hears of the run."""

    def began(self, run: Observed) -> None:
        """Pass over it."""

    def ended(self, run: Observed) -> None:
        """Pass over it."""


UNOBSERVED = Unobserved()
