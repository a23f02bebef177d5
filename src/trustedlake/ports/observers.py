"""The port for observers of runs: they hear about each table and extraction when it begins and when it ends."""

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
    """Interrupted or killed."""


@dataclass(frozen=True, slots=True)
class ProvenFile:
    """The balance of one raw file.

    Attributes:
        path: as in the lineage.
        folder: address of the table's raw folder that contains it.
        size: bytes.
        counts: records framed from it, and rows written for it, by verdict.
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
        trusted, quarantine: the files that were written.
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
        at: start time, or end time once there is an outcome (UTC).
        inputs: addresses of the folders with its raw files; empty as long as they are not known.
        trusted, quarantine: addresses of the folders of its Parquet.
        message: what went wrong; empty if nothing did.
        report: None while the run lasts, and if it was stopped.
        proven: partitions that were judged; empty if none had to be.
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
        run_id: unique among all runs.
        at: start time, or end time once there is an outcome (UTC).
        folder: address of the folder for the source's records; it has one folder per day.
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
    """Is told about runs. Its methods never raise, whatever goes wrong, and never block."""

    def began(self, run: Observed) -> None:
        """Hear that a run knows what it will read. Ignore the same run a second time."""
        ...

    def ended(self, run: Observed) -> None:
        """Hear that a run has an outcome: a run of this process, or a killed run whose work this process found."""
        ...


class Unobserved:
    """An observer that does nothing."""

    def began(self, run: Observed) -> None:
        """Do nothing."""

    def ended(self, run: Observed) -> None:
        """Do nothing."""


UNOBSERVED = Unobserved()
