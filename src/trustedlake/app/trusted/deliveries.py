"""Raw files that vanished or that a later delivery replaces, and what happens to their rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import key_of, some
from trustedlake.errors import InputError
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed, Listing
    from trustedlake.models.ledger import Ledger, Partition, RawFile


_NUMBER = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The files of a partition, each marked as replaced if a later file has the same name.

    Attributes:
        superseded: path of a replaced file -> path of the file that replaces it.
        beside: paths of earlier files that still count because the user keeps their rows.
        undecided: files that have published rows and a later delivery, when no option says whether the rows may go.
    """

    files: tuple[Listed, ...]
    superseded: dict[str, str]
    beside: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def compare_deliveries(job: Job, files: tuple[Listed, ...], entry: Partition | None, kept: Sequence[str]) -> Deliveries:
    """Find the files of one partition that a later file with the same name replaces.

    The later file is the one with the greater path; numbers in paths compare as numbers. A published earlier file
    leaves Trusted only if the options say so (`--vanished`).

    Args:
        job: for contract and options.
        files: all files of the partition.
        entry: the partition's ledger entry.
        kept: paths of files that an earlier run kept beside a later delivery.
    """
    if job.contract.raw.replaces is None:
        return Deliveries(files, {})
    latest: dict[str, str] = {}
    for path in sorted((listed.file.path for listed in files), key=_order):
        latest[_name(path)] = path
    earlier = {path: later for path in (one.file.path for one in files) if (later := latest[_name(path)]) != path}
    published = {raw.path for raw in entry.raw if not raw.replaced} if entry else set()
    drop = job.options.vanished == "drop" or job.options.full_refresh
    asked = [path for path in earlier if path in published and path not in kept and not drop]
    beside = set() if drop else {path for path in earlier if path in kept}
    if job.options.vanished == "keep":
        beside.update(asked)
    superseded = {path: later for path, later in earlier.items() if path not in beside}
    marked = (
        replace(one, file=replace(one.file, replaced=True)) if one.file.path in superseded else one for one in files
    )
    return Deliveries(
        tuple(marked), superseded, tuple(sorted(beside)), tuple(path for path in asked if path not in beside)
    )


def refuse_undecided(job: Job, deliveries: Sequence[Deliveries]) -> None:
    """Check that every published file that a later delivery replaces may go.

    Raises:
        InputError: the options don't say what to do with its rows.
    """
    undecided = [f"{path} (by {one.superseded[path]})" for one in deliveries for path in one.undecided]
    if undecided:
        raise InputError(
            f"{len(undecided)} published raw file(s) of {job.contract.table} are replaced by a later delivery of the"
            f" same name: {some(undecided)}",
            hint="choose: --vanished keep keeps their rows beside the later ones, --vanished drop moves them"
            " to Quarantine",
        )


def beside_note(paths: Sequence[str]) -> Iterable[str]:
    """Name the files that count beside a later delivery of the same name, in one sentence."""
    if paths:
        yield f"rows kept beside a later delivery of the same name, because of --vanished keep: {some(paths)}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _order(path: str) -> tuple[list[str | int], bytes]:
    parts = [int(part) if number % 2 else part for number, part in enumerate(_NUMBER.split(path))]
    return parts, path.encode()


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
