"""The layout of a lake: tables, zones and state, as keys relative to the lake."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from trustedlake.models.contract import Contract

STATE = "_trustedlake"
"""Folder of the lake's state; engines that list Trusted don't see it."""

OWN_FOLDERS = (STATE, "contracts")
"""Folders of a lake that are not zones: its state, and its own contract files."""

WHOLE_TABLE = ""
"""Name of the only partition of an unpartitioned table."""


ZONES = {"trusted": "quarantine", "Trusted": "Quarantine", "TRUSTED": "QUARANTINE"}
"""Zone of the published files -> zone of their quarantine, in the same upper or lower case."""

_NO_NAMES = {"", ".", ".."}


class Entity(StrEnum):
    """What a record describes."""

    MOVIES = "movies"
    SERIES = "series"


class TablePaths(BaseModel):
    """The folders of one table, as keys relative to the store's root, without a slash at either end.

    Attributes:
        lake: the lake's folder; empty if the store's root is the lake.
        inputs: folders with the raw files.
        named: the user named the inputs; then the folders before a template's placeholders may be missing.
        trusted, quarantine: folders of the published Parquet.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    lake: str
    inputs: tuple[str, ...]
    named: bool = False
    trusted: str
    quarantine: str

    @property
    def state(self) -> str:
        """Folder of the lake's state."""
        return join(self.lake, STATE)

    @cached_property
    def input_folders(self) -> tuple[str, ...]:
        """Prefixes of the keys in the inputs."""
        return tuple(f"{root}/" if root else "" for root in self.inputs)

    @property
    def ledger(self) -> str:
        """Key of the table's ledger."""
        return join(self.state, "ledger", f"{self.table}.json")

    @property
    def journal(self) -> str:
        """Key of the table's journal; it exists only during a publish."""
        return join(self.state, "journal", f"{self.table}.json")

    @property
    def failed(self) -> str:
        """Folder of what was refused in partitions that failed their gate."""
        return join(self.state, "failed", self.table)

    def staging(self, run_id: str) -> str:
        """Return the folder of files that a run has written and not yet published."""
        return join(self.state, "staging", run_id, self.table)

    def replaced(self, run_id: str) -> str:
        """Return the folder of unknown files that a full refresh moved out of Trusted."""
        return join(self.state, "replaced", run_id, self.table)


def join(*parts: str) -> str:
    """Join parts of a key with slashes; skip empty parts."""
    return "/".join(part for part in parts if part)


def is_plain(key: str) -> bool:
    """Whether a key stays below the folder it is joined to: no `..`, no empty part, not absolute."""
    return "\0" not in key and _NO_NAMES.isdisjoint(key.split("/"))


def default_paths(contract: Contract, lake: str = "", tops: Sequence[str] = ()) -> TablePaths:
    """Return the folders of a table in a lake with the layout of its contract.

    `tops`: names of the lake's own folders; the name of Raw may differ in case.
    """
    inputs = dict.fromkeys(
        join(lake, top, *rest)
        for first, *rest in map(raw_prefix, contract.raw.path)
        for top in ([name for name in tops if name.casefold() == first.casefold()] or [first])
    )
    return TablePaths(
        table=contract.table,
        lake=lake,
        inputs=outermost(inputs),
        trusted=join(lake, contract.trusted),
        quarantine=join(lake, quarantine_of(contract.trusted)),
    )


def outermost(folders: Iterable[str]) -> tuple[str, ...]:
    """Return the folders without repeats, and without folders inside another of them."""
    known = tuple(dict.fromkeys(folders))
    return tuple(
        one for one in known if not any(not other or one.startswith(f"{other}/") for other in known if other != one)
    )


def raw_roots(contracts: Iterable[Contract], tops: Sequence[str]) -> tuple[str, ...]:
    """Return the folders that hold the tables' raw files and everything beside them, usually `Raw`.

    That is a folder called Raw, or else the first one of a table's path.

    `tops`: names of the lake's top folders; a path's first folder may differ from them in case.
    """
    firsts = [raw_root(raw_prefix(path)) for one in contracts for path in one.raw.path]
    found = (join(top, *rest) for first, *rest in firsts for top in tops if top.casefold() == first.casefold())
    return outermost(found)


def raw_root(folders: Sequence[str]) -> Sequence[str]:
    """Return the first folders of a path, up to one called Raw; without such a folder, the first one."""
    return folders[: next((n for n, name in enumerate(folders, 1) if name.casefold() == "raw"), 1)]


def is_lake(tops: Iterable[str], contracts: Iterable[Contract] = ()) -> bool:
    """Whether a folder that has these folders is a lake: one is its state, or the raw zone of a table (`Raw`)."""
    raw = {"raw", *(raw_prefix(path)[0].casefold() for one in contracts for path in one.raw.path)}
    return any(name == STATE or name.casefold() in raw for name in tops)


def raw_prefix(template: str) -> list[str]:
    """Return a template's folders before the first one with a placeholder, and before a file name."""
    folders = [part for part in template.split("/") if part]
    if len(folders) > 1 and "." in folders[-1]:
        folders.pop()
    return list(takewhile(lambda part: "{" not in part, folders)) or folders[:1]


def quarantine_of(trusted: str) -> str:
    """Return the quarantine folder for a Trusted folder: the same path below Quarantine, in the same case."""
    parts = trusted.split("/")
    for number in reversed(range(len(parts))):
        if parts[number].casefold() == "trusted":
            return "/".join([*parts[:number], ZONES.get(parts[number], "Quarantine"), *parts[number + 1 :]])
    return join("Quarantine", trusted)


def are_nested(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether one of the two sets of folders is completely inside the other."""
    some, others = list(some), list(others)
    return are_all_below(some, others) or are_all_below(others, some)


def are_all_below(folders: Iterable[str], roots: Iterable[str]) -> bool:
    """Return whether each folder is one of the roots or below one."""
    tops = tuple(f"{root}/" for root in roots)
    return all(f"{folder}/".startswith(tops) for folder in folders)
