"""Plan a run: compare Raw with the ledger and the published files, partition by partition."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.app.trusted.deliveries import compare_deliveries, refuse_undecided
from trustedlake.app.trusted.listing import key_of, list_file
from trustedlake.app.trusted.published import Published
from trustedlake.app.trusted.vanished import find_vanished, hold
from trustedlake.errors import InputError
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.app.trusted.deliveries import Deliveries
    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed, Listing
    from trustedlake.app.trusted.vanished import Held, Vanished
    from trustedlake.models.ledger import Ledger, Partition, RawFile, Refusal
    from trustedlake.ports import ObjectInfo


@dataclass(frozen=True, slots=True)
class PartitionPlan:
    """A partition to judge again.

    Attributes:
        files: all raw files of the partition, changed or not.
        why: `new`, `changed`, `contract` (the contract changed), `damaged` (published files),
            `refused before` or `full refresh`.
        before: its ledger entry; None for a new one.
    """

    name: str
    files: tuple[Listed, ...]
    why: str
    before: Partition | None = None

    @property
    def size(self) -> int:
        """Bytes of its raw files."""
        return sum(listed.file.size for listed in self.files)


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with each partition of one table.

    Attributes:
        judge: partitions to frame, judge and publish.
        unchanged: names of partitions that stay as they are.
        refused: names of partitions whose refused files did not change; they are refused again without reading them.
        held: partitions that can't be judged again because they keep rows of vanished files.
        remove: names of partitions to remove: all their raw files are gone and may go (`--vanished drop`, or nothing
            was published), or the files' paths now put them into other partitions.
        kept, dropped: raw files that vanished.
        superseded: raw file -> the later delivery of the same name that replaces it (`replaces: name`).
        beside: raw files that count beside a later delivery of the same name.
        published: key -> version tag of every published file that may be replaced or deleted.
        unknown: files in Trusted and Quarantine that the ledger doesn't know.
        ignored: files in Trusted and Quarantine whose names are never data.
    """

    judge: tuple[PartitionPlan, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    remove: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    superseded: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    published: Mapping[str, str] = field(default_factory=dict)
    unknown: tuple[ObjectInfo, ...] = ()
    ignored: tuple[ObjectInfo, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.judge or self.remove or self.unknown)


def make_plan(job: Job, listing: Listing, ledger: Ledger) -> Plan:
    """Compare the listing with the ledger and the published files.

    Raises:
        InputError: raw files vanished or were replaced, and the options don't say what to do with their rows.
    """
    published = Published(job.store, job.paths, ledger)
    vanished = find_vanished(job, listing, ledger)
    current = _by_partition(listing.files)
    there = {listed.file.path for listed in listing.files}
    judge: list[PartitionPlan] = []
    held: list[Held] = []
    deliveries: list[Deliveries] = []
    others: dict[str, list[str]] = {"unchanged": [], "refused": [], "remove": []}
    for name in sorted(current.keys() | ledger.partitions.keys()):
        entry = ledger.partitions.get(name)
        whole = _whole(job, entry, current.get(name, ()), vanished)
        deliveries.append(compare_deliveries(job, whole, entry, ledger.beside))
        files = deliveries[-1].files
        if not files:
            elsewhere = entry is not None and bool(entry.raw) and there.issuperset(raw.path for raw in entry.raw)
            others["remove" if elsewhere or vanished.ends(entry) else "unchanged"].append(name)
        elif not (why := _why(job, files, entry, published, vanished)):
            others["unchanged"].append(name)
        elif entry and entry.refusal and _still_refused(job, files, entry.refusal, ledger, published):
            others["refused"].append(name)
        elif entry and vanished.of(entry) and not vanished.drop:
            held.append(hold(job, name, files, why, fresh=_fresh(job, files, entry), gone=vanished.of(entry)))
        else:
            judge.append(PartitionPlan(name, files, why, entry))
    refuse_undecided(job, deliveries)
    gone = tuple(sorted(vanished.paths))
    return Plan(
        judge=tuple(judge),
        held=tuple(held),
        **{what: tuple(names) for what, names in others.items()},
        kept=() if vanished.drop else gone,
        dropped=gone if vanished.drop else (),
        superseded={path: later for one in deliveries for path, later in one.superseded.items()},
        beside=tuple(path for one in deliveries for path in one.beside),
        published=published.tags,
        unknown=published.unknown,
        ignored=published.ignored,
    )


def accepts(job: Job, ledger: Ledger, path: str, sha256: str) -> bool:
    """Return whether the user accepts the file as unreadable: in this run, or earlier for exactly these bytes."""
    before = ledger.accepted.get(path)
    return path in job.options.accept_unreadable or (before is not None and before.sha256 == sha256)


def _accepted_now(job: Job, ledger: Ledger, raw: RawFile) -> bool:
    """Return whether the user accepts the file as unreadable for the first time."""
    before = ledger.accepted.get(raw.path)
    return accepts(job, ledger, raw.path, raw.sha256) and (before is None or before.sha256 != raw.sha256)


def _by_partition(files: Iterable[Listed]) -> Mapping[str, tuple[Listed, ...]]:
    grouped: dict[str, list[Listed]] = defaultdict(list)
    for listed in files:
        grouped[listed.partition].append(listed)
    return {name: tuple(members) for name, members in grouped.items()}


def _whole(job: Job, entry: Partition | None, files: tuple[Listed, ...], vanished: Vanished) -> tuple[Listed, ...]:
    """Add the partition's files that are outside this run's inputs: a partition is always judged as a whole."""
    if not files or entry is None:
        return files
    here = {listed.file.path for listed in files} | vanished.paths
    scopes = job.paths.input_folders
    more = []
    for raw in entry.raw:
        if raw.path in here:
            continue
        key = key_of(job.store, job.paths, raw.path)
        if key is None or key.startswith(scopes):
            continue
        info = job.store.head(key)
        one = None if info is None else list_file(job.store, job.paths, info, job.raw_files)
        if one is not None:
            more.append(one)
    return tuple(sorted((*files, *more), key=lambda listed: listed.file.path.encode()))


def _why(job: Job, files: tuple[Listed, ...], entry: Partition | None, published: Published, vanished: Vanished) -> str:
    """Return why the partition must be judged again; empty if it need not."""
    if job.options.full_refresh:
        return "full refresh"
    if entry is None or (entry.refusal is None and not entry.counts.trusted and not entry.counts.elsewhere):
        return "new"  # an earlier version could publish a partition without any record
    if entry.refusal is not None:
        return "refused before"
    if _is_other_contract(job, entry):
        return "contract"
    expected = [raw for raw in entry.raw if vanished.drop or raw.path not in vanished.paths]
    if not _same_files(job, files, expected):
        return "changed"
    return "" if published.intact((*entry.trusted, *entry.quarantine)) else "damaged"


def _still_refused(job: Job, files: tuple[Listed, ...], refusal: Refusal, ledger: Ledger, published: Published) -> bool:
    """Return whether the same files would be refused again for the same reason, with their refused records intact."""
    options = job.options
    return (
        not options.full_refresh
        and not _is_other_contract(job, refusal)
        and refusal.max_rejected == job.max_rejected
        and refusal.strict == options.strict
        and not any(_accepted_now(job, ledger, raw) for raw in refusal.raw if raw.path in refusal.problems)
        and _same_files(job, files, refusal.raw)
        and published.intact(refusal.files)
    )


def _is_other_contract(job: Job, judged: Partition | Refusal) -> bool:
    """Return whether another contract judged it; earlier program versions recorded only the contract's version."""
    if judged.fingerprint:
        return judged.fingerprint != job.fingerprint(judged.raw)
    return judged.contract != job.contract.version


def refuse_lost_columns(job: Job, ledger: Ledger) -> None:
    """Check that the contract still has all columns of the published table, with the same types.

    Raises:
        InputError: a column is missing or has another type. Only a full refresh gives all partitions one schema again.
    """
    now = {column.name: column.type for column in job.contract.columns}
    gone = [name for name in ledger.columns if name not in now]
    other = [f"{name} ({was}, now {now[name]})" for name, was in ledger.columns.items() if now.get(name, was) != was]
    if (gone or other) and not job.options.full_refresh:
        what = [f"has no column {some(gone)} any more"] if gone else []
        what += [f"changes the types of {some(other)}"] if other else []
        raise InputError(
            f"the contract of {job.contract.table} {' and '.join(what)}, but published days have them",
            hint="--full-refresh rebuilds every day by the new contract; trustedlake contract diff shows what changed",
        )


def _fresh(job: Job, files: Iterable[Listed], entry: Partition) -> list[str]:
    """Return the paths of new and changed files: the published rows don't come from them."""
    known = {raw.path: raw for raw in entry.raw}
    paths = ((listed, listed.file.path) for listed in files)
    return [path for one, path in paths if path not in known or not _same_files(job, [one], [known[path]])]


def _same_files(job: Job, files: Iterable[Listed], known: Iterable[RawFile]) -> bool:
    """Return whether the files are the known ones; if only the version differs, compare checksums."""
    before = {raw.path: raw for raw in known}
    now = {listed.file.path: listed for listed in files}
    if before.keys() != now.keys():
        return False
    return all(listed.file.replaced == before[path].replaced for path, listed in now.items()) and all(
        listed.version == before[path].tag
        or (listed.file.size == before[path].size and sha256_of(job.store, listed.file.key) == before[path].sha256)
        for path, listed in now.items()
    )
