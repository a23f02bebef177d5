"""Find out where a lake and its tables are, from what the user gave."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from trustedlake.entrypoints.lake.bucket_address import BucketFolder, bucket_folder, common_folder, is_bucket
from trustedlake.entrypoints.settings import environment
from trustedlake.errors import ConfigError, InputError
from trustedlake.models.lake import STATE, ZONES, TablePaths, default_paths, is_lake, quarantine_of
from trustedlake.terminal import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.models.contract import Contract

_ONE_SLASH = re.compile(r"(s3[an]?:)/[^/]")
_NAMES = {"Raw", "Trusted", "Quarantine", STATE}
_ZONES = {name.casefold() for name in _NAMES}

Folder: TypeAlias = Path | BucketFolder
"""A folder on this machine, or a prefix of a bucket."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the user gave about locations; None or empty if not given.

    Attributes:
        lake: the lake's folder, or `s3://bucket/prefix`.
        inputs, target: the folders of one table, if the lake does not have the usual layout.
        contracts: files and folders of contracts, in addition to the lake's own.
    """

    lake: str | None = None
    inputs: tuple[str, ...] = ()
    target: str | None = None
    contracts: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Return what a user types for the same place in another command, except for `--lake`."""
        target = (self.target,) if self.target else ()
        given = {"--input": self.inputs, "--target": target, "--contracts": self.contracts}
        return tuple(word for option, values in given.items() for value in values for word in (option, value))


@dataclass(frozen=True, slots=True)
class Roots:
    """The resolved place.

    Attributes:
        root: folder that contains the lake, the inputs and the target; the root of the store.
        lake: key of the lake in it.
        inputs: keys of the inputs, empty for the usual ones.
        target: key of the target, None for the usual one.
    """

    root: Folder
    lake: str = ""
    inputs: tuple[str, ...] = ()
    target: str | None = None


def place_of(lake: str | Place | None) -> Place:
    """Return the place; a plain string or None is the lake alone."""
    return lake if isinstance(lake, Place) else Place(lake=lake)


def resolve(place: Place, default_lake: str) -> Roots:
    """Find the lake: from `--lake`, else the part of the target before `/Trusted/`.

    Raises:
        ConfigError: the target doesn't say where the lake is, or no single store can hold all the folders.
        InputError: there is no such folder. Buckets are not checked here.
    """
    target = folder(place.target) if place.target else None
    lake = _lake_of(target) if target and not place.lake else folder(place.lake or default_lake)
    inputs = [folder(given) for given in place.inputs]
    roots = rooted(lake, inputs, target)
    _refuse_missing(lake, inputs)
    if not inputs and target is None:
        require_lake(lake)
    return roots


def require_lake(lake: Folder, *, new: bool = False) -> None:
    """Refuse a folder that is not a lake but is inside one, or contains one; a `new` one may be next to others.

    Raises:
        InputError: with a hint that names the lake that was probably meant.
    """
    if isinstance(lake, Path) and not _is_lake(lake) and (meant := _meant(lake)):
        if new and meant not in lake.parents:
            return
        where = "is inside a lake" if meant in lake.parents else "is not a lake, but contains one"
        raise InputError(f"{lake} {where}", hint=f"name the lake itself: --lake {quoted(meant)}")
    if isinstance(lake, BucketFolder) and lake.name in _NAMES:
        raise InputError(f"{lake} is a zone of a lake", hint=f"name the lake itself: --lake {quoted(lake.parent)}")


def _is_lake(folder: Path) -> bool | None:
    """Return whether it looks like a lake; None if it can't be read, which is reported when it is opened."""
    try:
        return is_lake(one.name for one in folder.iterdir() if one.is_dir())
    except OSError:
        return None


def _meant(folder: Path) -> Path | None:
    """Return the lake whose zone the folder is or is in; else the only lake inside the folder."""
    for zone in (folder, *folder.parents):
        if zone.name.casefold() in _ZONES and _is_lake(zone.parent):
            return zone.parent
    if not folder.is_dir():
        return None
    within = [one for one in folder.iterdir() if _is_lake(one)]
    return within[0] if len(within) == 1 else None


