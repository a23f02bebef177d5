"""The audit: prove the published tables again, only from Raw, Trusted, Quarantine and the ledger.

It only reads. With `--fix` it also finishes an interrupted publish and removes unneeded staging folders, nothing
else. It never changes data; `to-trusted` rebuilds what is damaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import trustedlake
from trustedlake.app.auditing.records import check_partition
from trustedlake.app.auditing.state import fix_state, left_behind, refuse_live
from trustedlake.app.auditing.zones import check_published, check_raw, mending
from trustedlake.app.publishing.checked_keys import StrayError
from trustedlake.app.publishing.claim import load_journal
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.state_file import NewerVersionError
from trustedlake.app.trusted.published import Published
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.errors import InputError, QualityGateError, RetriableError
from trustedlake.models.audit import AuditReport, Finding, FindingKind, TableAudit
from trustedlake.models.ledger import Counts, Ledger

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.app.auditing.audited import Audited
    from trustedlake.app.publishing.claim import Writer
    from trustedlake.models.ledger import Partition
    from trustedlake.ports import Clock


def audit(tables: Sequence[Audited], clock: Clock, *, fixing: Sequence[Writer] = (), whole: bool = True) -> AuditReport:
    """Audit the tables, and the state of their lake.

    Args:
        tables: at least one.
        clock: for the report.
        fixing: the same tables, in the folders that the caller names: their interrupted publishes are finished and
            unneeded staging folders removed before the audit; empty: fix nothing.
        whole: these are all tables, so look at all of Raw; False: only at their own folders.

    Raises:
        RetriableError: a publish is running, or one ran during the audit.
        InputError: nothing of the tables is published; or a newer program wrote the lake.
        StrayError: a ledger or journal names something that does not belong to its table.
    """
    started = clock.now()
    for table in tables:
        refuse_live(table)
    fixed = fix_state(fixing) if fixing else ()
    left = tuple(left_behind(tables))
    zone = RawZone([one.raw_table for one in tables], whole=whole)
    untaken: dict[str, int] = {}
    found = [one for table in tables if (one := _table(table, zone, untaken)) is not None]
    if not (any(one.partitions or one.findings for one in found) or left or fixed):
        seen = any(one.refused for one in found)
        raise InputError(
            f"nothing is published of {', '.join(table.paths.table for table in tables)}"
            f" in {tables[0].store.address(tables[0].paths.lake)}: there is nothing to audit",
            hint="what was judged was refused: trustedlake quarantine shows it"
            if seen
            else "is --lake right? trustedlake to-trusted publishes, for instance with --source tmdb",
        )
    findings = [*left, *(finding for one in found for finding in one.findings)]
    return AuditReport(
        trustedlake=trustedlake.__version__,
        started=started,
        finished=clock.now(),
        exit_code=QualityGateError.exit_code if findings else 0,
        fixed=fixed,
        findings=left,
        untaken_files=zone.leftover.untaken,
        untaken_records=dict(sorted(untaken.items())),
        tables=tuple(found),
    )


def _table(table: Audited, zone: RawZone, untaken: dict[str, int]) -> TableAudit | None:
    """Audit one table; None if it was never published, or if an interrupted publish makes its state unclear.

    Adds the number of records that no table takes, by file, to `untaken`.
    """
    if load_journal(table.store, table.paths.journal) is not None:
        return None
    try:
        ledger, tag = load_ledger(table.store, table.paths)
    except (NewerVersionError, StrayError):
        raise
    except InputError as error:
        damaged = Finding(
            kind=FindingKind.LEDGER_DAMAGED, where=table.paths.ledger, message=error.message, hint=error.hint
        )
        return TableAudit(table=table.paths.table, findings=(damaged,))
    files = list(check_published(table, ledger or Ledger(table=table.paths.table)))
    if ledger is None:
        return TableAudit(table=table.paths.table, findings=tuple(files)) if files else None
    found = _contents(table, zone, ledger, files, untaken)
    now = table.store.head(table.paths.ledger)
    if load_journal(table.store, table.paths.journal) is not None or now is None or now.tag != tag:
        raise RetriableError(f"{table.paths.table} was published during the audit", hint="run the audit again")
    return found


def _contents(
    table: Audited, zone: RawZone, ledger: Ledger, findings: list[Finding], untaken: dict[str, int]
) -> TableAudit:
    total = Counts()
    accepted: dict[str, str] = {}
    there = Published(table.store, table.paths, ledger)
    earlier = tuple(name for name, entry in ledger.partitions.items() if _is_of_earlier(entry, table))
    for name, entry in sorted(ledger.partitions.items()):
        raw = check_raw(table, entry, ledger)
        way = mending(entry, there, ledger).published
        # Another contract finds other records. `to-trusted` judges them; the audit must not report them missing.
        records = check_partition(table, name, entry, {} if name in earlier else raw.intact, way)
        findings += [*raw.findings, *records.findings]
        accepted |= records.unreadable
        untaken |= records.untaken
        total += records.counts
    published = [entry for entry in ledger.partitions.values() if entry.contract]
    return TableAudit(
        table=ledger.table,
        partitions=len(published),
        files=sum(len(entry.raw) for entry in published),
        counts=total,
        findings=tuple(findings),
        refused={name: entry.refusal.message for name, entry in ledger.partitions.items() if entry.refusal},
        accepted_unreadable=accepted,
        kept=ledger.kept,
        pending=_pending(table, zone, ledger),
        earlier=earlier,
        warnings=ledger.open_warnings,
    )


def _is_of_earlier(entry: Partition, table: Audited) -> bool:
    if not (entry.contract and entry.fingerprint):
        return False
    return entry.fingerprint != table.fingerprint(entry.raw)


def _pending(table: Audited, zone: RawZone, ledger: Ledger) -> tuple[str, ...]:
    """Return raw files that no published or refused partition knows."""
    known = {raw.path for entry in ledger.partitions.values() for raw in entry.every_raw}
    try:
        listing = zone.listing(table.raw_table)
    except InputError:
        return ()  # problems with the input of to-trusted don't concern what is published
    return tuple(listed.file.path for listed in listing.files if listed.file.path not in known)
