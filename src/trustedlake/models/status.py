"""The status of a lake: its tables and their open points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Counts, Warned
from trustedlake.models.report import Headlined, Summarised, rejected
from trustedlake.models.untaken import UntakenPlace

STATUS_VERSION = 1

PENDING_AFTER = timedelta(hours=26)
"""How long a raw file may wait for a run: a daily run had its chance, even if it took two hours."""


class Failure(Frozen):
    """Why a table's last runs failed, or could not judge a partition.

    Attributes:
        since: start of the first of these consecutive runs.
    """

    since: datetime
    message: str
    hint: str


class TableChange(Frozen):
    """A run that changed a table.

    Attributes:
        started: None if its report is not stored.
        done: what it did, in sentences: the first few partitions, or what many of them have in common.
    """

    run_id: str
    started: datetime | None = None
    done: tuple[str, ...] = ()


class TableStatus(Headlined):
    """One table.

    Attributes:
        partitions: number of published partitions.
        files, bytes: number and size of the published Parquet files, including Quarantine.
        refused: partition -> why its newest raw files were refused.
        refused_since: partition -> since when, if known.
        refused_reasons: partition -> the reasons of its rejected records, `column|rule`.
        refused_warnings: partition -> columns that its refused files lack, with the keys that they seem to have now.
        refused_hints: partition -> how to get it published, if known.
        held: partition -> why the last runs could not judge its new raw files, though the gate refused none of them.
        warnings: partition -> its open warnings.
        accepted: partition -> warnings that somebody accepted, with the reason.
        pending: raw files that no run has processed yet.
        overdue: those of them that were written too long ago (`--pending-after`).
        overdue_since: when the oldest of these was written; None without any.
        vanished: raw files that are gone, and the user has not yet decided what to do with their rows.
        unknown: files in Trusted and Quarantine that are not in the ledger.
        missing: published files that are gone.
        failure: why the table's last runs failed; None if the last one succeeded.
        changes: the last run that changed the table, and others that did within a day before the lake's last run;
            newest first.
        problem: why the table's status can't be read; empty if it can.
    """

    table: str
    partitions: int = 0
    counts: Counts = Counts()
    files: int = 0
    bytes: int = 0
    refused: dict[str, str] = {}
    refused_since: dict[str, datetime] = {}
    refused_reasons: dict[str, tuple[str, ...]] = {}
    refused_warnings: dict[str, tuple[Warned, ...]] = {}
    refused_hints: dict[str, str] = {}
    held: dict[str, Failure] = {}
    warnings: dict[str, tuple[Warned, ...]] = {}
    accepted: dict[str, tuple[Warned, ...]] = {}
    pending: tuple[str, ...] = ()
    overdue: tuple[str, ...] = ()
    overdue_since: datetime | None = None
    vanished: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    failure: Failure | None = None
    changes: tuple[TableChange, ...] = ()
    problem: str = ""

    def is_renamed(self, partitions: Iterable[str]) -> bool:
        """Whether a key seems to be renamed in the refused files of one of these partitions."""
        return any(one.renamed for name in partitions for one in self.refused_warnings.get(name, ()))

    @property
    def is_open(self) -> bool:
        """Whether something needs a person's attention."""
        gone_wrong = self.problem or self.vanished or self.unknown or self.missing or self.failure
        return bool(self.refused or self.held or self.warnings or self.overdue or gone_wrong)

    @property
    def fails_for_gone(self) -> bool:
        """Whether the table's runs fail because of the raw files that are gone: then only these are reported."""
        return self.failure is not None and any(path in self.failure.message for path in self.vanished)

    @property
    def headline(self) -> str:
        """The table in one line."""
        told = f", {self.told}" if self.told else ""
        return f"{self.table}, {self.partitions:,} partition(s), {self.counts.trusted:,} rows{told}"

    @property
    def told(self) -> str:
        """What needs a person's attention and what is pending in Raw, with numbers."""
        warnings = sum(map(len, self.warnings.values()))
        counted = (
            (len(self.refused) + len(self.held), "refused"),
            (warnings, "warning(s)"),
            (len(self.vanished), "file(s) gone"),
            (len(self.unknown), "file(s) unknown"),
            (len(self.missing), "published file(s) gone"),
            (len(self.overdue), "file(s) overdue"),
            (len(self.pending) - len(self.overdue), "file(s) pending"),
        )
        wrong = self.problem or (self.failure.message if self.failure else "")
        return ", ".join([*([wrong] if wrong else []), *(f"{n:,} {what}" for n, what in counted if n)])


class LastRun(Frozen):
    """The last recorded run."""

    run_id: str
    started: datetime
    exit_code: int
    duration_s: float = 0


class LakeStatus(Summarised):
    """The lake.

    Attributes:
        exit_code: with `--check`, 3 if anything is open.
        untaken: places in Raw whose files no table takes, the accepted places too.
        unlisted: why parts of Raw can't be listed, so that `untaken` is not complete; empty if it is.
    """

    version: int = STATUS_VERSION
    exit_code: int = 0
    tables: tuple[TableStatus, ...]
    last_run: LastRun | None = None
    untaken: tuple[UntakenPlace, ...] = ()
    unlisted: tuple[str, ...] = ()

    @property
    def open_places(self) -> tuple[UntakenPlace, ...]:
        """The places whose files no table takes, except accepted ones."""
        return tuple(one for one in self.untaken if not one.why)

    @property
    def is_open(self) -> bool:
        """Whether something needs a person's attention."""
        tables = any(table.is_open for table in self.tables)
        return tables or bool(self.open_places) or bool(self.last_run and self.last_run.exit_code)

    @property
    def headline(self) -> str:
        """The lake in one line."""
        rows = sum(table.counts.trusted for table in self.tables)
        openly = sum(table.is_open for table in self.tables)
        last = self.last_run
        run = f"last run {last.started:%Y-%m-%d %H:%M} exit {last.exit_code}" if last else "no run yet"
        return f"{len(self.tables)} table(s), {rows:,} rows, {openly or 'none'} with open points, {run}"

    def summary(self) -> Iterator[Sequence[object]]:
        """One row per table."""
        for one in self.tables:
            status = "open" if one.is_open else "pending" if one.pending else "well"
            yield one.table, status, f"{one.partitions:,}", f"{one.counts.trusted:,}", rejected(one.counts), one.told
