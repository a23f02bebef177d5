"""The report of one table: what was done with each partition, and what the user should know."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Any

from trustedlake.app.trusted import gate
from trustedlake.app.trusted.column_drift import (
    SeenColumns,
    drift,
    gone_sentences,
    missing_columns,
)
from trustedlake.app.trusted.deliveries import beside_note
from trustedlake.app.trusted.listing import lineage_path
from trustedlake.app.trusted.partition_warnings import lost_sentence, named_again, untaken_sentence
from trustedlake.core.advice import about_renamed, what_accepts
from trustedlake.core.shared_points import shared_warnings
from trustedlake.models.ledger import DRIFT, LOST, NULL, QUARANTINE, UNTAKEN, Counts
from trustedlake.models.report import PartitionReport, PartitionStatus, TableReport
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listing
    from trustedlake.app.trusted.plan import Plan
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.app.trusted.publish_plan import GatedPartition
    from trustedlake.app.trusted.stage import Staged
    from trustedlake.core.facts import FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import Ledger, Refusal, Warned

GATE_CLOSED = 3
"""Exit code of a run that refused a partition."""

SHOWN_FILES = 20
"""Maximum number of new files, and of corrected and repeated records, that a report names per partition."""

GONE = "gone"
"""State of a raw file that vanished, in `PartitionReport.fresh`."""


def planned_report(job: Job, listing: Listing, plan: Plan, ledger: Ledger) -> TableReport:
    """Report a dry run: what would be judged, and why."""
    judge = [
        PartitionReport(
            partition=one.name,
            status=PartitionStatus.PLANNED,
            files=len(one.files),
            counts=Counts(),
            message=one.why,
        )
        for one in plan.judge
    ]
    removed = [_removed(name, ledger, PartitionStatus.PLANNED) for name in plan.remove]
    partitions = _sorted([*judge, *removed, *_standing(job, plan, ledger)])
    return _report(job, listing, plan, partitions, status="planned")


def idle_report(job: Job, listing: Listing, plan: Plan, ledger: Ledger) -> TableReport:
    """Report a run that had nothing to write, with the refused partitions and open warnings from before."""
    partitions = _sorted(_standing(job, plan, ledger))
    status = "refused" if plan.refused or plan.held else "unchanged"
    report = _report(job, listing, plan, partitions, status=status)
    return _with_open(job, report, ledger, judged=())


def _with_open(job: Job, report: TableReport, ledger: Ledger, judged: Iterable[str]) -> TableReport:
    """Add the open warnings that the report does not have yet; with `--strict`, drift makes it fail."""
    told, found = set(judged), ledger.open_warnings
    update: dict[str, Any] = {"warnings": (*report.warnings, *_open_sentences(found, told))}
    drifted = shared_warnings(_those(found, lambda _, one: one.kind in {DRIFT, NULL}))
    if drifted and job.options.strict and not report.exit_code:
        count = sum(len(one.partitions) * len(one.ids) for one in drifted)
        named = some(f"{one.where}: {one.message}" for one in drifted)
        lake = job.store.address(job.paths.lake)
        update |= {
            "exit_code": GATE_CLOSED,
            "message": f"{count} open warning(s), and --strict is set: {named}",
            "hint": f"fix the contract (a synonym), or {what_accepts(report.table, drifted[0], lake)};"
            f" {typed('status', '--table', report.table, lake=lake)} lists all of them",
        }
    return report.model_copy(update=update)


def _open_sentences(found: Mapping[str, Iterable[Warned]], judged: Collection[str]) -> Iterable[str]:
    """Return one sentence per open warning that partitions share, and a single one for everything in Quarantine.

    For partitions judged now, the report already has drift, lost values and records that no table takes.
    """

    def is_news(name: str, one: Warned) -> bool:
        return one.kind != QUARANTINE and (name not in judged or one.kind not in {DRIFT, LOST, UNTAKEN})

    for shared in shared_warnings(_those(found, is_news)):
        yield f"{shared.where}: {shared.told}"
    quarantined = [one for warnings in found.values() for one in warnings if one.kind == QUARANTINE]
    if quarantined:
        since = min(warning.since for warning in quarantined)
        days = f"{len(quarantined)} partition(s) have" if len(quarantined) > 1 else "a partition has"
        yield f"since {since:%Y-%m-%d}: {days} rejected records (trustedlake quarantine shows them)"


def _those(found: Mapping[str, Iterable[Warned]], wanted: Callable[[str, Warned], bool]) -> dict[str, list[Warned]]:
    return {name: [one for one in warnings if wanted(name, one)] for name, warnings in found.items()}


def published_report(
    job: Job,
    listing: Listing,
    plan: Plan,
    judged: Sequence[GatedPartition],
    staged: Staged | None,
    *,
    before: Ledger,
    after: Ledger,
) -> TableReport:
    """Report what was judged and published, and what stayed."""
    done = [_judged(one, plan.dropped) for one in judged]
    removed = [_removed(name, before, PartitionStatus.REMOVED) for name in plan.remove]
    partitions = _sorted([*done, *removed, *_standing(job, plan, after, kept=set(after.kept).difference(before.kept))])
    refused = any(part.status is PartitionStatus.REFUSED for part in partitions)
    told = [(file, one.seen, one.accepted) for one in judged for file in one.staged.facts]
    gone = [(case, one.seen, one.accepted) for one in judged for case in one.gone]
    report = _report(job, listing, plan, partitions, status="refused" if refused else "published")
    again = [staged.note] if staged and staged.note else []
    update: dict[str, Any] = {
        "engine": staged.engine if staged else "",
        "engine_reason": staged.reason if staged else "",
        "lanes": dict(staged.lanes) if staged else {},
        "warnings": (*gone_sentences(gone, job.contract), *_lost_sentence(judged)),
        "notes": (
            *report.notes,
            *again,
            *_untaken_notes(judged),
            *_corrected_notes(judged),
            *_notes(told, job.contract),
        ),
        "accepted_unreadable": {file.path: file.reason for file in after.accepted.values()},
        "replaced": tuple(lineage_path(job.store, job.paths, info.key) for info in plan.unknown),
    }
    return _with_open(job, report.model_copy(update=update), after, [one.staged.plan.name for one in judged])


def _report(
    job: Job,
    listing: Listing,
    plan: Plan,
    partitions: Sequence[PartitionReport],
    *,
    status: str,
) -> TableReport:
    total = Counts()
    for part in partitions:
        if part.status is not PartitionStatus.REFUSED:
            total += part.counts
    return TableReport(
        table=job.contract.table,
        contract=job.contract.version,
        status=status,
        exit_code=GATE_CLOSED if status == "refused" else 0,
        inputs=tuple(job.store.address(root) for root in job.paths.inputs),
        target=job.store.address(job.paths.trusted),
        counts=total,
        partitions=tuple(partitions),
        notes=(*listing.notes, *beside_note(plan.beside)),
        ignored=(*listing.ignored, *(lineage_path(job.store, job.paths, info.key) for info in plan.ignored)),
        untaken=listing.untaken,
        kept=plan.kept,
        dropped=plan.dropped,
        superseded=dict(plan.superseded),
    )


def _sorted(partitions: Iterable[PartitionReport]) -> list[PartitionReport]:
    return sorted(partitions, key=lambda part: part.partition)


def _judged(one: GatedPartition, dropped: Collection[str]) -> PartitionReport:
    staged = one.staged
    return PartitionReport(
        partition=staged.plan.name,
        status=PartitionStatus.REFUSED if one.refused else PartitionStatus.PUBLISHED,
        files=len(staged.facts),
        counts=staged.counts,
        fresh=dict(islice(_fresh(staged, dropped), SHOWN_FILES)),
        reasons=staged.contents.reasons,
        problems=one.problems,
        refused=staged.contents.refused,
        drift=drift(staged.facts),
        lost=staged.contents.lost,
        corrected=dict(islice(staged.contents.corrected.items(), SHOWN_FILES)),
        repeated=dict(islice(staged.contents.repeated.items(), SHOWN_FILES)),
        message=one.refused.message if one.refused else staged.plan.why,
        hint=one.refused.hint if one.refused else "",
    )


def _fresh(staged: StagedPartition, dropped: Collection[str]) -> Iterable[tuple[str, str]]:
    before = {raw.path: raw.sha256 for raw in staged.plan.before.raw} if staged.plan.before else {}
    for file in staged.facts if before else ():
        if before.get(file.path) != file.sha256:
            yield file.path, "changed" if file.path in before else "new"
    yield from ((path, GONE) for path in before if path in dropped)


def _standing(job: Job, plan: Plan, ledger: Ledger, *, kept: Collection[str] = ()) -> Iterable[PartitionReport]:
    """Report the partitions that stayed as they were: unchanged, refused with unchanged files, or held.

    `kept`: raw files that vanished, and whose rows the user keeps since this run.
    """
    for name in plan.unchanged:
        entry = ledger.partitions[name]
        yield PartitionReport(
            partition=name,
            status=PartitionStatus.UNCHANGED,
            files=len(entry.raw),
            counts=entry.counts,
            fresh={raw.path: GONE for raw in entry.raw if raw.path in kept} if kept else {},
        )
    for name in plan.refused:
        refusal = ledger.partitions[name].refusal
        if refusal is not None:
            yield _still_refused(job, name, refusal)
    for held in plan.held:
        yield PartitionReport(
            partition=held.name,
            status=PartitionStatus.REFUSED,
            files=held.files,
            counts=Counts(),
            message=held.message,
            hint=held.hint,
            stayed=True,
        )


def _still_refused(job: Job, name: str, refusal: Refusal) -> PartitionReport:
    look = gate.LOOK if refusal.counts.framed or refusal.problems else gate.FILL
    patch = about_renamed(job.contract.table, job.store.address(job.paths.lake))
    return PartitionReport(
        partition=name,
        status=PartitionStatus.REFUSED,
        files=len(refusal.raw),
        counts=refusal.counts,
        reasons=refusal.reasons,
        problems=refusal.problems,
        message=f"refused before, and its files did not change: {refusal.message}",
        hint=f"{patch}; {look}" if refusal.is_renamed else look,
        stayed=True,
    )


def _removed(name: str, ledger: Ledger, status: PartitionStatus) -> PartitionReport:
    entry = ledger.partitions[name]
    files = entry.raw or (entry.refusal.raw if entry.refusal else ())
    return PartitionReport(
        partition=name,
        status=status,
        files=0,
        counts=Counts(),
        message=f"none of its {len(files)} raw file(s) is there",
    )


def _untaken_notes(judged: Iterable[GatedPartition]) -> Iterable[str]:
    """Return one sentence about the records that no table takes, unless somebody accepted that."""
    facts = (file for one in judged if UNTAKEN not in one.accepted for file in one.staged.facts)
    if files := [file for file in facts if file.untaken]:
        yield untaken_sentence(files)


def _corrected_notes(judged: Sequence[GatedPartition]) -> Iterable[str]:
    """Return a sentence each about rejected records that are corrected, and about those that came again."""
    pairs = {one: other for each in judged for one, other in each.staged.contents.corrected.items()}
    if pairs:
        told = some(f"{rejected} by {accepted}" for rejected, accepted in pairs.items())
        yield f"{len(pairs)} rejected record(s) are corrected by others with their keys: {told}"
    again = {one: other for each in judged for one, other in each.staged.contents.repeated.items()}
    if again:
        yield f"{len(again)} rejected record(s) correct nothing: {named_again(again)}"


def _lost_sentence(judged: Iterable[GatedPartition]) -> Iterable[str]:
    """Return one sentence about published duplicates with values that the kept records lack, unless accepted."""
    duplicates, columns = 0, Counter[str]()
    for one in judged:
        if not one.refused and LOST not in one.accepted:
            duplicates += one.staged.contents.lost.duplicates
            columns.update(one.staged.contents.lost.columns)
    if duplicates:
        yield lost_sentence(duplicates, columns)


def _notes(facts: Iterable[tuple[FileFacts, SeenColumns, object]], contract: Contract) -> Iterable[str]:
    """Return one line about all absent columns that never had values: normal for sources with few columns."""
    absent: Counter[str] = Counter()
    for file, seen, _ in facts:
        absent.update(missing_columns(file, contract, seen.before(file))[1])
    if absent:
        yield f"{len(absent)} optional column(s) that some files don't have: {', '.join(sorted(absent))}"
