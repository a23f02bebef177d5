"""Check the keys in a table's state files before anything is done with them.

A lake may come from anyone, and so may its ledger and journal. A key in them is accepted only if it is below the
table's folders as the caller gave them. State files have no say in which folders those are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.errors import InputError
from trustedlake.models.lake import WHOLE_TABLE, is_plain, join

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.models.journal import Journal, Move
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger, Partition, PublishedFile
    from trustedlake.ports import ObjectStore


class StrayError(InputError):
    """A state file names something that does not belong to its table; nothing was changed."""


def checked_ledger(store: ObjectStore, paths: TablePaths, ledger: Ledger, *, where: str) -> Ledger:
    """Check the ledger, and return it with its files' keys as this store has them.

    Keys are relative to the store's root folder, which is a different one when raw files are outside the lake.

    Args:
        store: holds the table.
        paths: the table's folders as the caller gave them.
        ledger: as it was read.
        where: key of the file that it was read from.

    Raises:
        StrayError: it names something other than this table's files.
    """
    bounds = _Bounds(store, paths, where)
    bounds.require(ledger.table == paths.table, ledger.table, f"the ledger of {paths.table}")
    for path in _raw_paths(ledger):
        bounds.require(_is_raw(path), path, "a raw file")
    for run in ledger.runs:
        bounds.require(_is_run(run), run, "the name of a run")
    return ledger.model_copy(
        update={"partitions": {name: bounds.partition(name, entry) for name, entry in ledger.partitions.items()}}
    )


def checked_journal(store: ObjectStore, paths: TablePaths, journal: Journal) -> Journal:
    """Check that the journal moves and deletes only what a publish of this table may.

    Raises:
        StrayError: it would touch something else.
    """
    bounds = _Bounds(store, paths, paths.journal)
    bounds.require(journal.table == paths.table, journal.table, f"the journal of {paths.table}")
    bounds.require(_is_run(journal.run_id), journal.run_id, "the name of a run")
    bounds.require(journal.staging == paths.staging(journal.run_id), journal.staging, "the staging folder of its run")
    for move in journal.moves:
        sources, targets = _ends(paths, journal, move)
        bounds.require(bounds.is_below(move.source, sources), move.source, "a file to move")
        bounds.require(bounds.is_below(move.target, targets), move.target, "a place to move a file to")
    for delete in journal.deletes:
        bounds.require(bounds.is_below(delete.key, _homes(paths)), delete.key, "a file to delete")
    after = checked_ledger(store, paths, journal.ledger_after, where=paths.journal)
    return journal.model_copy(update={"ledger_after": after})


class _Bounds:
    """The folders of one table, and the state file that is checked against them."""

    def __init__(self, store: ObjectStore, paths: TablePaths, where: str) -> None:
        self._store = store
        self._paths = paths
        self._where = where
        # With `--input lake` the input also contains the published folders. Such an input does not count as Raw here.
        homes = _homes(paths)
        self._raw = [root for root in paths.inputs if not any(f"{home}/".startswith(f"{root}/") for home in homes)]

    def require(self, holds: bool, named: str, role: str) -> None:
        """Raise StrayError unless this holds."""
        if not holds:
            file = self._store.address(self._where)
            raise StrayError(
                f"{file} names {named!r} as {role}, which is not allowed here: nothing was changed",
                hint="was the table published with --input or --target? give the same here; otherwise this state"
                f" belongs to another lake: move {file} away; to-trusted --full-refresh rebuilds the table from Raw",
            )

    def is_below(self, key: str, folders: Iterable[str]) -> bool:
        """Return whether the key is below one of the folders, and not in Raw."""
        if any(key.startswith(f"{root}/") for root in self._raw if root):
            return False
        return any(self._rest_is_plain(key, folder) for folder in folders)

    def partition(self, name: str, entry: Partition) -> Partition:
        """Check the partition's entry, and return it with its keys as this store has them. Raises StrayError."""
        named = name == WHOLE_TABLE or (is_plain(name) and "\\" not in name and all("=" in x for x in name.split("/")))
        self.require(named, name, "a partition")
        paths, refusal = self._paths, entry.refusal
        return entry.model_copy(
            update={
                "trusted": self._files(entry.trusted, paths.trusted),
                "quarantine": self._files(entry.quarantine, paths.quarantine),
                "refusal": refusal and refusal.model_copy(update={"files": self._files(refusal.files, paths.failed)}),
            }
        )

    def _files(self, files: Sequence[PublishedFile], folder: str) -> tuple[PublishedFile, ...]:
        return tuple(file.model_copy(update={"key": self._at_home(file.key, folder)}) for file in files)

    def _at_home(self, key: str, folder: str) -> str:
        """Return the key of a published file relative to this store's root."""
        for other in self._seen_from_elsewhere(folder):
            if self._rest_is_plain(key, other):
                key = folder + key.removeprefix(other)
                break
        self.require(self.is_below(key, [folder]), key, "a published file")
        return key

    def _seen_from_elsewhere(self, folder: str) -> Iterable[str]:
        """Yield the folder's key in stores that are rooted at the lake, or at any folder above it."""
        lake = f"{self._paths.lake}/" if self._paths.lake else ""
        if folder.startswith(lake):
            inner = folder.removeprefix(lake)
            above = [part for part in self._store.address(self._paths.lake).split("/") if part]
            yield inner
            yield from (join(*above[number:], inner) for number in range(len(above)))

    @staticmethod
    def _rest_is_plain(key: str, folder: str) -> bool:
        rest = key.removeprefix(f"{folder}/")
        return rest != key and is_plain(rest) and "\\" not in rest


def _homes(paths: TablePaths) -> tuple[str, ...]:
    """Return the folders of the table's published files."""
    return (paths.trusted, paths.quarantine, paths.failed)


def _ends(paths: TablePaths, journal: Journal, move: Move) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the folders a move may start from, and those it may end in."""
    if move.source_tag is None:
        return (paths.staging(journal.run_id),), _homes(paths)
    return (paths.trusted, paths.quarantine), (paths.replaced(journal.run_id),)


def _raw_paths(ledger: Ledger) -> Iterable[str]:
    yield from ledger.accepted
    yield from ledger.kept
    for entry in ledger.partitions.values():
        for raw in entry.every_raw:
            yield raw.path


def _is_run(name: str) -> bool:
    return is_plain(name) and "/" not in name


def _is_raw(path: str) -> bool:
    """Whether the text may name a raw file: a path in the lake, an absolute path, or an address (taken literally)."""
    return "\0" not in path if "://" in path else is_plain(path.removeprefix("/"))
