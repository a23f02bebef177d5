"""What a query may read: the published files of each table, and the lake's state as tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any

from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.run_reports import stored_runs
from trustedlake.app.trusted.listing import lineage_path
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.core.partition_name import date_of
from trustedlake.errors import InputError, RetriableError
from trustedlake.models.ledger import PublishedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from trustedlake.app.quarantine import Quarantined
    from trustedlake.app.trusted.raw_files import RawFiles
    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger, Partition, PublishedFile
    from trustedlake.models.report import RunReport, TableReport
    from trustedlake.ports import ObjectStore


def published_table(store: ObjectStore, paths: TablePaths, contract: Contract) -> PublishedTable | None:
    """Return the table with the files that its ledger knows; None if no row of it is published.

    Raises:
        InputError: the ledger is damaged, or a newer program wrote it.
    """
    ledger, _ = load_ledger(store, paths)
    partitions = {name: entry.trusted for name, entry in (ledger.partitions if ledger else {}).items() if entry.trusted}
    if not partitions:
        return None
    return PublishedTable(contract=contract, folder=paths.trusted, partitions=partitions)


def require_unchanged(store: ObjectStore, table: PublishedTable) -> None:
    """Check that the table's files exist and have the ledger's sizes, since a publish may be running.

    Raises:
        RetriableError: a file is gone or has another size.
    """
    require_files(store, [table.folder], (file for files in table.partitions.values() for file in files))


def require_files(store: ObjectStore, folders: Iterable[str], files: Iterable[PublishedFile]) -> None:
    """Check that these files of the folders exist and have the ledger's sizes. Raises RetriableError if not."""
    sizes = {info.key: info.size for folder in folders for info in store.list(folder)}
    for file in files:
        if (found := sizes.get(file.key)) != file.size:
            there = "gone" if found is None else f"{found:,} bytes long, not {file.size:,}"
            raise RetriableError(
                f"{store.address(file.key)}: the published file is {there}",
                hint="a run may be publishing: try again; if it happens again, trustedlake audit shows what is wrong",
            )


Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LedgeredTable:
    """A table that has a ledger."""

    store: ObjectStore
    paths: TablePaths
    raw_files: RawFiles
    ledger: Ledger

    @property
    def name(self) -> str:
        """The table's name."""
        return self.paths.table


def ledgered_tables(tables: Iterable[tuple[ObjectStore, TablePaths, RawFiles]]) -> Iterator[LedgeredTable]:
    """Yield the tables that have a ledger. Raises InputError like `load_ledger`."""
    for store, paths, raw_files in tables:
        ledger, _ = load_ledger(store, paths)
        if ledger is not None:
            yield LedgeredTable(store, paths, raw_files, ledger)


def run_rows(store: ObjectStore, state: str) -> Iterator[Row]:
    """Yield one row per table and stored run, oldest first; skip unreadable reports."""
    for run in stored_runs(store, state):
        for table in run.tables:
            yield _run_row(run, table)


def _run_row(run: RunReport, table: TableReport) -> Row:
    statuses = [str(part.status) for part in table.partitions]
    return {
        "run_id": run.run_id,
        "started": _moment(run.started),
        "finished": _moment(run.finished),
        "duration_s": (run.finished - run.started).total_seconds(),
        "command": run.command,
        "trustedlake": run.trustedlake,
        "run_exit_code": run.exit_code,
        "table_name": table.table,
        "status": table.status,
        "exit_code": table.exit_code,
        "engine": table.engine,
        "table_s": float(sum(table.timings_s.values())),
        **{status: statuses.count(status) for status in ("published", "refused", "unchanged")},
        **table.counts.model_dump(),
        "warnings": len(table.warnings),
        "message": table.message,
    }


def partition_rows(tables: Iterable[LedgeredTable]) -> Iterator[Row]:
    """Yield one row per published or refused partition."""
    for table in tables:
        for name, entry in table.ledger.partitions.items():
            counts, refusal = entry.counts, entry.refusal
            yield {
                **_place(table.name, name),
                "published": bool(entry.contract),
                "refused": refusal is not None,
                "refused_since": _moment(refusal.since) if refusal and refusal.since else None,
                "gate": refusal.gate if refusal else None,
                "message": refusal.message if refusal else None,
                **counts.model_dump(),
                "rejected_share": counts.rejected_share if counts.own else None,
                "files": len(entry.raw),
                "bytes": sum(file.size for file in (*entry.trusted, *entry.quarantine)),
                "contract": entry.contract,
                "open_warnings": len(entry.open_warnings),
            }


