"""Frame, judge, and prove: from raw files to staged Parquet that is known to hold every record."""

from __future__ import annotations

import hashlib
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.balance import compare
from trustedlake.errors import ImbalanceError, RetriableError
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
    from trustedlake.ports import Contents

SHOWN_IMBALANCES = 5


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


def stage(job: Job, partitions: Sequence[PartitionPlan], folder: Path, timings: Timings) -> list[StagedPartition]:
    """Write the partitions' records below `folder`, as Parquet by verdict and partition, and prove them.

    The engine starts while the driver frames.

    Raises:
        RetriableError: a raw file changed or vanished while it was read.
        ImbalanceError: what was written is not what was framed; names the files.
    """
    tools, contract = job.tools, job.contract
    framed, trusted, quarantine = folder / "framed", folder / "trusted", folder / "quarantine"
    for place in (framed, trusted, quarantine):
        place.mkdir(parents=True)
    with ThreadPoolExecutor(max_workers=1) as pool:
        size = sum(listed.file.size for partition in partitions for listed in partition.files)
        started = pool.submit(tools.engine.start, size=size)
        with timings.measure("frame"):
            facts = _frame(job, partitions, framed)
        with timings.measure("start"):
            started.result()
    with timings.measure("judge"):
        tools.progress("judge", total=len(partitions), records=sum(file.records for file in facts.values()))
        batch = Batch(
            framed=framed,
            records=sum(max(file.records, file.problem is not None) for file in facts.values()),
            size=sum(file.size for file in facts.values()),
            partitions=len(partitions),
        )
        tools.engine.judge(batch, contract, run_id=job.run_id, trusted=trusted, quarantine=quarantine)
    with timings.measure("prove"):
        staged = [_prove(job, plan, facts, folder) for plan in _shown(tools, partitions)]
        _nothing_else(folder, staged)
    shutil.rmtree(framed)
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
    for one in listed:
        now = tools.store.head(one.file.key)
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


def _prove(job: Job, plan: PartitionPlan, facts: Mapping[str, FileFacts], folder: Path) -> StagedPartition:
    """Read the partition's staged files back and compare them with the facts of its raw files."""
    tools, contract = job.tools, job.contract
    trusted, quarantine = (sorted((folder / zone / plan.name).glob("*.parquet")) for zone in ("trusted", "quarantine"))
    files = tuple(facts[listed.file.path] for listed in plan.files)
    counts = tools.reader.count(trusted, quarantine, contract, {file.path: file.header for file in files})
    wrong = compare(files, counts)
    if wrong:
        more = f"\n  and {len(wrong) - SHOWN_IMBALANCES} more" if len(wrong) > SHOWN_IMBALANCES else ""
        raise ImbalanceError(
            f"{plan.name or contract.table}: what {tools.engine.name} wrote is not what was read:\n  "
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
