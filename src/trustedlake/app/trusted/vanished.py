"""Raw files that vanished, and what happens to their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import key_of
from trustedlake.errors import InputError
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed, Listing
    from trustedlake.models.ledger import Ledger, Partition, RawFile


_WHY = {"contract": "the contract has a newer version", "damaged": "published files are missing or were changed"}
"""Reasons to judge a partition again although its raw files did not change."""


@dataclass(frozen=True, slots=True)
class Vanished:
    """Published raw files that are under the inputs by their path but no longer exist, or whose names are ignored now.

    Attributes:
        paths: their paths in lineage.
        drop: True: their rows are removed. False: their rows stay.
        refused: files of refused partitions that no longer exist.
    """

    paths: frozenset[str]
    drop: bool
    refused: frozenset[str] = frozenset()

    def of(self, entry: Partition | None) -> list[str]:
        """Return the vanished files of one partition."""
        return [raw.path for raw in entry.raw if raw.path in self.paths] if entry else []

    def whole(self, entry: Partition | None) -> bool:
        """Return whether every raw file of the partition is gone."""
        return entry is not None and bool(entry.raw) and all(raw.path in self.paths for raw in entry.raw)

    def ends(self, entry: Partition | None) -> bool:
        """Return whether to remove the partition.

        True if all its files vanished and their rows may go, or if it was only ever refused and its files are gone.
        """
        if entry is None or entry.raw or entry.refusal is None:
            return self.drop and self.whole(entry)
        return all(raw.path in self.refused for raw in entry.refusal.raw)


@dataclass(frozen=True, slots=True)
class Held:
    """A partition that should be judged again but stays as it is, because it has kept rows of vanished files.

    Published records are typed. Judging needs their original text, and so does Quarantine; it is gone with the file.
    """

    name: str
    files: int
    message: str
    hint: str


def find_vanished(job: Job, listing: Listing, ledger: Ledger) -> Vanished:
    """Find the published raw files that the listing no longer has: they are gone, or their names are ignored now.

    Raises:
        InputError: files vanished since the last run, and the options don't say what to do with their rows.
    """
    there, ignored = {listed.file.path for listed in listing.files}, set(listing.ignored)
    scopes = job.paths.input_folders

    def missing(files: Iterable[RawFile]) -> frozenset[str]:
        absent = (raw.path for raw in files if raw.path not in there)
        return frozenset(path for path in absent if (key_of(job.store, job.paths, path) or "").startswith(scopes))

    entries = ledger.partitions.values()
    gone = missing(raw for entry in entries for raw in entry.raw)
    refused = missing(raw for entry in entries if entry.refusal for raw in entry.refusal.raw)
    undecided = sorted(gone - set(ledger.kept))
    drop = job.options.vanished == "drop" or job.options.full_refresh
    if undecided and job.options.vanished == "fail" and not drop:
        told = some(f"{path} (its name is ignored now)" if path in ignored else path for path in undecided)
        raise InputError(
            f"{len(undecided)} raw file(s) of {job.contract.table} vanished since they were published: {told}",
            hint="restore them, or choose: --vanished keep keeps their rows, --vanished drop removes them",
        )
    return Vanished(gone, drop, refused)


def hold(job: Job, name: str, files: Sequence[Listed], why: str, *, fresh: Sequence[str], gone: Sequence[str]) -> Held:
    """Say why the partition is held, and the two ways to continue.

    Args:
        job: for its folders.
        name: the partition that should be judged again.
        files: its raw files.
        why: why it should be judged again.
        fresh: paths of its new and changed files.
        gone: paths of its vanished files whose rows are kept.
    """
    paths = (*(listed.file.path for listed in files), *gone)
    keys = [key_of(job.store, job.paths, path) or "" for path in paths]
    inputs = [job.store.address(folder) for folder in sorted({key.rpartition("/")[0] for key in keys})]
    drop = ["to-trusted", "--table", job.contract.table]
    drop += [word for folder in inputs for word in ("--input", folder)]
    drop += ["--target", job.store.address(job.paths.trusted), "--vanished", "drop"]
    what = _WHY.get(why, why)
    if fresh:
        what = f"{len(fresh)} raw file(s) are new or changed ({some(fresh)})"
    return Held(
        name,
        len(files),
        f"{what}, but {some(gone)} vanished: the kept rows can't be judged again without the file, so the partition"
        " stays as it was published",
        f"restore {some(gone)} and run again; or remove its rows in this partition only: {typed(*drop)}",
    )
