"""Turn raw files into staged Parquet that provably has every record: frame, judge and prove, share by share."""

from __future__ import annotations

import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import in_lake
from trustedlake.app.trusted.proof import prove
from trustedlake.errors import EngineError, ImbalanceError, RetriableError
from trustedlake.models.ledger import Counts
from trustedlake.ports import Batch
from trustedlake.threads import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed
    from trustedlake.app.trusted.plan import PartitionPlan
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.app.trusted.timings import Timings
    from trustedlake.core.facts import FileFacts
    from trustedlake.ports import Engine, ObjectStore, RawInput


ACCEPTED, JUDGED = "accepted", "judged"
"""How a record was checked: accepted without the engine, or judged by it."""

LOOKS = 8
"""Number of Raw folders listed at the same time."""


@dataclass(frozen=True, slots=True)
class Staged:
    """Partitions that were judged and proven together.

    Attributes:
        engine: name of the engine that judged, empty if none was needed; reason: why it was chosen.
        note: why a second engine judged again; empty if none did.
        lanes: number of records `accepted` and `judged`, and of the judged ones by cause (`shape`, `type`, ...).
    """

    partitions: tuple[StagedPartition, ...] = ()
    engine: str = ""
    reason: str = ""
    note: str = ""
    lanes: Mapping[str, int] = field(default_factory=dict)


def stage(job: Job, partitions: Sequence[PartitionPlan], folder: Path, timings: Timings) -> Staged:
    """Write the partitions' records as Parquet into folders by verdict and partition below `folder`, and prove them.

    The acceptor accepts clearly valid records. The engine starts only if other records remain. Without an acceptor,
    the engine judges everything: it starts while the files are framed, and gets as much at once as it can take.
    While a share is judged and proven, the next ones may be framed (see the framer).
    If the engine fails or its result does not balance, the stand-in engine judges that share again and all later
    ones.

    Raises:
        RetriableError: a raw file changed or vanished while it was read.
        ImbalanceError: what was written is not what was framed; the message names the files.
    """
    tools = job.tools
    framed = folder / "framed"
    size = sum(plan.size for plan in partitions)
    shares = _shares(partitions, (tools.acceptor or tools.engine).batch_size(size))
    for share in shares:
        (framed / share.folder).mkdir(parents=True)
    engine, note = tools.engine, ""
    facts: dict[str, FileFacts] = {}
    records = 0
    lanes: Counter[str] = Counter()
    staged: list[StagedPartition] = []
    with timings.measure("frame"):
        framing = _frame(job, shares, framed)
    with (
        closing(framing),
        _starting(engine, size) if tools.acceptor is None else nullcontext() as started,
    ):
        for share in shares:
            with timings.measure("frame"):
                found = next(framing)
            facts |= found
            records += sum(map(_rows, found.values()))
            if share is shares[-1]:
                _all_framed(job, shares, facts, records=records, size=size)
            if started is not None:
                with timings.measure("start"):
                    started.result()
            tools.progress("judge", done=len(staged), total=len(partitions), records=records)
            work = _Work(job, share, facts, folder, timings, before=len(staged), total=len(partitions))
            try:
                done, ways = work.judged_by(engine)
            except (EngineError, ImbalanceError) as error:
                if tools.stand_in is None or tools.stand_in.name == engine.name:
                    raise
                note = f"{tools.stand_in.name} judged again because {engine.name} failed: {error.message}"
                engine = tools.stand_in
                done, ways = work.judged_by(engine)
            staged += done
            lanes.update(ways)
    total = sum((one.counts for one in staged), Counts())
    name = engine.name if lanes[JUDGED] or not tools.acceptor else ""
    job.tell("judged", engine=name, partitions=len(staged), counts=total.model_dump(), lanes=dict(lanes))
    return Staged(tuple(staged), name, tools.engine.reason if name and not note else "", note, dict(+lanes))


