"""Where a lake and its tables lie, from what the user said."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from trustedlake.entrypoints.buckets import BucketFolder, bucket_folder, common_folder, is_bucket
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.lake import Entity, Source, TablePaths, default_paths, join

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ZONES = {"trusted": "quarantine", "Trusted": "Quarantine", "TRUSTED": "QUARANTINE"}
"""The zone that a target lies in -> the one its quarantine lies in, written the same way."""

Folder: TypeAlias = Path | BucketFolder
"""A folder on this machine, or a prefix of a bucket."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the user said of where things are; None or empty where nothing was said.

    Attributes:
        lake: the lake's folder, or `s3://bucket/prefix`.
        inputs, target: the folders of one table, in a lake that is laid out otherwise.
    """

    lake: str | None = None
    inputs: tuple[str, ...] = ()
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Roots:
    """The place, resolved.

    Attributes:
        root: folder that holds the lake, the inputs and the target; the store is rooted there.
        lake: key of the lake in it.
        inputs: keys of the inputs, empty for the usual ones.
        target: key of the target, None for the usual one.
    """

    root: Folder
    lake: str = ""
    inputs: tuple[str, ...] = ()
    target: str | None = None


def resolve(place: Place, default_lake: str) -> Roots:
    """Find the lake: `--lake` says it, else it is what precedes `/Trusted/` in the target.

    Raises:
        ConfigError: a target that doesn't say where the lake is, or folders that no store holds together.
        InputError: there is no such folder. What a bucket holds is not looked at here.
    """
    target = folder(place.target) if place.target else None
    lake = _lake_of(target) if target and not place.lake else folder(place.lake or default_lake)
    inputs = [folder(given) for given in place.inputs]
    roots = rooted(lake, inputs, target)
    _refuse_missing(lake, inputs)
    return roots


def rooted(lake: Folder, inputs: Sequence[Folder], target: Folder | None) -> Roots:
    """The folder that holds all of these, and their keys in it.

    Raises:
        ConfigError: they don't lie in one bucket, or not all on this machine.
    """
    everything = [lake, *inputs, *([target] if target else [])]
    paths = [one for one in everything if isinstance(one, Path)]
    buckets = [one for one in everything if isinstance(one, BucketFolder)]
    if paths and buckets:
        raise ConfigError(
            f"{buckets[0]} is in a bucket, and {paths[0]} is not",
            hint="--lake, --input and --target must lie in one bucket, or all on this machine",
        )
    root = common_folder(buckets) if buckets else Path(os.path.commonpath([os.path.normpath(one) for one in paths]))
    return Roots(
        root=root,
        lake=_key(lake, root),
        inputs=tuple(_key(one, root) for one in inputs),
        target=_key(target, root) if target else None,
    )


def folder(given: str) -> Folder:
    """The folder that the user names.

    Raises:
        ConfigError: an address that is none of a bucket.
    """
    return bucket_folder(given) if is_bucket(given) else Path(given).absolute()


def table_paths(roots: Roots, source: Source, entity: Entity) -> TablePaths:
    """The folders of one table."""
    usual = default_paths(source, entity, roots.lake)
    changed: dict[str, object] = {}
    if roots.inputs:
        changed["inputs"] = roots.inputs
    if roots.target is not None:
        changed["trusted"] = roots.target
        changed["quarantine"] = _quarantine_of(roots.target, usual)
    return usual.model_copy(update=changed)


def entities(roots: Roots, source: Source, asked: str | None, is_there: Callable[[str], bool]) -> Sequence[Entity]:
    """The entities to take: the one that was asked for, or each whose Raw folder exists.

    `is_there` tells that of a key.

    Raises:
        ConfigError: folders were given, but not whose they are.
        InputError: no Raw folder exists.
    """
    if asked:
        return [Entity(asked)]
    if roots.inputs or roots.target is not None:
        raise ConfigError(
            "--input and --target are the folders of one table, and it is not said which",
            hint="add --entity movies or --entity series",
        )
    folders = {entity: default_paths(source, entity, roots.lake).inputs[0] for entity in Entity}
    there = [entity for entity, key in folders.items() if is_there(key)]
    if not there:
        looked = " nor ".join(str(roots.root / key) for key in folders.values())
        raise InputError(
            f"nothing to read: neither {looked} exists",
            hint="is --lake right? a lake that is laid out otherwise is read with --entity, --input and --target",
        )
    return there


def _refuse_missing(lake: Folder, inputs: Sequence[Folder]) -> None:
    if isinstance(lake, Path) and not lake.is_dir():
        raise InputError(
            f"no such lake: {lake} is not a folder",
            hint="name it with --lake FOLDER (or TRUSTEDLAKE_LAKE); its raw files lie in FOLDER/Raw/...",
        )
    for one in inputs:
        if isinstance(one, Path) and not one.is_dir():
            raise InputError(f"no such input: {one} is not a folder", hint="check --input")


def _lake_of(target: Folder) -> Folder:
    """What precedes `/Trusted/` in the target, in any case."""
    places: list[Folder] = [target, *target.parents]
    for parent in places:
        if parent.name.casefold() == "trusted":
            return parent.parent
    raise ConfigError(
        f"--target {target} does not say where the lake is: it has no folder Trusted in it",
        hint="add --lake FOLDER; the state of the run is kept in FOLDER/_trustedlake",
    )


def _quarantine_of(target: str, usual: TablePaths) -> str:
    parts = target.split("/")
    for number in reversed(range(len(parts))):
        if parts[number].casefold() == "trusted":
            zone = ZONES.get(parts[number], "Quarantine")
            return "/".join([*parts[:number], zone, *parts[number + 1 :]])
    return join(usual.quarantine)


def _key(place: Folder, root: Folder) -> str:
    if isinstance(place, BucketFolder):
        above = root.prefix if isinstance(root, BucketFolder) else ""
        return "" if place.prefix == above else place.prefix.removeprefix(f"{above}/" if above else "")
    relative = Path(os.path.normpath(place)).relative_to(str(root)).as_posix()
    return "" if relative == "." else relative
