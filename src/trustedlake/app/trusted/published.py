"""The published files as they lie there now, beside what the ledger says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing.checksum import sha256_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger, Partition, PublishedFile
    from trustedlake.ports import ObjectStore


class Published:
    """What lies in Trusted, Quarantine and `failed` of one table.

    Attributes:
        tags: key -> version tag, of files that may be replaced: those the ledger knows, and all in
            `failed`, which is this program's own folder.
        unknown: files in Trusted and Quarantine that readers see and the ledger doesn't know.
    """

    def __init__(self, store: ObjectStore, paths: TablePaths, ledger: Ledger) -> None:
        self._store = store
        roots = (paths.trusted, paths.quarantine, paths.failed)
        self._there = {info.key: info for root in roots for info in store.list(root)}
        known = {file.key for partition in ledger.partitions.values() for file in published_files(partition)}
        self.tags = {
            key: info.tag for key, info in self._there.items() if key in known or key.startswith(f"{paths.failed}/")
        }
        self.unknown = tuple(
            info
            for key, info in self._there.items()
            if key not in known and (_visible(key, paths.trusted) or _visible(key, paths.quarantine))
        )

    def intact(self, files: Iterable[PublishedFile]) -> bool:
        """Whether every file is as it was published; a new tag alone is decided by the checksum."""
        for file in files:
            info = self._there.get(file.key)
            if info is None or info.size != file.size:
                return False
            if info.tag != file.tag and sha256_of(self._store, file.key) != file.sha256:
                return False
        return True


def published_files(partition: Partition) -> tuple[PublishedFile, ...]:
    """All files that stand in the store for the partition, what it refused included."""
    return (*partition.trusted, *partition.quarantine, *(partition.refusal.files if partition.refusal else ()))


def _visible(key: str, root: str) -> bool:
    """Whether engines that list `root` see the file."""
    below = key.removeprefix(f"{root}/")
    return below != key and not any(part.startswith(("_", ".")) for part in below.split("/"))
