"""Where a lake and its tables lie, from what the user said."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError, InputError
from trustedlake.models.lake import Entity, Source, TablePaths, default_paths, join

if TYPE_CHECKING:
    from collections.abc import Sequence

ZONES = {"trusted": "quarantine", "Trusted": "Quarantine", "TRUSTED": "QUARANTINE"}
"""The zone that a target lies in -> the one its quarantine lies in, written the same way."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the user said of where things are; None or empty where nothing was said.

    Attributes:
        lake: the lake's folder.
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

    root: Path
    lake: str
    inputs: tuple[str, ...]
    target: str | None


def resolve(place: Place, default_lake: str) -> Roots:
    """Find the lake: `--lake` says it, else it is what precedes `/Trusted/` in the target.

    Raises:
        ConfigError: a bucket, or a target that doesn't say where the lake is.
        InputError: there is no such folder.
    """
    for given in (place.lake, *place.inputs, place.target):
        if given and "://" in given:
            raise ConfigError(f"{given}: only folders can be lakes so far", hint="copy the files to a folder")
    target = Path(place.target).absolute() if place.target else None
    lake = Path(_lake_of(target) if target and not place.lake else place.lake or default_lake).absolute()
    inputs = [Path(given).absolute() for given in place.inputs]
    if not lake.is_dir():
        raise InputError(
            f"no such lake: {lake} is not a folder",
            hint="name it with --lake FOLDER (or TRUSTEDLAKE_LAKE); its raw files lie in FOLDER/Raw/...",
        )
    for folder in inputs:
        if not folder.is_dir():
            raise InputError(f"no such input: {folder} is not a folder", hint="check --input")
    everything = [lake, *inputs, *([target] if target else [])]
    root = Path(os.path.commonpath([os.path.normpath(folder) for folder in everything]))
    return Roots(
        root=root,
        lake=_key(lake, root),
        inputs=tuple(_key(folder, root) for folder in inputs),
        target=_key(target, root) if target else None,
    )


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


def entities(roots: Roots, source: Source, asked: str | None) -> Sequence[Entity]:
    """The entities to take: the one that was asked for, or each whose Raw folder exists.

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
    there = [entity for entity, folder in folders.items() if (roots.root / folder).is_dir()]
    if not there:
        looked = " and ".join(str(roots.root / folder) for folder in folders.values())
        raise InputError(
            f"nothing to read: neither {looked} exists",
            hint="is --lake right? a lake that is laid out otherwise is read with --entity, --input and --target",
        )
    return there


def _lake_of(target: Path) -> Path:
    """What precedes `/Trusted/` in the target, in any case."""
    for parent in (target, *target.parents):
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


def _key(folder: Path, root: Path) -> str:
    relative = Path(os.path.normpath(folder)).relative_to(root).as_posix()
    return "" if relative == "." else relative
