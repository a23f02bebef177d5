"""What lies in Raw: the files to take, and those to leave and name."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustedlake.core.ignored import is_ignored
from trustedlake.core.partition import ingestion_date, partition_name
from trustedlake.errors import InputError
from trustedlake.models.lake import WHOLE_TABLE, is_plain
from trustedlake.ports import RawInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectInfo, ObjectStore

SHOWN = 3
"""How many of many names a message shows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A raw file of one partition, with the tag and the version it had when it was listed."""

    file: RawInput
    tag: str
    version: str

    @property
    def partition(self) -> str:
        """Name of its partition."""
        file = self.file
        return partition_name(file.ano, file.mes, file.dia) if file.ano else WHOLE_TABLE


@dataclass(frozen=True, slots=True)
class Listing:
    """The raw files of one table.

    Attributes:
        files: in byte order of their paths.
        ignored: paths whose names are never data (`core.ignored`).
        links: link that leads out of the lake, and where to -> files that were found through it.
    """

    files: tuple[Listed, ...]
    ignored: tuple[str, ...]
    links: Mapping[str, int] = field(default_factory=dict)

    @property
    def notes(self) -> Iterable[str]:
        """A sentence for each link that leads out of the lake."""
        for link, files in self.links.items():
            yield f"{files} raw file(s) were taken from outside of the lake, through the link {link}"


def list_raw(store: ObjectStore, paths: TablePaths, contract: Contract) -> Listing:
    """List the raw files below the table's inputs.

    Raises:
        InputError: no such folder, no raw file in it, or a file of a partitioned table without a
            date in its path.
    """
    found: dict[str, ObjectInfo] = {}
    ignored = []
    for root in paths.inputs:
        for info in store.list(root):
            if is_ignored(info.key.removeprefix(root).removeprefix("/")):
                ignored.append(lineage_path(store, paths, info.key))
            else:
                found[info.key] = info
    if not found:
        raise _nothing(store, paths, ignored)
    files = [_listed(store, paths, info, contract) for info in found.values()]
    undated = sorted(listed.file.path for listed in files if contract.partitioned and not listed.file.ano)
    if undated:
        raise InputError(
            f"{len(undated)} raw file(s) of {contract.table} have no ingestion date in their path: {some(undated)}",
            hint="the folders before the file name must be /YYYY/MM/DD/, as in Movies/2025/06/17/filmes_001.json",
        )
    files.sort(key=lambda listed: listed.file.path.encode())
    links = Counter(info.link for info in found.values() if info.link)
    return Listing(tuple(files), tuple(sorted(ignored)), dict(sorted(links.items())))


def lineage_path(store: ObjectStore, paths: TablePaths, key: str) -> str:
    """The file's name in lineage, ledger and report: relative to the lake, its address outside of it."""
    prefix = f"{paths.lake}/" if paths.lake else ""
    if key.startswith(prefix):
        return store.address(key) if "://" in store.address(key) else key.removeprefix(prefix)
    return store.address(key)


def key_of(store: ObjectStore, paths: TablePaths, path: str) -> str | None:
    """The key of the file that lineage calls `path`; None if it lies neither in the lake nor in the table's inputs."""
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


def some(names: Iterable[str]) -> str:
    """The first few of many names."""
    listed = list(names)
    rest = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + rest


def raw_input(store: ObjectStore, paths: TablePaths, info: ObjectInfo, contract: Contract) -> RawInput:
    """The file as framing takes it; its date is empty where it has none or the table needs none."""
    date = ingestion_date(info.key) if contract.partitioned else None
    ano, mes, dia = date or ("", "", "")
    return RawInput(key=info.key, path=lineage_path(store, paths, info.key), size=info.size, ano=ano, mes=mes, dia=dia)


def _listed(store: ObjectStore, paths: TablePaths, info: ObjectInfo, contract: Contract) -> Listed:
    return Listed(raw_input(store, paths, info, contract), info.tag, info.version)


def _nothing(store: ObjectStore, paths: TablePaths, ignored: list[str]) -> InputError:
    folders = some(store.address(root) for root in paths.inputs)
    if ignored:
        return InputError(
            f"no raw file of {paths.table} in {folders}: the names of all {len(ignored)} are ignored ({some(ignored)})",
            hint="rename them: hidden files, backups and what systems leave in folders are never read",
        )
    return InputError(
        f"no raw file of {paths.table} in {folders}",
        hint="is --lake right? a lake that is laid out otherwise is read with --input FOLDER --target FOLDER",
    )
