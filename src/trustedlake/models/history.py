"""The list of a lake's runs, one line each, and the differences between two runs."""

from __future__ import annotations

from datetime import datetime

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Counts

HISTORY_VERSION = 1


class RunLine(Frozen):
    """One run in a list.

    Attributes:
        tables: table -> status.
        files: raw files behind everything it reported.
        counts: records of all tables, as published when the run ended.
        rejected_share: rejected records / the tables' own records, 0 to 1.
        problem: why its report can't be read; then only `run_id` is known.
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
    """A partition that differs between two runs; `older` or `newer` is empty if that run didn't have it.

    Attributes:
        older, newer: status; a partition that the run did not touch counts as published.
    """

    partition: str
    older: str = ""
    newer: str = ""
    older_counts: Counts = Counts()
    newer_counts: Counts = Counts()


class TableDiff(Frozen):
    """One table in two runs.

    Attributes:
        older, newer: its status; empty if the run didn't include the table.
        partitions: those that differ.
        new_warnings, gone_warnings: warnings of the newer run only, and of the older run only.
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
        """Whether both runs report the same for it."""
        changed = self.partitions or self.new_warnings or self.gone_warnings
        return not changed and self.older_counts == self.newer_counts


class RunDiff(Frozen):
    """Two runs, the older one first."""

    version: int = HISTORY_VERSION
    older: RunLine
    newer: RunLine
    tables: tuple[TableDiff, ...]
