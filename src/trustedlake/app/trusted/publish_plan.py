"""Prepare a publish: the moves, the deletes and the new ledger, from the staged and judged partitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.app.trusted.partition_warnings import partition_warnings, refused_warnings
from trustedlake.app.trusted.plan import accepts
from trustedlake.app.trusted.published import published_files
from trustedlake.models.journal import Delete, Move
from trustedlake.models.lake import join
from trustedlake.models.ledger import AcceptedUnreadable, Ledger, Partition, PublishedFile, Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.column_drift import Gone, SeenColumns
    from trustedlake.app.trusted.gate import Verdict
    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.plan import Plan
    from trustedlake.app.trusted.proof import StagedPartition


RUNS_REMEMBERED = 24
"""The ledger names this many runs that changed the table: with a run every hour, those of a day."""


@dataclass(frozen=True, slots=True)
class GatedPartition:
    """A staged partition and the gate's verdict.

    Attributes:
        refused: why it is refused; None if it passed.
        seen: the columns that had values before it.
        gone: the columns that files of it lack and should have.
        accepted: ids of its warnings that somebody accepted, and that its new raw files did not open again.
    """

    staged: StagedPartition
    refused: Verdict | None
    seen: SeenColumns
    gone: tuple[Gone, ...] = ()
    accepted: frozenset[str] = frozenset()

    @property
    def problems(self) -> dict[str, str]:
        """Path -> reason, for its unreadable files."""
        return {file.path: file.told for file in self.staged.facts if file.told}


@dataclass(frozen=True, slots=True)
class Publication:
    """Everything a publish needs, decided before it begins.

    Attributes:
        moves: in order. Unknown files are moved aside first, so that old and new rows are never there together.
        ledger: the ledger after the publish, still without the version tags, which only the moves return.
    """

    moves: tuple[Move, ...]
    deletes: tuple[Delete, ...]
    ledger: Ledger


def make_publication(job: Job, plan: Plan, judged: Sequence[GatedPartition], ledger: Ledger) -> Publication:
    """Decide the moves, the deletes and the ledger after them."""
    partitions = dict(ledger.partitions)
    moves: list[Move] = []
    for one in judged:
        name = one.staged.plan.name
        before = partitions.get(name, Partition())
        after, sources = _after(job, one, before)
        partitions[name] = after
        for file, source in sources:
            moves.append(
                Move(
                    source=join(job.staging, source),
                    target=file.key,
                    size=file.size,
                    sha256=file.sha256,
                    replaces=plan.published.get(file.key),
                )
            )
    for name in plan.remove:
        del partitions[name]
    staying = {file.key for partition in partitions.values() for file in published_files(partition)}
    deletes = [Delete(key=key, tag=tag) for key, tag in sorted(plan.published.items()) if key not in staying]
    return Publication(
        moves=(*_aside(job, plan), *moves),
        deletes=tuple(deletes),
        ledger=ledger.model_copy(
            update={
                "partitions": dict(sorted(partitions.items())),
                "accepted": _accepted(job, ledger, judged),
                "kept": _kept(plan, ledger),
                "beside": tuple(sorted(plan.beside)),
                "columns": {column.name: column.type for column in job.contract.columns},
                "warnings": (),
                "runs": (job.run_id, *ledger.runs)[:RUNS_REMEMBERED],
            }
        ),
    )


def _after(job: Job, one: GatedPartition, before: Partition) -> tuple[Partition, list[tuple[PublishedFile, str]]]:
    """Return the partition's new ledger entry, and each file to publish with its name in the staging folder."""
    staged, name = one.staged, one.staged.plan.name
    paths, options, now = job.paths, job.options, job.tools.clock.now()
    if one.refused is None:
        trusted = _named(staged.trusted, join(paths.trusted, name))
        quarantine = _named(staged.quarantine, join(paths.quarantine, name))
        after = Partition(
            contract=job.contract.version,
            fingerprint=job.fingerprint(staged.raw),
            counts=staged.counts,
            raw=staged.raw,
            trusted=tuple(file for file, _ in trusted),
            quarantine=tuple(file for file, _ in quarantine),
            columns=staged.contents.columns,
            empty=staged.contents.empty,
            reasons=staged.contents.reasons,
            warnings=partition_warnings(staged, job.contract, one.seen, one.gone, before=before, now=now),
        )
        return after, [*trusted, *quarantine]
    failed = _named(staged.quarantine, join(paths.failed, name))
    refusal = Refusal(
        gate=one.refused.gate,
        max_rejected=job.max_rejected,
        strict=options.strict,
        message=one.refused.message,
        hint=one.refused.hint,
        counts=staged.counts,
        contract=job.contract.version,
        fingerprint=job.fingerprint(staged.raw),
        raw=staged.raw,
        problems=one.problems,
        reasons=staged.contents.reasons,
        files=tuple(file for file, _ in failed),
        since=before.refusal.since if before.refusal else now,
        warnings=refused_warnings(one.gone, job.contract, one.seen, before.refusal, now),
    )
    return before.model_copy(update={"refusal": refusal}), failed


def _named(staged: Iterable[PublishedFile], folder: str) -> list[tuple[PublishedFile, str]]:
    """Give the files stable names, so that replacing a partition of one file is one atomic step."""
    return [
        (file.model_copy(update={"key": join(folder, f"part-{number:05}.parquet")}), file.key)
        for number, file in enumerate(staged)
    ]


def _aside(job: Job, plan: Plan) -> Iterable[Move]:
    lake = f"{job.paths.lake}/" if job.paths.lake else ""
    for info in plan.unknown:
        target = join(job.paths.replaced(job.run_id), info.key.removeprefix(lake))
        digest = sha256_of(job.store, info.key)
        yield Move(source=info.key, target=target, size=info.size, sha256=digest, replaces=None, source_tag=info.tag)


def _accepted(job: Job, ledger: Ledger, judged: Iterable[GatedPartition]) -> dict[str, AcceptedUnreadable]:
    """Keep what the user accepted, even if the partition is refused for another reason."""
    accepted = dict(ledger.accepted)
    for file in (file for one in judged for file in one.staged.facts):
        if not file.told:
            accepted.pop(file.path, None)
        elif accepts(job, ledger, file.path, file.sha256):
            accepted[file.path] = AcceptedUnreadable(path=file.path, sha256=file.sha256, reason=file.told)
    return accepted


def _kept(plan: Plan, ledger: Ledger) -> tuple[str, ...]:
    return tuple(sorted({*plan.kept} & {raw.path for entry in ledger.partitions.values() for raw in entry.raw}))
