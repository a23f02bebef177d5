"""What stays visible of a lake: tables, refused days, open warnings; and how a warning is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import publish
from trustedlake.app.publishing.sweep import staging_of
from trustedlake.app.trusted.listing import list_raw
from trustedlake.app.trusted.publication import Publication
from trustedlake.app.trusted.run import list_runs, load_run
from trustedlake.errors import InputError, TrustedLakeError
from trustedlake.models.ledger import Counts
from trustedlake.models.status import LakeStatus, LastRun, TableStatus
from trustedlake.text import typed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.raw_files import RawFiles
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger, Warned
    from trustedlake.ports import ObjectStore


def lake_status(tables: Iterable[tuple[ObjectStore, TablePaths, RawFiles]]) -> LakeStatus:
    """The published tables of a lake, those with files in Raw, and the last run."""
    found, last = [], None
    for store, paths, raw_files in tables:
        one = table_status(store, paths, raw_files)
        if one.partitions or one.refused or one.pending or one.problem:
            found.append(one)
        last = last or _last_run(store, paths.state)
    return LakeStatus(tables=tuple(found), last_run=last)


def table_status(store: ObjectStore, paths: TablePaths, raw_files: RawFiles) -> TableStatus:
    """One table, by its ledger and what lies in Raw."""
    try:
        ledger, _ = load_ledger(store, paths)
    except TrustedLakeError as error:
        return TableStatus(table=paths.table, problem=f"{error.message}; {error.hint}")
    entries = ledger.partitions if ledger else {}
    published = [entry for entry in entries.values() if entry.contract]
    return TableStatus(
        table=paths.table,
        partitions=len(published),
        counts=sum((entry.counts for entry in published), Counts()),
        bytes=sum(file.size for entry in published for file in (*entry.trusted, *entry.quarantine)),
        refused={name: entry.refusal.message for name, entry in entries.items() if entry.refusal},
        warnings={name: entry.open_warnings for name, entry in entries.items() if entry.open_warnings},
        accepted={name: done for name, entry in entries.items() if (done := _accepted(entry.warnings))},
        pending=_pending(store, paths, raw_files, ledger),
    )


def accept_warning(job: Job, partition: str, warning: str, why: str) -> Warned:
    """Close a warning of a published partition; the reason stays in the ledger.

    Raises:
        InputError: there is no such partition, or no such open warning in it.
        RetriableError: another run publishes.
    """
    ledger, tag = load_ledger(job.store, job.paths)
    entry = ledger.partitions.get(partition) if ledger else None
    if ledger is None or entry is None:
        there = ", ".join(ledger.partitions) if ledger else "none"
        raise InputError(f"{job.contract.table} has no partition {partition!r}", hint=f"there are: {there}")
    chosen = next((one for one in entry.open_warnings if one.id == warning), None)
    if chosen is None:
        there = ", ".join(one.id for one in entry.open_warnings) or "none"
        raise InputError(
            f"{job.contract.table} {partition} has no open warning {warning!r} (open: {there})",
            hint=f"{typed('status')} names them",
        )
    closed = chosen.model_copy(update={"why": why})
    warnings = tuple(closed if one.id == warning else one for one in entry.warnings)
    partitions = ledger.partitions | {partition: entry.model_copy(update={"warnings": warnings})}
    after = ledger.model_copy(update={"partitions": partitions})
    with staging_of(job):
        publish(job, Publication(moves=(), deletes=(), ledger=after), ledger_before=tag)
    return closed


def _accepted(warnings: Iterable[Warned]) -> tuple[Warned, ...]:
    return tuple(warning for warning in warnings if warning.why)


def _pending(store: ObjectStore, paths: TablePaths, raw_files: RawFiles, ledger: Ledger | None) -> tuple[str, ...]:
    known = {raw.path for entry in (ledger.partitions.values() if ledger else ()) for raw in entry.every_raw}
    try:
        listing = list_raw(store, paths, raw_files)
    except InputError:
        return ()  # what to-trusted says of its input is no matter of what is published
    return tuple(listed.file.path for listed in listing.files if listed.file.path not in known)


def _last_run(store: ObjectStore, state: str) -> LastRun | None:
    runs = list_runs(store, state)
    for name in reversed(runs):
        try:
            run = load_run(store, state, name)
        except InputError:
            continue
        return LastRun(run_id=run.run_id, started=run.started, exit_code=run.exit_code)
    return None
