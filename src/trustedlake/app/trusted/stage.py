"""Frame, judge, and prove: from raw files to staged Parquet that is known to hold every record."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.balance import compare
from trustedlake.errors import EngineError, ImbalanceError, RetriableError
from trustedlake.models.ledger import Counts, PublishedFile, RawFile
from trustedlake.ports import Batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.plan import PartitionPlan
    from trustedlake.app.trusted.timings import Timings
    from trustedlake.app.trusted.tools import Tools
    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.ports import Contents, Engine

SHOWN_IMBALANCES = 5
LOOKS = 8
"""Raw files looked at at once: in a bucket each look is a request."""


@dataclass(frozen=True, slots=True)
class StagedPartition:
    """A partition that was judged and proven, not yet published.

    Attributes:
        facts: of each of its raw files, in the plan's order.
        trusted, quarantine: staged files; `key` is relative to the staging folder.
        reasons: `column|rule` -> rejected records.
    """

    plan: PartitionPlan
    facts: tuple[FileFacts, ...]
    counts: Counts
    contents: Contents
    trusted: tuple[PublishedFile, ...]
    quarantine: tuple[PublishedFile, ...]

    @property
    def raw(self) -> tuple[RawFile, ...]:
        """Its raw files, as they were read."""
        tags = {listed.file.path: listed.tag for listed in self.plan.files}
        return tuple(
            RawFile(path=f.path, size=f.size, sha256=f.sha256, tag=tags[f.path], records=f.records) for f in self.facts
        )


@dataclass(frozen=True, slots=True)
class Staged:
    """Partitions that were judged and proven together.

    Attributes:
        engine: name of the engine that judged; reason: why it was chosen.
        note: why another engine judged again; empty if none did.
    """

    partitions: tuple[StagedPartition, ...] = ()
    engine: str = ""
    reason: str = ""
    note: str = ""


def stage(job: Job, partitions: Sequence[PartitionPlan], folder: Path, timings: Timings) -> Staged:
    """Write the partitions' records below `folder`, as Parquet by verdict and partition, and prove them.

    The engine starts while the driver frames. One that fails, or whose result does not balance, is replaced by the
    one that stands in for it.

    Raises:
        RetriableError: a raw file changed or vanished while it was read.
        ImbalanceError: what was written is not what was framed; names the files.
    """
    tools = job.tools
    framed = folder / "framed"
    framed.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=1) as pool:
        size = sum(listed.file.size for partition in partitions for listed in partition.files)
        started = pool.submit(tools.engine.start, size=size)
        with timings.measure("frame"):
            facts = _frame(job, partitions, framed)
        with timings.measure("start"):
            started.result()
    batch = Batch(
        framed=framed,
        records=sum(max(file.records, file.problem is not None) for file in facts.values()),
        size=sum(file.size for file in facts.values()),
        partitions=len(partitions),
        unknown_keys=any(file.unknown for file in facts.values()),
    )
    work = _Work(job, partitions, facts, batch, timings)
    engine, note = tools.engine, ""
    try:
        staged = work.judged_by(engine)
    except (EngineError, ImbalanceError) as error:
        if tools.stand_in is None or tools.stand_in.name == engine.name:
            raise
        note = f"{tools.stand_in.name} judged again, for {engine.name} failed: {error.message}"
        engine = tools.stand_in
        staged = work.judged_by(engine)
    shutil.rmtree(framed)
    return Staged(tuple(staged), engine.name, "" if note else engine.reason, note)


@dataclass(frozen=True, slots=True)
class _Work:
    """Framed records, to be judged by one engine or another."""

    job: Job
    partitions: Sequence[PartitionPlan]
    facts: Mapping[str, FileFacts]
    batch: Batch
    timings: Timings

    def judged_by(self, engine: Engine) -> list[StagedPartition]:
        """Judge and prove, on folders that are empty before."""
        job, batch = self.job, self.batch
        folder = batch.framed.parent
        trusted, quarantine = folder / "trusted", folder / "quarantine"
        for place in (trusted, quarantine):
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
        with self.timings.measure("judge"):
            job.tools.progress("judge", total=len(self.partitions), records=batch.records)
            engine.judge(batch, job.contract, run_id=job.run_id, trusted=trusted, quarantine=quarantine)
        with self.timings.measure("prove"):
            staged = [_prove(job, engine, plan, self.facts, folder) for plan in _shown(job.tools, self.partitions)]
            _nothing_else(folder, staged)
        return staged


def _frame(job: Job, partitions: Sequence[PartitionPlan], out: Path) -> Mapping[str, FileFacts]:
    tools = job.tools
    listed = [listed for partition in partitions for listed in partition.files]
    seen: Counter[str] = Counter()

    def progress(file: FileFacts) -> None:
        seen.update(files=1, records=file.records)
        tools.progress("frame", done=seen["files"], total=len(listed), records=seen["records"])

    tools.progress("frame", total=len(listed))
    facts = tools.framer.frame([one.file for one in listed], job.contract, out, progress=progress)
    with ThreadPoolExecutor(LOOKS) as pool:
        heads = list(pool.map(tools.store.head, [one.file.key for one in listed]))
    for one, now in zip(listed, heads, strict=True):
        if now is None or now.tag != one.tag:
            raise RetriableError(
                f"{one.file.path} {'vanished' if now is None else 'changed'} while it was read",
                hint="nothing was published; run again when Raw is at rest",
            )
    return {file.path: file for file in facts}


def _shown(tools: Tools, partitions: Sequence[PartitionPlan]) -> Iterable[PartitionPlan]:
    for number, partition in enumerate(partitions):
        tools.progress("prove", done=number, total=len(partitions))
        yield partition


def _prove(
    job: Job, engine: Engine, plan: PartitionPlan, facts: Mapping[str, FileFacts], folder: Path
) -> StagedPartition:
    """Read the partition's staged files back and compare them with the facts of its raw files."""
    tools, contract = job.tools, job.contract
    trusted, quarantine = (sorted((folder / zone / plan.name).glob("*.parquet")) for zone in ("trusted", "quarantine"))
    files = tuple(facts[listed.file.path] for listed in plan.files)
    counts = tools.reader.count(trusted, quarantine, contract, {file.path: file.header for file in files})
    wrong = compare(files, counts)
    if wrong:
        more = f"\n  and {len(wrong) - SHOWN_IMBALANCES} more" if len(wrong) > SHOWN_IMBALANCES else ""
        raise ImbalanceError(
            f"{plan.name or contract.table}: what {engine.name} wrote is not what was read:\n  "
            + "\n  ".join(str(one) for one in wrong[:SHOWN_IMBALANCES])
            + more,
            hint="nothing was published; run again, and report it if it stays: the engine loses or doubles records",
        )
    return StagedPartition(
        plan=plan,
        facts=files,
        counts=_total(counts.values(), files),
        contents=tools.reader.contents(trusted, quarantine, contract),
        trusted=tuple(_staged(tools, file, folder) for file in trusted),
        quarantine=tuple(_staged(tools, file, folder) for file in quarantine),
    )


def _total(counts: Iterable[FileCounts], facts: Iterable[FileFacts]) -> Counts:
    by_verdict = [(file.trusted, file.rejected, file.duplicates) for file in counts]
    trusted, rejected, duplicates = (sum(column) for column in zip((0, 0, 0), *by_verdict, strict=True))
    framed = sum(file.records for file in facts)
    return Counts(framed=framed, trusted=trusted, rejected=rejected, duplicates=duplicates)


def _staged(tools: Tools, file: Path, folder: Path) -> PublishedFile:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return PublishedFile(
        key=file.relative_to(folder).as_posix(), size=file.stat().st_size, rows=tools.reader.rows(file), sha256=digest
    )


def _nothing_else(folder: Path, staged: Iterable[StagedPartition]) -> None:
    """Refuse what was written for a partition that nobody asked for."""
    known = {file.key for partition in staged for file in (*partition.trusted, *partition.quarantine)}
    zones = (folder / "trusted", folder / "quarantine")
    there = {file.relative_to(folder).as_posix() for zone in zones for file in zone.rglob("*.parquet")}
    if there - known:
        raise ImbalanceError(
            f"the engine wrote files for partitions that were not asked for: {sorted(there - known)}",
            hint="nothing was published; run again, and report it if it stays",
        )
