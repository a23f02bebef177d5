"""List Raw: which files belong to which table, which ones to read, and which ones to skip and report."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from trustedlake.core.ignored import is_ignored
from trustedlake.core.partition import Partitioning, partition_name
from trustedlake.errors import FatalRemoteError, InputError
from trustedlake.models.lake import is_plain, join, raw_prefix
from trustedlake.ports import RawInput
from trustedlake.terminal import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trustedlake.core.partition import Placed
    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectInfo, ObjectStore


class RawFiles:
    """The raw files of one table among those of all known tables.

    Args:
        contract: the table's contract.
        tables: all known tables, including this one.
        alone: the caller named the input folders, so no other table reads them.
    """

    def __init__(self, contract: Contract, tables: Sequence[Contract] = (), *, alone: bool = False) -> None:
        self.contract = contract
        self._alone = alone
        self._tables = tuple(one for one in tables if one.table != contract.table)
        self._names: dict[tuple[str, ...], str] = {}
        self._readers: dict[str, frozenset[str]] = {}

    @cached_property
    def partitioning(self) -> Partitioning:
        """The table's path templates."""
        return partitioning(self.contract, self._tables)

    @cached_property
    def others(self) -> tuple[Contract, ...]:
        """The other tables of the same format, which may read the same files."""
        return tuple(one for one in self._tables if one.format is self.contract.format)

    @cached_property
    def _theirs(self) -> tuple[tuple[Contract, Partitioning], ...]:
        everyone = (self.contract, *self._tables)
        return tuple((one, partitioning(one, everyone)) for one in self._tables)

    def place(self, path: str, *, anywhere: bool = False) -> Placed | None:
        """Find where a file belongs in the table; None if it is not a file of the table.

        Args:
            path: relative to the lake; or, with `anywhere`, its whole key.
            anywhere: the caller named the folder, so the folders before the placeholders may be missing.
        """
        folder, _, name = path.rpartition("/")
        if not takes(self.contract, name):
            return None
        find = self.partitioning.place_anywhere if anywhere else self.partitioning.place
        return find(folder, name)

    def partition(self, placed: Placed) -> str:
        """Return the name of the partition; empty for an unpartitioned table."""
        if placed.values not in self._names:
            self._names[placed.values] = partition_name(self.contract.partition, placed.values)
        return self._names[placed.values]

    def readers(self, path: str) -> tuple[int, ...]:
        """Return the positions in `others` of the tables that also read the file."""
        if self._alone:
            return ()
        readers = self._readers_of(path)
        return tuple(number for number, one in enumerate(self.others) if one.table in readers)

    def is_anybodys(self, path: str) -> bool:
        """Return whether any other known table reads the file."""
        return bool(self._readers_of(path))

    def _readers_of(self, path: str) -> frozenset[str]:
        folder, _, name = path.rpartition("/")
        known = path if self._go_by_name else folder  # one look-up per folder if possible: folders have many files
        if known not in self._readers:
            self._readers[known] = frozenset(
                one.table for one, places in self._theirs if takes(one, name) and places.place(folder, name) is not None
            )
        return self._readers[known]

    @cached_property
    def _go_by_name(self) -> bool:
        """Whether another table reads only some of a folder's files."""
        return any(one.raw.files or one.raw.ignore or places.go_by_name for one, places in self._theirs)

    def fingerprint(self, paths: Iterable[str], to_lake: Callable[[str], str]) -> str:
        """Return a checksum of what the rows of these files depend on, except the files' bytes.

        That is the contract, and the contracts of the other tables that read the same files.

        Args:
            paths: the files' names in lineage.
            to_lake: turns such a name into a path relative to the lake.
        """
        if not self._go_by_name:  # the same tables read all files of a folder
            paths = {path.rpartition("/")[0]: path for path in paths}.values()
        readers = sorted({number for path in paths for number in self.readers(to_lake(path))})
        return self.contract.fingerprint_beside([self.others[number] for number in readers])

    def is_known(self, folder: str) -> bool:
        """Return whether a known table reads this folder of the lake, a folder above it or one below it."""
        parts = folder.casefold().split("/")
        prefixes = [raw_prefix(path.casefold()) for one in (self.contract, *self._tables) for path in one.raw.path]
        return any(all(one == other for one, other in zip(prefix, parts, strict=False)) for prefix in prefixes)


