"""The report that every run writes, and how a notebook shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from pydantic import PrivateAttr

from trustedlake.markup import Markup, join, tag
from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Counts
from trustedlake.wording import share

if TYPE_CHECKING:
    from collections.abc import Iterable


_COLUMNS = ("table", "", "partitions", "rows", "rejected", "open")


class Headlined(Frozen):
    """Has a `headline`, which is all that `repr` shows."""

    @property
    def headline(self) -> str:
        """Everything in one line."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.headline}>"

    def __str__(self) -> str:
        return repr(self)


class Summarised(Headlined):
    """Has a headline, `summary` rows, and the lines that a command prints; a notebook shows all of them."""

    _lines: tuple[str, ...] = PrivateAttr(())

    def summary(self) -> Iterable[Sequence[object]]:
        """One row per table: name, status, partitions, rows, rejected, open points."""
        raise NotImplementedError

    def with_lines(self, lines: Iterable[str]) -> Self:
        """Return a copy that also shows these lines in a notebook; they are not part of its JSON."""
        shown = self.model_copy()
        shown._lines = tuple(lines)
        return shown

    def _repr_html_(self) -> str:
        head = tag("tr", *(tag("th", name) for name in _COLUMNS))
        rows = [tag("tr", *(tag("td", cell) for cell in row)) for row in self.summary()]
        lines = join(*self._lines, by=Markup("\n"))
        return tag(
            "div",
            tag("p", tag("b", self.headline)),
            tag("table", head, *rows) if rows else None,
            tag("pre", lines, style="white-space:pre-wrap") if lines else None,
        )


def rejected(counts: Counts) -> str:
    """Format the number of rejected records and their share."""
    return f"{counts.rejected:,} ({share(counts.rejected_share)})"


REPORT_VERSION = 1


class PartitionStatus(StrEnum):
    """What happened to a partition."""

    PUBLISHED = "published"
    REFUSED = "refused"
    UNCHANGED = "unchanged"
    REMOVED = "removed"
    PLANNED = "planned"


class Refused(Frozen):
    """One refused record, to show why.

    Attributes:
        verdict: `rejected` or `duplicate`.
        raw: the record's text, cut to 200 characters.
    """

    file_path: str
    record_index: int
    verdict: str
    reasons: tuple[str, ...]
    raw: str


class Lost(Frozen):
    """Values that duplicates had and the kept records lack.

    Attributes:
        duplicates: number of duplicates with such a value.
        columns: column -> number of duplicates that have a value where the kept record has none.
    """

    duplicates: int = 0
    columns: dict[str, int] = {}


class Overruled(Frozen):
    """Records of a newer raw file that lost to different records of an older file.

    Attributes:
        address, winner: `path#index` of the first of them, and of the record that was kept.
        columns: columns in which these two records differ.
    """

    file_path: str
    records: int
    address: str
    winner: str
    columns: tuple[str, ...]


class Drift(Frozen):
    """Why values of one partition are null, and which keys the contract does not know.

    Attributes:
        absent, null, empty: column -> records (key absent, explicit null, empty text).
        unknown: key -> records.
        samples: key -> a value, shortened.
    """

    absent: dict[str, int] = {}
    null: dict[str, int] = {}
    empty: dict[str, int] = {}
    unknown: dict[str, int] = {}
    samples: dict[str, str] = {}


class PartitionReport(Headlined):
    """One partition of one table.

    Attributes:
        partition: `ano=2025/mes=06/dia=17`; empty for a table without partitions.
        files: number of raw files behind it.
        fresh: if the partition was published before, the first few raw files that are `new`, `changed` or, since this
            run, `gone`.
        counts: records by verdict; a refused partition publishes nothing, whatever the counts are.
        reasons: `column|rule` -> records.
        problems: path -> why a file is unreadable.
        refused: the first few refused records, if the partition failed its gate.
        lost: values of duplicates that the kept records lack.
        corrected: address of a rejected record -> the accepted record with the same key; the first few.
        repeated: address of a rejected record -> the rejected one of an earlier file with the same key; the first few.
        message: why it was refused, or what else the user should know.
        stayed: it is refused, but this run did not judge it: its files did not change, or it can't be judged.
    """

    partition: str
    status: PartitionStatus
    files: int
    counts: Counts
    fresh: dict[str, str] = {}
    reasons: dict[str, int] = {}
    problems: dict[str, str] = {}
    refused: tuple[Refused, ...] = ()
    drift: Drift = Drift()
    lost: Lost = Lost()
    corrected: dict[str, str] = {}
    repeated: dict[str, str] = {}
    message: str = ""
    hint: str = ""
    stayed: bool = False

    @property
    def headline(self) -> str:
        """The partition in one line."""
        return f"{self.partition or 'whole table'} {self.status}, {self.files:,} file(s), {self.counts.trusted:,} rows"


