"""The runs of a lake side by side: one line each, and what is different between two."""

from __future__ import annotations

from datetime import datetime

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Counts

HISTORY_VERSION = 1


class RunLine(Frozen):
    """One run in a list.

    Attributes:
        tables: table -> status.
        files: raw files behind all that it reported.
        counts: records of all tables, of what was published when it ended.
        rejected_share: 0 to 1, of the tables' own records.
        problem: why its report can't be read; nothing else is known then.
    """

    run_id: str
    started: datetime | None = None
    duration_s: float = 0
    exit_code: int = 0
    tables: dict[str, str] = {}
    files: int = 0
    counts: Counts = Counts()
    rejected_share: float = 0
    problem: str = ""


class PartitionDiff(Frozen):
    """A partition of which two runs say different things; `older` or `newer` is empty where it was not there.

    Attributes:
        older, newer: status; a partition that was left alone counts as published.
    """

    partition: str
    older: str = ""
    newer: str = ""
    older_counts: Counts = Counts()
    newer_counts: Counts = Counts()


class TableDiff(Frozen):
    """One table in two runs.

    Attributes:
        older, newer: its status, empty where a run was not about it.
        partitions: those that differ.
        new_warnings, gone_warnings: told by one of the runs alone.
    """

    table: str
    older: str = ""
    newer: str = ""
    older_counts: Counts = Counts()
    newer_counts: Counts = Counts()
    partitions: tuple[PartitionDiff, ...] = ()
    new_warnings: tuple[str, ...] = ()
    gone_warnings: tuple[str, ...] = ()

    @property
    def is_same(self) -> bool:
        """Whether both runs say the same of it."""
        changed = self.partitions or self.new_warnings or self.gone_warnings
        return not changed and self.older_counts == self.newer_counts


class RunDiff(Frozen):
    """Two runs, the older one first."""

    version: int = HISTORY_VERSION
    older: RunLine
    newer: RunLine
    tables: tuple[TableDiff, ...]
