"""The raw zone of a lake: each file in it is some table's, ignored by its name, or one that no table takes.

Commands that look at the whole lake list it once, and the tables' folders are parts of that listing. A run looks only
at the folders of its tables and at what is around them, because another table may have a million files.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property, partial
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.app.trusted.listing import in_lake, is_astray, lineage_path, list_raw, place
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.core.ignored import is_ignored
from trustedlake.errors import FatalRemoteError, InputError
from trustedlake.models.lake import OWN_FOLDERS, default_paths, join, outermost, quarantine_of, raw_roots
from trustedlake.models.untaken import UntakenPlace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from trustedlake.app.trusted.listing import Listing
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectInfo, ObjectStore

    RawTable: TypeAlias = tuple[ObjectStore, TablePaths, RawFiles]
    """A table's store, its folders and its raw files."""

_UNLISTABLE = (InputError, FatalRemoteError)
"""A broken link, or no permission."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """The files of a raw zone that belong to no table.

    Attributes:
        ignored: paths whose names are never data, or that a table ignores.
        untaken: paths that no table takes.
        places: the same, grouped: folders that hold nothing else, and single files beside files of tables.
    """

    ignored: tuple[str, ...]
    untaken: tuple[str, ...]
    places: tuple[UntakenPlace, ...]


class _Reader(NamedTuple):
    """Who may take a file: a table as its contract says, or with the folders that a call or its ledger names.

    Attributes:
        folders: prefixes of lake-relative paths.
        ignore: patterns of file names.
        takes: whether it takes the file with that lake-relative path.
    """

    folders: tuple[str, ...]
    ignore: tuple[str, ...]
    takes: Callable[[str], bool]


class RawZone:
    """The raw files of a lake, each listed once.

    Args:
        tables: at least one.
        whole: the whole zone; False: only the folders of these tables.

    Attributes:
        problems: why some folders can't be listed; the rest are listed.
    """

    def __init__(self, tables: Sequence[RawTable], *, whole: bool = True) -> None:
        self._tables = tables
        self._whole = whole
        self._home, self._paths = next((one[:2] for one in tables if not one[1].named), tables[0][:2])
        self.problems: list[str] = []

    def listing(self, table: RawTable) -> Listing:
        """List the raw files of one of the tables whose partition is known. Raises the same errors as `list_raw`."""
        store, paths, raw_files = table
        return list_raw(store, paths, raw_files, partial(self._list, store), lenient=True)

    @cached_property
    def leftover(self) -> Leftover:
        """The files that belong to no table."""
        ignored: list[str] = []
        untaken: list[tuple[str, float]] = []
        shared = {folder.rstrip("/") for one in self._readers for folder in one.folders}
        for root, files in self._listed.items():
            shared.add(in_lake(self._paths, root))
            for info in files:
                path = in_lake(self._paths, info.key)
                if path.startswith(self._closed):
                    continue
                is_taken, is_left_out = self._verdict(path, info.key.removeprefix(f"{root}/"))
                if is_taken:
                    shared.add(path.rpartition("/")[0])
                elif is_left_out:
                    ignored.append(self._lineage(path))
                else:
                    untaken.append((path, info.modified))
        names = sorted(self._lineage(path) for path, _ in untaken)
        return Leftover(tuple(sorted(ignored)), tuple(names), self._places(untaken, shared))

    def _verdict(self, path: str, below: str) -> tuple[bool, bool]:
        """Return whether a table takes the file, and whether it is to be ignored."""
        is_left_out, name = is_ignored(below), path.rpartition("/")[2]
        for one in self._readers:
            folder = next((folder for folder in one.folders if path.startswith(folder)), None)
            if folder is None:
                continue
            if is_ignored(path.removeprefix(folder)) or any(fnmatchcase(name, pattern) for pattern in one.ignore):
                is_left_out = True
            elif one.takes(path):
                return True, False
        return False, is_left_out

    def _places(self, untaken: Sequence[tuple[str, float]], taken: set[str]) -> tuple[UntakenPlace, ...]:
        """Group the files by the outermost folder that no table has a file in."""
        shared: set[str] = set()
        for folder in taken:
            above = folder
            while above and above not in shared:
                shared.add(above)
                above = above.rpartition("/")[0]
        found: dict[str, list[float]] = {}
        fails: dict[str, str] = {}
        for path, modified in untaken:
            parts = path.split("/")
            folders = ("/".join(parts[:number]) for number in range(1, len(parts)))
            own = next((f"{folder}/" for folder in folders if folder not in shared), path)
            found.setdefault(own, []).append(modified)
            for _, paths, raw_files in self._tables:
                if is_astray(paths, join(self._paths.lake, path), raw_files):
                    fails[own] = paths.table
        return tuple(
            UntakenPlace(
                path=self._lineage(path), files=len(times), since=_moment(min(times)), fails=fails.get(path, "")
            )
            for path, times in sorted(found.items())
        )

    def _lineage(self, path: str) -> str:
        bare = path.rstrip("/")
        return lineage_path(self._home, self._paths, join(self._paths.lake, bare)) + path[len(bare) :]

    @cached_property
    def _tops(self) -> Sequence[str]:
        return self._home.folders(self._paths.lake)

    @cached_property
    def _readers(self) -> tuple[_Reader, ...]:
        everyone = self._tables[0][2].everyone
        found = []
        for contract in everyone:
            files = RawFiles(contract, everyone)
            folders = default_paths(contract, "", self._tops).input_folders
            found.append(_Reader(folders, contract.raw.ignore, partial(_is_placed, files)))
        for store, paths, files in self._tables:
            if paths.named:
                folders = tuple(in_lake(paths, folder) for folder in paths.input_folders)
                found.append(_Reader(folders, files.contract.raw.ignore, partial(_takes, store, paths, files)))
        return tuple(found)

    @cached_property
    def _closed(self) -> tuple[str, ...]:
        """Prefixes of what is in the lake besides Raw."""
        everyone = self._tables[0][2].everyone
        usual = (folder for one in everyone for folder in (one.trusted, quarantine_of(one.trusted)))
        theirs = (in_lake(paths, key) for _, paths, _ in self._tables for key in (paths.trusted, paths.quarantine))
        return tuple(f"{folder}/" for folder in dict.fromkeys((*OWN_FOLDERS, *usual, *theirs)))

    @cached_property
    def _roots(self) -> tuple[str, ...]:
        """Keys of the folders to list."""
        lake = f"{self._paths.lake}/" if self._paths.lake else ""
        inside = [
            join(self._paths.lake, in_lake(paths, root))
            for store, paths, _ in self._tables
            for root in paths.inputs
            if store.address(root).startswith(self._home.address(self._paths.lake))
        ]
        everyone = self._tables[0][2].everyone if self._whole else ()
        return outermost((*(f"{lake}{root}" for root in raw_roots(everyone, self._tops)), *inside))

    @cached_property
    def _listed(self) -> dict[str, Sequence[ObjectInfo]]:
        """Map each folder to its files. If the whole zone can't be listed, use the tables' folders that can."""
        found = {}
        for root in self._roots:
            try:
                found[root] = self._home.list(root)
            except _UNLISTABLE as error:
                self.problems.append(error.message)
                for folder in outermost(key for _, paths, _ in self._tables for key in paths.inputs):
                    if folder.startswith(f"{root}/"):
                        with suppress(*_UNLISTABLE):
                            found[folder] = self._home.list(folder)
        return found

    def _list(self, store: ObjectStore, folder: str) -> Sequence[ObjectInfo]:
        """List a folder of a table, from the zone's listing if it is in there."""
        if store.address("") == self._home.address(""):
            for root, files in self._listed.items():
                if f"{folder}/".startswith(f"{root}/"):
                    first, after = (bisect_left(files, f"{folder}{end}", key=attrgetter("key")) for end in "/0")
                    return files[first:after]
        return store.list(folder)


def _is_placed(raw_files: RawFiles, path: str) -> bool:
    return raw_files.place(path) is not None


def _takes(store: ObjectStore, paths: TablePaths, raw_files: RawFiles, path: str) -> bool:
    return place(store, paths, join(paths.lake, path), raw_files) is not None


def _moment(modified: float) -> datetime | None:
    return datetime.fromtimestamp(modified, UTC) if modified else None