class TableReport(Headlined):
    """One table in one run.

    Attributes:
        counts: records of what is published; refused partitions are left out.
        status: `published`, `unchanged`, `refused` (at least one partition), `planned` (dry run) or `failed`.
        exit_code: the exit code if the run had only this table.
        warnings: everything that is open, a sentence each.
        notes: other facts worth one line.
        ignored: files in Raw, and visible files in Trusted and Quarantine, whose names mark them as no data.
        untaken: files in the table's raw folders that no table takes.
        superseded: raw file -> the later delivery of the same name that replaces it (`replaces: name`).
        kept, dropped: raw files that vanished; their rows are kept or dropped.
        replaced: unknown files that a full refresh moved aside.
        engine: name and version of the engine that judged; empty if no engine was needed.
        engine_reason: why that engine was chosen; empty if the user asked for it.
        lanes: number of records that were `accepted` without an engine, and that were `judged`; the judged ones also
            by cause: `shape`, `type`, `rule`, or possible `duplicate`.
        recovered: run whose publish was interrupted and that this run finished; empty if none.
    """

    table: str
    contract: int
    status: str
    exit_code: int = 0
    inputs: tuple[str, ...] = ()
    target: str = ""
    counts: Counts = Counts()
    partitions: tuple[PartitionReport, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    untaken: tuple[str, ...] = ()
    superseded: dict[str, str] = {}
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    accepted_unreadable: dict[str, str] = {}
    replaced: tuple[str, ...] = ()
    recovered: str = ""
    engine: str = ""
    engine_reason: str = ""
    lanes: dict[str, int] = {}
    timings_s: dict[str, float] = {}
    message: str = ""
    hint: str = ""

    @property
    def headline(self) -> str:
        """The table in one line."""
        warned = f", {len(self.warnings):,} warning(s)" if self.warnings else ""
        parts, rows = len(self.partitions), self.counts.trusted
        return f"{self.table} {self.status}, {parts:,} partition(s), {rows:,} rows{warned}"


class Traffic(Frozen):
    """Bytes that this machine downloaded from the bucket and uploaded to it."""

    fetched: int = 0
    sent: int = 0


class RunReport(Summarised):
    """One run; stored as `runs/<run>.json`.

    Attributes:
        exit_code: exit code of the command.
        untaken: files in and around the tables' raw folders that no table takes and nobody accepted.
        traffic: only for a lake in a bucket; excludes what executors read and write themselves.
    """

    version: int = REPORT_VERSION
    run_id: str
    command: str
    trustedlake: str
    started: datetime
    finished: datetime
    exit_code: int
    tables: tuple[TableReport, ...]
    untaken: tuple[str, ...] = ()
    traffic: Traffic | None = None

    @property
    def headline(self) -> str:
        """The run in one line."""
        seconds = (self.finished - self.started).total_seconds()
        rows = sum(table.counts.trusted for table in self.tables)
        return f"{self.run_id}, exit {self.exit_code}, {len(self.tables)} table(s), {rows:,} rows, {seconds:,.1f} s"

    def summary(self) -> Iterator[Sequence[object]]:
        """One row per table."""
        for one in self.tables:
            refused = sum(part.status is PartitionStatus.REFUSED for part in one.partitions)
            counted = ((refused, "refused"), (len(one.warnings), "warning(s)"))
            told = ", ".join([*([one.message] if one.message else []), *(f"{n:,} {what}" for n, what in counted if n)])
            counts = one.counts
            yield one.table, one.status, f"{len(one.partitions):,}", f"{counts.trusted:,}", rejected(counts), told