@contextmanager
def _starting(engine: Engine, size: int) -> Iterator[Future[None]]:
    """Start the engine in the background: it gets all records."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield pool.submit(engine.start, size=size)
    finally:
        pool.shutdown(wait=False)  # after an interrupt, don't wait for an engine that must stop at once


@dataclass(frozen=True, slots=True)
class _Share:
    """Partitions that the engine gets at once.

    Attributes:
        folder: name of the share's subfolder in the folders of framed and staged files; empty if there is only one
            share.
    """

    folder: str
    partitions: Sequence[PartitionPlan]

    @property
    def files(self) -> list[Listed]:
        return [listed for plan in self.partitions for listed in plan.files]


def _shares(partitions: Sequence[PartitionPlan], size: int) -> list[_Share]:
    """Group whole partitions into shares of at most `size` raw bytes; a larger partition is a share by itself."""
    shares: list[list[PartitionPlan]] = []
    room = 0
    for plan in partitions:
        if not shares or plan.size > room:
            shares.append([])
            room = size
        shares[-1].append(plan)
        room -= plan.size
    return [_Share(f"{number:05}" if len(shares) > 1 else "", share) for number, share in enumerate(shares)]


def _rows(file: FileFacts) -> int:
    """Number of framed rows of a file; an unreadable file counts as one row."""
    return max(file.records, file.problem is not None)


@dataclass(frozen=True, slots=True)
class _Work:
    """The framed records of a share, for one engine or another to judge.

    Attributes:
        before: number of partitions in earlier shares.
        total: number of all partitions.
    """

    job: Job
    share: _Share
    facts: Mapping[str, FileFacts]
    folder: Path
    timings: Timings
    before: int
    total: int

    def judged_by(self, engine: Engine) -> tuple[list[StagedPartition], Mapping[str, int]]:
        """Judge and prove into emptied folders, then delete the framed records.

        Also returns the number of records per lane.
        """
        job, batch = self.job, self._batch()
        trusted, quarantine, judged, rest = (
            self.folder / zone / self.share.folder for zone in ("trusted", "quarantine", "judged", "rest")
        )
        for place in (trusted, quarantine, judged, rest):
            shutil.rmtree(place, ignore_errors=True)
        for place in (trusted, quarantine):
            place.mkdir(parents=True)
        accepted = None
        if job.tools.acceptor is not None:
            with self.timings.measure("accept"):
                accepted = job.tools.acceptor.accept(batch, job.contract, rest=rest)
        left = batch if accepted is None else accepted.rest
        if left is not None:
            with self.timings.measure("start"):
                engine.start(size=left.size)
            into = trusted if accepted is None else judged
            into.mkdir(parents=True, exist_ok=True)
            with self.timings.measure("judge"):
                engine.judge(left, job.contract, run_id=job.run_id, trusted=into, quarantine=quarantine)
        if accepted is not None:
            with self.timings.measure("accept"):
                accepted.write(trusted, judged if left else None)
        by = ACCEPTED if left is None else engine.name
        with self.timings.measure("prove"):
            self._proven(0)
            staged = prove(
                job,
                self.share.partitions,
                self.facts,
                by=by,
                trusted=trusted,
                quarantine=quarantine,
                folder=self.folder,
                progress=self._proven,
            )
        for place in (batch.framed, judged, rest):
            shutil.rmtree(place, ignore_errors=True)
        if accepted is None:
            return staged, {JUDGED: batch.records}
        return staged, {ACCEPTED: accepted.records, JUDGED: left.records if left else 0, **accepted.left}

    def _proven(self, partitions: int) -> None:
        self.job.tools.progress("prove", done=self.before + partitions, total=self.total)

    def _batch(self) -> Batch:
        facts = [self.facts[listed.file.path] for listed in self.share.files]
        return Batch(
            framed=self.folder / "framed" / self.share.folder,
            records=sum(map(_rows, facts)),
            size=sum(file.size for file in facts),
            partitions=len(self.share.partitions),
            unknown_keys=any(file.unknown for file in facts),
        )


def _frame(job: Job, shares: Sequence[_Share], out: Path) -> Generator[Mapping[str, FileFacts], None, None]:
    """Yield the facts of one share after another; later shares are framed while the caller works on one."""
    tools = job.tools
    raw_files = job.raw_files

    def told(file: RawInput, folder: str) -> RawInput:
        return replace(file, folder=folder, others=raw_files.readers(in_lake(job.paths, file.key)))

    files = [told(one.file, share.folder) for share in shares for one in share.files]
    replaced = {file.path for file in files if file.replaced}
    seen: Counter[str] = Counter()

    def progress(file: FileFacts) -> None:
        seen.update(files=1, records=file.records)
        tools.progress("frame", done=seen["files"], total=len(files), records=seen["records"])

    tools.progress("frame", total=len(files))
    # This loads pyarrow. An engine that starts in another thread now loads it too, and finds it half loaded.
    framing = tools.framer.frame(files, job.contract, out, progress=progress, others=raw_files.others)

    def shared() -> Generator[Mapping[str, FileFacts], None, None]:
        with closing(framing):
            for facts in framing:
                yield {file.path: _without_drift(file) if file.path in replaced else file for file in facts}

    return shared()


def _all_framed(job: Job, shares: Sequence[_Share], facts: Mapping[str, FileFacts], *, records: int, size: int) -> None:
    """Refuse raw files that changed while they were read; tell how many records there are."""
    _require_unchanged(job.tools.store, [listed for share in shares for listed in share.files])
    unreadable = sum(file.problem is not None for file in facts.values())
    job.tell("framed", files=len(facts), records=records, bytes=size, unreadable=unreadable)


def _without_drift(file: FileFacts) -> FileFacts:
    """Drop what the facts say about differences from the contract: it does not matter for a replaced file."""
    return replace(file, absent={}, null={}, empty={}, unknown={}, samples={}, examples=[], misread={})


def _require_unchanged(store: ObjectStore, files: Sequence[Listed]) -> None:
    """Refuse raw files that changed since they were listed."""
    # List whole folders: a run mostly takes all files of a folder, and in a bucket each look is a request.
    folders = {one.file.key.rpartition("/")[0] for one in files}
    tags = {info.key: info.tag for found in map_in_threads(store.list, folders, LOOKS) for info in found}
    for one in files:
        now = tags.get(one.file.key)
        if now != one.tag:
            raise RetriableError(
                f"{one.file.path} {'vanished' if now is None else 'changed'} while it was read",
                hint="nothing was published; run again once nothing writes to Raw",
            )
