"""The proof: read the staged files back without the engine that wrote them, and compare them with the facts of Raw."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.balance import compare
from trustedlake.core.facts import FileCounts
from trustedlake.errors import ImbalanceError
from trustedlake.models.ledger import OVERRULED, Counts, PublishedFile, RawFile
from trustedlake.ports import NONE_NEWER, Newer
from trustedlake.threads import map_in_threads
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from trustedlake.app.trusted.job import Job, Tools
    from trustedlake.app.trusted.listing import Listed
    from trustedlake.app.trusted.plan import PartitionPlan
    from trustedlake.core.facts import FileFacts
    from trustedlake.ports import Contents

SHOWN_IMBALANCES = 5


@dataclass(frozen=True, slots=True)
class StagedPartition:
    """A partition that was judged and proven but not yet published.

    Attributes:
        facts: one per raw file, in the plan's order.
        written: path of a raw file -> what the staged files have of it.
        trusted, quarantine: staged files; `key` is relative to the staging folder.
    """

    plan: PartitionPlan
    facts: tuple[FileFacts, ...]
    written: Mapping[str, FileCounts]
    counts: Counts
    contents: Contents
    trusted: tuple[PublishedFile, ...]
    quarantine: tuple[PublishedFile, ...]

    @property
    def standing(self) -> tuple[FileFacts, ...]:
        """The facts of the files that no later delivery replaces."""
        return tuple(f for f, one in zip(self.facts, self.plan.files, strict=True) if not one.file.replaced)

    @property
    def superseded(self) -> int:
        """Number of rejected rows from replaced files; nobody needs to look at them."""
        replaced = (one.file.path for one in self.plan.files if one.file.replaced)
        return sum(self.written[path].rejected for path in replaced if path in self.written)

    @property
    def raw(self) -> tuple[RawFile, ...]:
        """Its raw files as they were read."""
        listed = {one.file.path: one for one in self.plan.files}
        return tuple(self._as_read(file, listed[file.path]) for file in self.facts)

    def _as_read(self, file: FileFacts, listed: Listed) -> RawFile:
        written = self.written.get(file.path, FileCounts())
        return RawFile(
            path=file.path,
            size=file.size,
            sha256=file.sha256,
            tag=listed.version,
            records=file.records,
            elsewhere=file.elsewhere,
            trusted=written.trusted,
            rejected=written.rejected,
            duplicates=written.duplicates,
            replaced=listed.file.replaced,
            header=tuple(file.header) if written.rejected else (),
        )


def prove(
    job: Job,
    plans: Sequence[PartitionPlan],
    facts: Mapping[str, FileFacts],
    *,
    by: str,
    trusted: Path,
    quarantine: Path,
    folder: Path,
    progress: Callable[[int], None],
) -> list[StagedPartition]:
    """Compare the staged files of each partition with the facts of its raw files.

    Args:
        job: its tools have the reader of staged files.
        plans: the partitions that were judged together.
        facts: the facts of every raw file, by path.
        by: name of the engine that judged, for the message.
        trusted: folder with one staged Trusted folder per partition.
        quarantine: the same for Quarantine.
        folder: the staging folder; the names of the staged files are relative to it.
        progress: gets the number of proven partitions.

    Raises:
        ImbalanceError: a record is missing, doubled or changed, or there are files of other partitions.
    """
    staged = []
    for one in map_in_threads(lambda plan: _prove(job, plan, facts, by, (trusted, quarantine), folder), plans):
        staged.append(one)
        progress(len(staged))
    known = {file.key for one in staged for file in (*one.trusted, *one.quarantine)}
    there = {file.relative_to(folder).as_posix() for zone in (trusted, quarantine) for file in zone.rglob("*.parquet")}
    if there - known:
        raise ImbalanceError(
            f"{by} wrote files for partitions that were not asked for: {sorted(there - known)}",
            hint="nothing was published; run again; if it happens again, report it",
        )
    return staged


def _prove(  # noqa: PLR0917 - one caller
    job: Job, plan: PartitionPlan, facts: Mapping[str, FileFacts], by: str, zones: tuple[Path, Path], folder: Path
) -> StagedPartition:
    tools, contract = job.tools, job.contract
    trusted, quarantine = (sorted((zone / plan.name).glob("*.parquet")) for zone in zones)
    files = tuple(facts[listed.file.path] for listed in plan.files)
    headers = {file.path: file.header for file in files}
    counts = tools.reader.count(trusted, quarantine, contract, headers)
    wrong = compare(files, counts)
    if wrong:
        raise ImbalanceError(
            f"{plan.name or contract.table}: what {by} wrote is not what was read:\n  "
            + some((one.sentence for one in wrong), SHOWN_IMBALANCES, by="\n  "),
            hint="nothing was published; run again; if it happens again, report it: the engine loses or repeats rows",
        )
    return StagedPartition(
        plan=plan,
        facts=files,
        written=counts,
        counts=_total(counts.values(), files),
        contents=tools.reader.contents(trusted, quarantine, contract, headers, _newer(plan, files)),
        trusted=tuple(_staged(tools, file, folder) for file in trusted),
        quarantine=tuple(_staged(tools, file, folder) for file in quarantine),
    )


def _newer(plan: PartitionPlan, facts: Iterable[FileFacts]) -> Newer:
    """Find files newer than the published ones; files whose records were overruled before still count as newer."""
    before = plan.before
    if before is None or not before.raw:
        return NONE_NEWER
    known = {(raw.path, raw.sha256) for raw in before.raw}
    new = frozenset(file.path for file in facts if (file.path, file.sha256) not in known)
    return Newer(new.union(one.path for one in before.warnings if one.kind == OVERRULED), new)


def _total(counts: Iterable[FileCounts], facts: Iterable[FileFacts]) -> Counts:
    by_verdict = [(file.trusted, file.rejected, file.duplicates) for file in counts]
    trusted, rejected, duplicates = (sum(column) for column in zip((0, 0, 0), *by_verdict, strict=True))
    elsewhere = sum(file.elsewhere for file in facts)
    framed = sum(file.records for file in facts) + elsewhere
    return Counts(framed=framed, trusted=trusted, rejected=rejected, duplicates=duplicates, elsewhere=elsewhere)


def _staged(tools: Tools, file: Path, folder: Path) -> PublishedFile:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return PublishedFile(
        key=file.relative_to(folder).as_posix(), size=file.stat().st_size, rows=tools.reader.rows(file), sha256=digest
    )
