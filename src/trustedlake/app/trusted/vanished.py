"""Raw files that were published and are gone: what that means is the user's to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import key_of, some
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listing
    from trustedlake.models.ledger import Ledger, Partition


@dataclass(frozen=True, slots=True)
class Vanished:
    """The published raw files that lie under the inputs by name but are no longer there.

    Attributes:
        paths: as lineage shows them.
        drop: their rows go (else they stay).
    """

    paths: frozenset[str]
    drop: bool

    def of(self, entry: Partition | None) -> list[str]:
        """Those of one partition."""
        return [raw.path for raw in entry.raw if raw.path in self.paths] if entry else []

    def whole(self, entry: Partition | None) -> bool:
        """Whether every raw file of the partition is gone."""
        return entry is not None and bool(entry.raw) and all(raw.path in self.paths for raw in entry.raw)


def find_vanished(job: Job, listing: Listing, ledger: Ledger) -> Vanished:
    """Compare the ledger with the listing.

    Raises:
        InputError: files vanished since the last run, and the options don't say what that means.
    """
    there = {listed.file.path for listed in listing.files} | listing.superseded.keys() | set(listing.ignored)
    scopes = job.paths.input_folders
    gone = frozenset(
        raw.path
        for partition in ledger.partitions.values()
        for raw in partition.raw
        if raw.path not in there and (key_of(job.store, job.paths, raw.path) or "").startswith(scopes)
    )
    undecided = sorted(gone - set(ledger.kept))
    drop = job.options.vanished == "drop" or job.options.full_refresh
    if undecided and job.options.vanished == "fail" and not drop:
        raise InputError(
            f"{len(undecided)} raw file(s) of {job.contract.table} vanished since they were published:"
            f" {some(undecided)}",
            hint="restore them, or say what it means: --vanished keep leaves their rows, --vanished drop lets them go",
        )
    return Vanished(gone, drop)
