"""The findings of an audit, which repeats the proof long after the run."""

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
    """One problem in one place.

    Attributes:
        where: the raw file (as in the lineage), published file (its key), folder or partition.
        message: what was expected, and what was found.
        records: number of affected records; 0 for files and folders.
        examples: indexes of the first few affected records.
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
        partitions: number of published partitions.
        files: number of raw files behind them.
        counts: records, counted again: framed from Raw if the raw file is unchanged, the others from Parquet.
        refused: partition -> why its newest raw files were refused; no finding, since its old rows stay published.
        accepted_unreadable: raw file -> why it can't be read; the user accepted it.
        kept: raw files that vanished and whose rows the user keeps; there is nothing to compare these rows with.
        pending: raw files that no run has processed yet.
        earlier: partitions judged by an older contract; their rows are only counted.
        warnings: partition -> open warnings, as in `status`; they are shown, but are not findings.
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
    """The whole lake, or the requested part.

    Attributes:
        fixed: what `--fix` did: publishes finished, staging folders removed.
        findings: problems of the lake's state, which belong to no table.
        untaken_files: files in Raw that no table takes.
        untaken_records: raw file -> number of its records that no table takes.
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