def rooted(lake: Folder, inputs: Sequence[Folder], target: Folder | None) -> Roots:
    """Find the folder that contains all of these, and their keys in it.

    Raises:
        ConfigError: they are not all in one bucket, or not all on this machine.
    """
    everything = [lake, *inputs, *([target] if target else [])]
    paths = [one for one in everything if isinstance(one, Path)]
    buckets = [one for one in everything if isinstance(one, BucketFolder)]
    if paths and buckets:
        raise ConfigError(
            f"{buckets[0]} is in a bucket, and {paths[0]} is not",
            hint="--lake, --input and --target must be in one bucket, or all on this machine",
        )
    root = common_folder(buckets) if buckets else Path(os.path.commonpath([os.path.normpath(one) for one in paths]))
    return Roots(
        root=root,
        lake=_key(lake, root),
        inputs=tuple(_key(one, root) for one in inputs),
        target=_key(target, root) if target else None,
    )


def folder(given: str) -> Folder:
    """Parse a folder that the user gave.

    Raises:
        ConfigError: it is not a bucket's address and not a path, or the current folder no longer exists.
    """
    if slashed := _ONE_SLASH.match(given):
        raise ConfigError(
            f"{given}: an address of a bucket with one slash",
            hint=f"name it {slashed[1]}//..., as text: a Path drops one",
        )
    if is_bucket(given):
        return bucket_folder(given)
    try:
        return local_path(given).absolute()
    except FileNotFoundError:
        raise ConfigError(
            f"{given}: the current folder is gone", hint="change into another one, then run again"
        ) from None


def local_path(given: str) -> Path:
    """Parse a local path. If no shell has replaced a leading `~` or `~user`, insert the home folder.

    Raises:
        ConfigError: it is blank, has a NUL character, or there is no such user.
    """
    if not given.strip() or "\0" in given:
        raise ConfigError("a path is blank, or has a NUL in it", hint="name a folder; . is the current one")
    user, slash, rest = given.partition("/")
    home = os.path.expanduser(user) if user.startswith("~") else user  # noqa: PTH111 - Path takes ./~ for ~
    blank = user == "~" and not environment().get("HOME", home).strip()
    if user.startswith("~") and (blank or not home.startswith("/")):
        raise ConfigError(
            f"{given}: there is no home folder of that name", hint=f"a folder with that name is ./{given}"
        )
    return Path(home + slash + rest)


def table_paths(roots: Roots, contract: Contract, tops: Sequence[str] = ()) -> TablePaths:
    """Return one table's folders; `tops` are the lake's top folders, where Raw may be spelled in another case."""
    usual = default_paths(contract, roots.lake, tops)
    changed: dict[str, object] = {}
    if roots.inputs:
        changed |= {"inputs": roots.inputs, "named": True}
    if roots.target is not None:
        in_zone = any(part.casefold() in ZONES for part in roots.target.split("/"))
        changed["trusted"] = roots.target
        changed["quarantine"] = quarantine_of(roots.target) if in_zone else usual.quarantine
    return usual.model_copy(update=changed)


def published_folders(roots: Roots, contracts: Iterable[Contract]) -> list[str]:
    """Return the keys of the folders of all tables that runs with these roots publish to."""
    tables = [table_paths(roots, contract) for contract in contracts]
    return sorted({folder for paths in tables for folder in (paths.trusted, paths.quarantine)})


def named_outside(roots: Roots) -> list[str]:
    """Return the keys of the inputs and the target that are outside the lake."""
    lake = f"{roots.lake}/" if roots.lake else ""
    given = (*roots.inputs, *([roots.target] if roots.target else []))
    return [key for key in given if not key.startswith(lake)]


def _refuse_missing(lake: Folder, inputs: Sequence[Folder]) -> None:
    if isinstance(lake, Path) and not lake.is_dir():
        raise InputError(
            f"no such lake: {lake} is not a folder",
            hint="name it with --lake FOLDER (or TRUSTEDLAKE_LAKE); its raw files belong in FOLDER/Raw/...",
        )
    for one in inputs:
        if isinstance(one, Path) and not one.is_dir():
            raise InputError(f"no such input: {one} is not a folder", hint="check --input")


def _lake_of(target: Folder) -> Folder:
    """Return the part of the target before `/Trusted/`, in any case."""
    places: list[Folder] = [target, *target.parents]
    for parent in places:
        if parent.name.casefold() == "trusted":
            return parent.parent
    raise ConfigError(
        f"--target {target} does not say where the lake is: it has no folder Trusted in it",
        hint="add --lake FOLDER; the state of the run is kept in FOLDER/_trustedlake",
    )


def _key(place: Folder, root: Folder) -> str:
    if isinstance(place, BucketFolder):
        above = root.prefix if isinstance(root, BucketFolder) else ""
        return "" if place.prefix == above else place.prefix.removeprefix(f"{above}/" if above else "")
    relative = Path(os.path.normpath(place)).relative_to(str(root)).as_posix()
    return "" if relative == "." else relative