def warning_rows(tables: Iterable[LedgeredTable]) -> Iterator[Row]:
    """Yield one row per warning, open or accepted."""
    for table in tables:
        for name, entry in table.ledger.partitions.items():
            for warning in entry.warnings:
                yield {
                    **_place(table.name, name),
                    "id": warning.id,
                    "kind": warning.kind,
                    "since": _moment(warning.since),
                    "message": warning.message,
                    "path": warning.path,
                    "accepted": bool(warning.why),
                    "why": warning.why,
                }


@dataclass(frozen=True, slots=True)
class QuarantineFile:
    """A file with refused records; `known` has the values that are the same for all its rows."""

    file: PublishedFile
    known: Row


def quarantine_files(table: LedgeredTable) -> Iterator[QuarantineFile]:
    """Yield the files of Quarantine, and those of refused partitions."""
    for name, entry in table.ledger.partitions.items():
        place = _place(table.name, name)
        for file in entry.quarantine:
            yield QuarantineFile(file, place | {"failed": False})
        for file in entry.refusal.files if entry.refusal else ():
            yield QuarantineFile(file, place | {"failed": True})


def correction_rows(records: Iterable[Quarantined]) -> Iterator[Row]:
    """Yield, for each record that a published row corrects, its row in `_quarantine` and that row's address."""
    for one in records:
        if one.corrected_by:
            yield {
                "table_name": one.table,
                "partition": one.partition,
                "failed": one.failed,
                "file_path": one.file_path,
                "record_index": one.record_index,
                "corrected_by": one.corrected_by,
            }


def file_rows(tables: Sequence[RawTable]) -> Iterator[Row]:
    """Yield one row per file that a ledger knows or that is in Raw; a file of no table appears once."""
    zone, told = RawZone(tables), set[str]()
    for table in tables:
        store, paths, _ = table
        ledger, _ = load_ledger(store, paths)
        for row in (*_known_files(store, paths, ledger), *_pending(table, zone, ledger)):
            told.add(row["path"])
            yield _FILE | row
    for state, names in (("ignored", zone.leftover.ignored), ("untaken", zone.leftover.untaken)):
        for path in (path for path in names if path not in told):
            yield _FILE | {"zone": "raw", "state": state, "path": path}


_FILE: Row = dict.fromkeys(("table_name", "partition", "day", "size", "records", "sha256", "problem"))


def _known_files(store: ObjectStore, paths: TablePaths, ledger: Ledger | None) -> Iterator[Row]:
    for name, entry in ledger.partitions.items() if ledger else ():
        yield from _raw_files(paths, name, entry, ledger)
        refused = entry.refusal.files if entry.refusal else ()
        zones: tuple[tuple[str, str, Sequence[PublishedFile]], ...] = (
            ("trusted", "published", entry.trusted),
            ("quarantine", "published", entry.quarantine),
            ("failed", "refused", refused),
        )
        for zone, state, files in zones:
            for file in files:
                yield {
                    **_place(paths.table, name),
                    "zone": zone,
                    "state": state,
                    "path": lineage_path(store, paths, file.key),
                    "size": file.size,
                    "records": file.rows,
                    "sha256": file.sha256,
                }


def _raw_files(paths: TablePaths, name: str, entry: Partition, ledger: Ledger | None) -> Iterator[Row]:
    """Yield the raw files of a partition, published or refused; a file that is both counts as published."""
    published = {raw.path: raw for raw in entry.raw}
    refusal = entry.refusal
    refused = {raw.path: raw for raw in refusal.raw} if refusal else {}
    kept = set(ledger.kept) if ledger else set()
    for path, raw in (refused | published).items():
        changed = path in refused and refused[path].sha256 != raw.sha256
        state = "refused" if path not in published or changed else "gone" if path in kept else "published"
        accepted = ledger.accepted.get(path) if ledger else None
        yield {
            **_place(paths.table, name),
            "zone": "raw",
            "state": state,
            "path": path,
            "size": raw.size,
            "records": raw.records,
            "sha256": raw.sha256,
            "problem": refusal.problems.get(path) if refusal else accepted.reason if accepted else None,
        }


def _pending(table: RawTable, zone: RawZone, ledger: Ledger | None) -> Iterator[Row]:
    """Yield raw files that no run has read."""
    try:
        listing = zone.listing(table)
    except InputError:
        return  # problems with the input of to-trusted don't concern what is published
    known = {raw.path for entry in (ledger.partitions.values() if ledger else ()) for raw in entry.every_raw}
    for listed in listing.files:
        if listed.file.path not in known:
            place = _place(table[1].table, listed.partition)
            yield {**place, "zone": "raw", "state": "pending", "path": listed.file.path, "size": listed.file.size}


def _place(table: str, partition: str) -> Row:
    return {"table_name": table, "partition": partition, "day": date_of(partition)}


def _moment(when: datetime) -> datetime:
    """Return the time in UTC, without a zone: some readers need extra packages to show a time with zone."""
    return when.astimezone(UTC).replace(tzinfo=None)
