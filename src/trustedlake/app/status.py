"""The status of a lake: tables, refused days, open warnings."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from trustedlake.app.accepting_warnings import accepted_places
from trustedlake.app.last_runs import find_changes, find_failure, find_held
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.run_reports import newest_runs
from trustedlake.app.trusted.listing import Listing, NothingToReadError, key_of
from trustedlake.app.trusted.published import Published
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.errors import InputError, TrustedLakeError
from trustedlake.models.ledger import Counts, Ledger
from trustedlake.models.status import PENDING_AFTER, LakeStatus, LastRun, TableStatus
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import timedelta

    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Warned
    from trustedlake.models.report import RunReport
    from trustedlake.models.untaken import UntakenPlace
    from trustedlake.ports import ObjectStore


RUNS_LOOKED_AT = 60
"""Maximum number of reports to read to find the first run in which a table failed or a day was held."""


def lake_status(
    tables: Sequence[RawTable], *, whole: bool = True, pending_after: timedelta = PENDING_AFTER
) -> LakeStatus:
    """Return the published tables of a lake, those with files in Raw, the last run, and files that no table takes.

    Args:
        tables: at least one.
        whole: True: these are all tables; False: look only in their own folders.
        pending_after: how old a pending file may be before it is overdue.

    Raises:
        InputError: files are published, and all of them are gone.
    """
    found, last, zone = [], None, RawZone(tables, whole=whole)
    runs: dict[str, tuple[RunReport, ...]] = {}
    for table in tables:
        store, paths, _ = table
        state = store.address(paths.state)
        if state not in runs:
            runs[state] = tuple(islice(newest_runs(store, paths.state), RUNS_LOOKED_AT))
        one = _table_status(table, zone, runs[state], pending_after)
        if one.partitions or one.refused or one.pending or one.problem or one.failure:
            found.append(one)
        last = last or (_last_run(runs[state][0]) if runs[state] else None)
    _refuse_all_gone(tables, found)
    return LakeStatus(
        tables=tuple(found), last_run=last, untaken=tuple(_places(zone, tables)), unlisted=tuple(zone.problems)
    )


def _refuse_all_gone(tables: Sequence[RawTable], found: Sequence[TableStatus]) -> None:
    """Check that at least one published file is there. Raises InputError if not."""
    gone = {one.table: one.missing for one in found if one.missing}
    if not gone or sum(map(len, gone.values())) < sum(one.files for one in found):
        return
    folders = [store.address(paths.trusted) for store, paths, _ in tables if paths.table in gone]
    lake = tables[0][0].address(tables[0][1].lake)
    again = typed("to-trusted", *(word for table in gone for word in ("--table", table)), lake=lake)
    raise InputError(
        f"{sum(map(len, gone.values())):,} file(s) are published, and all of them are gone from {some(folders)}",
        hint=f"check that it is mounted; if somebody removed it, {again} builds it again from Raw",
    )


def _places(zone: RawZone, tables: Sequence[RawTable]) -> Iterator[UntakenPlace]:
    """Yield the places whose files no table takes, with the reason if they were accepted."""
    found = zone.leftover.places
    if found:
        store, paths, _ = tables[0]
        known = accepted_places(store, paths.state)
        yield from (one.model_copy(update={"why": known.why(one.path)}) for one in found)


def _table_status(table: RawTable, zone: RawZone, runs: Sequence[RunReport], pending_after: timedelta) -> TableStatus:
    """Return the status of one table, from its ledger, its last runs (newest first) and Raw."""
    store, paths, _ = table
    try:
        loaded, tag = load_ledger(store, paths)
        ledger = loaded or Ledger(table=paths.table)
    except TrustedLakeError as error:
        return TableStatus(table=paths.table, problem=f"{error.message}; {error.hint}")
    entries = ledger.partitions
    published = [entry for entry in entries.values() if entry.contract]
    refusals = {name: entry.refusal for name, entry in entries.items() if entry.refusal}
    pending, vanished = _raw_now(table, zone, ledger)
    before = (store.now() - pending_after).timestamp() if pending else 0
    overdue = {path: when for path, when in pending.items() if 0 < when <= before}
    there = Published(store, paths, ledger)
    missing = there.missing if there.missing and not _is_publishing(store, paths, tag) else ()
    return TableStatus(
        table=paths.table,
        partitions=len(published),
        counts=sum((entry.counts for entry in published), Counts()),
        files=sum(len((*entry.trusted, *entry.quarantine)) for entry in published),
        bytes=sum(file.size for entry in published for file in (*entry.trusted, *entry.quarantine)),
        refused={name: refusal.message for name, refusal in refusals.items()},
        refused_hints={name: refusal.hint for name, refusal in refusals.items() if refusal.hint},
        refused_since={name: refusal.since for name, refusal in refusals.items() if refusal.since},
        refused_reasons={name: tuple(refusal.reasons) for name, refusal in refusals.items() if refusal.reasons},
        refused_warnings={name: refusal.warnings for name, refusal in refusals.items() if refusal.warnings},
        warnings=ledger.open_warnings,
        accepted={name: done for name, warnings in ledger.every_warning.items() if (done := _accepted(warnings))},
        pending=tuple(sorted(pending)),
        overdue=tuple(sorted(overdue)),
        overdue_since=datetime.fromtimestamp(min(overdue.values()), UTC) if overdue else None,
        vanished=vanished,
        unknown=tuple(info.key for info in there.unknown),
        missing=missing,
        held=find_held(paths.table, ledger, runs),
        failure=find_failure(paths.table, runs),
        changes=find_changes(store, paths, ledger, runs),
    )


def _accepted(warnings: Iterable[Warned]) -> tuple[Warned, ...]:
    return tuple(warning for warning in warnings if warning.why)


def _is_publishing(store: ObjectStore, paths: TablePaths, tag: str | None) -> bool:
    """Return whether the table is being published, or was since its ledger with this tag was read."""
    now = store.head(paths.ledger)
    return store.head(paths.journal) is not None or (now.tag if now else None) != tag


def _raw_now(table: RawTable, zone: RawZone, ledger: Ledger) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return raw files that no run has read yet, with the time of their last write, and vanished ones.

    Those are published, gone, and nobody has decided about their rows.
    """
    store, paths, _ = table
    entries = ledger.partitions.values()
    known = {raw.path for entry in entries for raw in entry.every_raw}
    try:
        listing = zone.listing(table)
    except NothingToReadError:
        listing = Listing((), ())
    except InputError:
        return {}, ()  # problems with the input of to-trusted don't concern what is published
    there = {listed.file.path: listed.modified for listed in listing.files}
    gone = {raw.path for entry in entries for raw in entry.raw}.difference(there, ledger.kept)
    scopes = paths.input_folders
    vanished = sorted(path for path in gone if (key_of(store, paths, path) or "").startswith(scopes))
    return {path: modified for path, modified in there.items() if path not in known}, tuple(vanished)


def _last_run(run: RunReport) -> LastRun:
    return LastRun(
        run_id=run.run_id,
        started=run.started,
        exit_code=run.exit_code,
        duration_s=(run.finished - run.started).total_seconds(),
    )