def takes(contract: Contract, name: str) -> bool:
    """Return whether the contract's name patterns take a file of that name."""
    raw = contract.raw
    if any(fnmatchcase(name, pattern) for pattern in raw.ignore):
        return False
    return not raw.files or any(fnmatchcase(name, pattern) for pattern in raw.files)


def partitioning(contract: Contract, tables: Sequence[Contract]) -> Partitioning:
    """Return the contract's path templates; they skip no folder that another table's template names."""
    others = Partitioning([path for one in tables if one.table != contract.table for path in one.raw.path], ())
    stops = frozenset().union(*(template.literals for template in others.templates))
    return Partitioning(contract.raw.path, contract.partition, stops)


SHOWN = 3
"""How many names a message shows before it says "and N more"."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A raw file of one partition, with its tag and version at listing time."""

    file: RawInput
    tag: str
    version: str
    partition: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The raw files of one table.

    Attributes:
        files: in byte order of their paths.
        ignored: paths whose names are never data (`core.ignored`), or that the contract ignores.
        untaken: paths that no known table takes.
        links: number of files found through each link that leads out of the lake; the key names link and target.
    """

    files: tuple[Listed, ...]
    ignored: tuple[str, ...]
    untaken: tuple[str, ...] = ()
    links: Mapping[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> Iterable[str]:
        """One sentence per link that leads out of the lake, and one about files that no table takes."""
        for link, files in self.links.items():
            yield f"{files} raw file(s) come from outside the lake, through the link {link}"
        if self.untaken:
            yield f"{len(self.untaken)} file(s) in Raw that no table takes: {some(self.untaken)}"


class NothingToReadError(InputError):
    """The table has no raw file."""


def list_raw(store: ObjectStore, paths: TablePaths, raw_files: RawFiles) -> Listing:
    """List the raw files in the table's input folders.

    Raises:
        NothingToReadError: there is no such folder, or it has no raw file of the table.
        InputError: a file is in the table's own folders, but its path does not say which partition it belongs to.
    """
    found: list[ObjectInfo] = []
    listed: list[Listed] = []
    ignored, astray, untaken = [], [], list(_beside(store, paths, raw_files))
    roots = paths.input_folders
    for info in {info.key: info for root in paths.inputs for info in store.list(root)}.values():
        path = lineage_path(store, paths, info.key)
        below = next(info.key.removeprefix(root) for root in roots if info.key.startswith(root))
        name = below.rpartition("/")[2]
        if is_ignored(below) or any(fnmatchcase(name, pattern) for pattern in raw_files.contract.raw.ignore):
            ignored.append(path)
            continue
        one = list_file(store, paths, info, raw_files)
        if one is not None:
            found.append(info)
            listed.append(one)
        elif not takes(raw_files.contract, name) or raw_files.is_anybodys(in_lake(paths, info.key)):
            untaken += [] if raw_files.is_anybodys(in_lake(paths, info.key)) else [path]
        elif _is_own(paths, info.key, raw_files):
            astray.append(path)
        else:
            untaken.append(path)
    if astray:
        raise _astray(sorted(astray), raw_files)
    if not listed:
        raise _nothing(store, paths, ignored, untaken, patterns=raw_files.contract.raw.ignore)
    listed.sort(key=lambda one: one.file.path.encode())
    links = Counter(info.link for info in found if info.link)
    return Listing(tuple(listed), tuple(sorted(ignored)), tuple(sorted(untaken)), dict(sorted(links.items())))


def _beside(store: ObjectStore, paths: TablePaths, raw_files: RawFiles) -> Iterable[str]:
    """Yield the files in sibling folders of the table's own, if no known table reads that folder.

    A contract may name only this month's folder, and next month's folder lies beside it.
    """
    parents = set() if paths.named else {root.rpartition("/")[0] for root in paths.inputs} - {"", paths.lake}
    for parent in sorted(parents):
        folders: list[str] = []
        with suppress(InputError, FatalRemoteError):  # a run may have permission for its own folders only
            folders = [join(parent, name) for name in store.folders(parent)]
        for folder in folders:
            if not raw_files.is_known(in_lake(paths, folder)):
                keys = [info.key for info in store.list(folder)]
                yield from (lineage_path(store, paths, k) for k in keys if not is_ignored(k.removeprefix(f"{parent}/")))


def list_file(store: ObjectStore, paths: TablePaths, info: ObjectInfo, raw_files: RawFiles) -> Listed | None:
    """Return the file as a run reads it; None if it is not a file of the table."""
    placed = place(store, paths, info.key, raw_files)
    if placed is None:
        return None
    path = lineage_path(store, paths, info.key)
    file = RawInput(key=info.key, path=path, size=info.size, partition=placed.values)
    return Listed(file, info.tag, info.version, raw_files.partition(placed))


def place(store: ObjectStore, paths: TablePaths, key: str, raw_files: RawFiles) -> Placed | None:
    """Find where a raw file belongs in the table; None if it is not a file of the table."""
    return raw_files.place(store.address(key) if paths.named else in_lake(paths, key), anywhere=paths.named)


def in_lake(paths: TablePaths, key: str) -> str:
    """Return the key relative to the lake."""
    return key.removeprefix(f"{paths.lake}/") if paths.lake else key


def _is_own(paths: TablePaths, key: str, raw_files: RawFiles) -> bool:
    """Return whether the file is in a folder that this table's templates name and no other table's do."""
    if paths.named:
        return True
    *folders, _ = in_lake(paths, key).casefold().split("/")
    mine = [raw_prefix(path.casefold()) for path in raw_files.contract.raw.path]
    theirs = [raw_prefix(path.casefold()) for one in raw_files.others for path in one.raw.path]
    within = [prefix for prefix in mine if folders[: len(prefix)] == prefix]
    return any(prefix not in theirs for prefix in within)


def lineage_path(store: ObjectStore, paths: TablePaths, key: str) -> str:
    """Return the file's name in lineage, ledger and report: relative to the lake, or its address if it is outside."""
    prefix = f"{paths.lake}/" if paths.lake else ""
    if key.startswith(prefix):
        return store.address(key) if "://" in store.address("") else key.removeprefix(prefix)
    return store.address(key)


