"""List the raw files of a table: which ones to read, and which ones to skip and report."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from trustedlake.app.trusted.raw_files import takes
from trustedlake.core.ignored import is_ignored
from trustedlake.errors import FatalRemoteError, InputError
from trustedlake.models.lake import is_plain, join, raw_prefix, raw_root
from trustedlake.ports import RawInput
from trustedlake.terminal import quoted
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from trustedlake.app.trusted.raw_files import RawFiles
    from trustedlake.core.partition import Placed
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectInfo, ObjectStore


@dataclass(frozen=True, slots=True)
class Listed:
    """A raw file of one partition, with its tag and version at listing time; `modified` as in `ObjectInfo`."""

    file: RawInput
    tag: str
    version: str
    partition: str
    modified: float = 0.0


@dataclass(frozen=True, slots=True)
class Listing:
    """The raw files of one table.

    Attributes:
        files: in byte order of their paths.
        ignored: paths whose names are never data (`core.ignored`), or that the contract ignores.
        untaken: paths in the table's folders that no known table takes.
        links: number of files found through each link that leads out of the lake; the key names link and target.
    """

    files: tuple[Listed, ...]
    ignored: tuple[str, ...]
    untaken: tuple[str, ...] = ()
    links: Mapping[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> Iterable[str]:
        """One sentence per link that leads out of the lake."""
        for link, files in self.links.items():
            yield f"{files} raw file(s) come from outside the lake, through the link {link}"


class NothingToReadError(InputError):
    """The table has no raw file."""


def list_raw(
    store: ObjectStore,
    paths: TablePaths,
    raw_files: RawFiles,
    list_folder: Callable[[str], Sequence[ObjectInfo]] | None = None,
    *,
    lenient: bool = False,
) -> Listing:
    """List the raw files in the table's input folders.

    Args:
        store: holds them.
        paths: the table's folders.
        raw_files: tell its files from others.
        list_folder: lists a folder; by default the store does.
        lenient: leave out files whose path does not say which partition they belong to.

    Raises:
        NothingToReadError: there is no such folder, or it has no raw file of the table.
        InputError: a file is in the table's own folders, but its path does not say which partition it belongs to, and
            `lenient` is off.
    """
    found: list[ObjectInfo] = []
    listed: list[Listed] = []
    ignored, astray, untaken = [], [], []
    roots, list_folder = paths.input_folders, list_folder or store.list
    for info in {info.key: info for root in paths.inputs for info in list_folder(root)}.values():
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
        elif is_astray(paths, info.key, raw_files):
            astray.append(path)
        elif not raw_files.is_anybodys(in_lake(paths, info.key)):
            untaken.append(path)
    if astray and not lenient:
        raise _astray(sorted(astray), raw_files)
    if not listed:
        untaken += around(store, [(paths, raw_files)])
        raise _nothing(store, paths, ignored, untaken, patterns=raw_files.contract.raw.ignore)
    listed.sort(key=lambda one: one.file.path.encode())
    links = Counter(info.link for info in found if info.link)
    return Listing(tuple(listed), tuple(sorted(ignored)), tuple(sorted(untaken)), dict(sorted(links.items())))


def around(store: ObjectStore, tables: Iterable[tuple[TablePaths, RawFiles]]) -> list[str]:
    """Return what no known table takes around the tables' own folders, without listing those of other tables.

    That is: files directly in a folder above, up to Raw, and files in folders beside a table's own that no table reads.
    A contract may name only this month's folder, and next month's folder is beside it.
    """
    found: dict[str, None] = {}
    seen: set[str] = set()
    for paths, raw_files in tables:
        for folder, is_parent in [] if paths.named else _above(paths):
            with suppress(InputError, FatalRemoteError):  # a run may have permission for its own folders only
                infos = [] if folder in seen else [*store.files(folder)]
                if is_parent and f"{folder}/" not in seen:
                    beside = (join(folder, name) for name in store.folders(folder) if not is_ignored(name))
                    nobodys = [one for one in beside if not raw_files.is_known(in_lake(paths, one))]
                    infos += [info for one in nobodys for info in store.list(one)]
                    seen.add(f"{folder}/")
                seen.add(folder)
                for info in infos:
                    path = in_lake(paths, info.key)
                    own = raw_files.place(path) is not None
                    if not (own or raw_files.is_anybodys(path) or is_ignored(info.key.removeprefix(f"{folder}/"))):
                        found[lineage_path(store, paths, info.key)] = None
    return list(found)


def _above(paths: TablePaths) -> Iterator[tuple[str, bool]]:
    """Yield the folders above the table's own, up to the raw zone's, and whether it is the next one above."""
    for root in paths.inputs:
        folders = in_lake(paths, root).split("/")
        for number in range(len(raw_root(folders)), len(folders)):
            yield join(paths.lake, *folders[:number]), number == len(folders) - 1


def list_file(store: ObjectStore, paths: TablePaths, info: ObjectInfo, raw_files: RawFiles) -> Listed | None:
    """Return the file as a run reads it; None if it is not a file of the table."""
    placed = place(store, paths, info.key, raw_files)
    if placed is None:
        return None
    path = lineage_path(store, paths, info.key)
    file = RawInput(key=info.key, path=path, size=info.size, partition=placed.values)
    return Listed(file, info.tag, info.version, raw_files.partition(placed), info.modified)


def place(store: ObjectStore, paths: TablePaths, key: str, raw_files: RawFiles) -> Placed | None:
    """Find where a raw file belongs in the table; None if it is not a file of the table."""
    return raw_files.place(store.address(key) if paths.named else in_lake(paths, key), anywhere=paths.named)


def in_lake(paths: TablePaths, key: str) -> str:
    """Return the key relative to the lake."""
    return key.removeprefix(f"{paths.lake}/") if paths.lake else key


def is_astray(paths: TablePaths, key: str, raw_files: RawFiles) -> bool:
    """Return whether runs of the table fail on this file: nobody reads it, and it is in the table's own folders.

    Own are the folders that the call names, or that this table's templates name and no other table's do.
    """
    *folders, name = in_lake(paths, key).casefold().split("/")
    if not takes(raw_files.contract, name) or raw_files.is_anybodys(in_lake(paths, key)):
        return False
    if paths.named:
        return key.startswith(paths.input_folders)
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
