"""The published files as they are in the store now, compared with the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.core.ignored import is_hidden, is_ignored

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger, Partition, PublishedFile
    from trustedlake.ports import ObjectInfo, ObjectStore

_PARQUET = b"PAR1"
"""The first bytes of a Parquet file."""


class Published:
    """The files in Trusted, Quarantine and `failed` of one table.

    Attributes:
        tags: key -> version tag of files that may be replaced: those in the ledger, and everything in
            `failed`, which is this program's own folder.
        unknown: files in Trusted and Quarantine that readers see and the ledger doesn't know.
        missing: keys of files in Trusted and Quarantine that the ledger knows and that are gone.
        ignored: files in Trusted and Quarantine that are not data but may disturb readers (`core.ignored`).
    """

    def __init__(self, store: ObjectStore, paths: TablePaths, ledger: Ledger) -> None:
        self._store = store
        roots = (paths.trusted, paths.quarantine, paths.failed)
        self._there = {info.key: info for root in roots for info in store.list(root)}
        known = {file.key for partition in ledger.partitions.values() for file in published_files(partition)}
        self.tags = {
            key: info.tag for key, info in self._there.items() if key in known or key.startswith(f"{paths.failed}/")
        }
        unknown: list[ObjectInfo] = []
        ignored: list[ObjectInfo] = []
        for root in (paths.trusted, paths.quarantine):
            for key, info in self._there.items():
                name = key.removeprefix(f"{root}/")
                if key not in known and name != key and not is_hidden(name):  # readers don't see hidden files
                    (ignored if self._is_ignored(name, info) else unknown).append(info)
        self.unknown, self.ignored = tuple(unknown), tuple(ignored)
        files = (file for one in ledger.partitions.values() for file in (*one.trusted, *one.quarantine))
        self.missing = tuple(sorted(file.key for file in files if file.key not in self._there))

    def intact(self, files: Iterable[PublishedFile]) -> bool:
        """Return whether every file is as it was published; if only its version differs, compare checksums."""
        for file in files:
            info = self._there.get(file.key)
            if info is None or info.size != file.size:
                return False
            if info.version != file.tag and sha256_of(self._store, file.key) != file.sha256:
                return False
        return True

    def _is_ignored(self, name: str, info: ObjectInfo) -> bool:
        """Return whether name and bytes say it is not data: engines read a copy `part-0.parquet.bak`, too."""
        if not is_ignored(name) or not info.size:
            return is_ignored(name)
        with self._store.open(info.key) as stream:
            return stream.read(len(_PARQUET)) != _PARQUET


def published_files(partition: Partition) -> tuple[PublishedFile, ...]:
    """Return all files in the store that belong to the partition, including those of its refusal."""
    return (*partition.trusted, *partition.quarantine, *(partition.refusal.files if partition.refusal else ()))
