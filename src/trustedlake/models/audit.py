"""What an audit found: the proof made again, long after the run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Counts, Warned

AUDIT_VERSION = 1


class FindingKind(StrEnum):
    """What can be wrong in a lake."""

    PUBLISH_CUT = "publish cut"
    STAGING_LEFT = "staging left"
    LEDGER_DAMAGED = "ledger damaged"
    RAW_CHANGED = "raw file changed"
    RAW_VANISHED = "raw file vanished"
    FILE_MISSING = "published file missing"
    FILE_CHANGED = "published file changed"
    FILE_UNKNOWN = "unknown file"
    TWIN_PARTITION = "twin partition"
    WRONG_PARTITION = "wrong partition"
    FRAMED_OTHERWISE = "framed otherwise"
    RECORDS_MISSING = "records missing"
    RECORDS_DOUBLED = "records doubled"
    RECORDS_UNKNOWN = "records unknown"
    RECORDS_CHANGED = "records changed"
    WINNER_MISSING = "winner missing"
    COUNTS_DIFFER = "counts differ"


class Finding(Frozen):
    """One thing that is wrong, in one place.

    Attributes:
        where: the raw file (as lineage shows it), published file (its key), folder or partition.
        message: what was expected there, and what is there.
        records: how many records it is about; 0 for files and folders.
        examples: indexes of the first few of these records.
    """

    kind: FindingKind
    where: str
    message: str
    hint: str
    records: int = 0
    examples: tuple[int, ...] = ()


class TableAudit(Frozen):
    """One table.

    Attributes:
        partitions, files: published partitions, and the raw files behind them.
        counts: records, counted anew: framed from Raw where the raw file is as it was, the others from Parquet.
        refused: partition -> why its newest raw files were refused; no finding, it keeps what it had.
        accepted_unreadable: raw file -> why it can't be read; the user accepted it.
        kept: raw files that vanished and whose rows the user keeps: nothing is left to compare them with.
        pending: raw files that no run has taken yet.
        earlier: partitions judged by another contract than today's, so that their rows are only counted.
        warnings: partition -> open warnings, as `status` shows them; no findings: they are told, not proven.
    """

    table: str
    partitions: int = 0
    files: int = 0
    counts: Counts = Counts()
    findings: tuple[Finding, ...] = ()
    refused: dict[str, str] = {}
    accepted_unreadable: dict[str, str] = {}
    kept: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    warnings: dict[str, tuple[Warned, ...]] = {}


class AuditReport(Frozen):
    """The whole lake, or the part that was asked for.

    Attributes:
        fixed: what `--fix` did: publishes finished, staging folders swept.
        findings: those of the lake's state, which belong to no table.
        untaken_files: files in Raw that no table takes.
        untaken_records: raw file -> how many of its records no table takes.
        exit_code: 3 if there is any finding, else 0.
    """

    version: int = AUDIT_VERSION
    trustedlake: str
    started: datetime
    finished: datetime
    exit_code: int
    fixed: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    untaken_files: tuple[str, ...] = ()
    untaken_records: dict[str, int] = {}
    tables: tuple[TableAudit, ...] = ()