def key_of(store: ObjectStore, paths: TablePaths, path: str) -> str | None:
    """Return the key of the file that lineage calls `path`; None if it is in neither the lake nor the inputs."""
    root = store.address("").rstrip("/") + "/"
    if path.startswith(root):
        key = path.removeprefix(root)
    elif path.startswith("/") or "://" in path:
        return None
    else:
        key = f"{paths.lake}/{path}" if paths.lake else path
    if "://" not in path and not is_plain(key):
        return None
    lake = f"{paths.lake}/" if paths.lake else ""
    return key if key.startswith((lake, *paths.input_folders)) else None


def lake_path(store: ObjectStore, paths: TablePaths, path: str) -> str:
    """Return the lake-relative path, as templates use it, of the file that lineage calls `path`."""
    return in_lake(paths, key_of(store, paths, path) or path)


def some(names: Iterable[str]) -> str:
    """Join the first few names, and say how many more there are."""
    listed = list(names)
    rest = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + rest


def _astray(paths: list[str], raw_files: RawFiles) -> InputError:
    contract = raw_files.contract
    template = contract.raw.path[0]
    return InputError(
        f"{len(paths)} raw file(s) of {contract.table} don't match its path {template}: {some(paths)}",
        hint=f"the folders before the file name must be {raw_files.partitioning.shown or template}"
        + (", as in Movies/2025/06/17/filmes_001.json" if contract.source else ""),
    )


def _nothing(
    store: ObjectStore, paths: TablePaths, ignored: list[str], untaken: list[str], *, patterns: Sequence[str]
) -> InputError:
    folders = some(store.address(root) for root in paths.inputs)
    if ignored and not untaken:
        return NothingToReadError(
            f"no raw file of {paths.table} in {folders}: the names of all {len(ignored)} are ignored ({some(ignored)})",
            hint=f"does the contract ignore too much? its patterns: {', '.join(patterns)}"
            if patterns
            else "rename them: hidden files, backups and system files are never read",
        )
    if untaken:
        return NothingToReadError(
            f"no raw file of {paths.table} in {folders}: no table takes the {len(untaken)} file(s) there or beside it"
            f" ({some(untaken)})",
            hint=f"write a contract for them: trustedlake contract init --from {quoted(untaken[0])} --table NAME; or"
            " add their folder to the paths of the table's contract",
        )
    return NothingToReadError(
        f"no raw file of {paths.table} in {folders}",
        hint="is --lake right? for a lake with other folders, give --input FOLDER and --target FOLDER, or"
        " write a contract (trustedlake contract init)",
    )
