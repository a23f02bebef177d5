"""The lake at a glance: what is in it, and what is open."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from trustedlake.models.ledger import Counts, Warned

STATUS_VERSION = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableStatus(_Frozen):
    """One table.

    Attributes:
        partitions: published ones.
        bytes: of the published Parquet, Quarantine too.
        refused: partition -> why its newest raw files were refused.
        warnings: partition -> its open warnings.
        accepted: partition -> warnings that somebody accepted, with the reason.
        pending: raw files that no run has taken yet.
        problem: why the table can't be looked at; empty if it can.
    """

    table: str
    partitions: int = 0
    counts: Counts = Counts()
    bytes: int = 0
    refused: dict[str, str] = {}
    warnings: dict[str, tuple[Warned, ...]] = {}
    accepted: dict[str, tuple[Warned, ...]] = {}
    pending: tuple[str, ...] = ()
    problem: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something is left for a person to deal with."""
        return bool(self.refused or self.warnings or self.problem)


class LastRun(_Frozen):
    """The last run that is on record."""

    run_id: str
    started: datetime
    exit_code: int


class LakeStatus(_Frozen):
    """The lake.

    Attributes:
        exit_code: with `--check`, 3 if anything is open.
    """

    version: int = STATUS_VERSION
    exit_code: int = 0
    tables: tuple[TableStatus, ...]
    last_run: LastRun | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is left for a person to deal with."""
        return any(table.is_open for table in self.tables) or bool(self.last_run and self.last_run.exit_code)
