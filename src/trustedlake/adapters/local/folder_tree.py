"""Walks a folder and finds every file. It follows symbolic links where they are allowed and skips nothing silently."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.local.disk import TEMPORARY
from trustedlake.adapters.local.nofollow import LinkError
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True, slots=True)
class Walked:
    """A regular file.

    Attributes:
        key: its name below the prefix, with slashes.
        about: its stat.
        link: the link on the way to it that leads out of `Walk.home`, and the link's target; empty if there is none.
    """

    key: str
    about: os.stat_result
    link: str


@dataclass(frozen=True, slots=True)
class Walk:
    """Settings for walking folders.

    Attributes:
        home: a folder, without links in its path; links that lead out of it are reported.
        closed: returns whether links are forbidden at this key.
    """

    home: str
    closed: Callable[[str], bool]

    def files(self, folder: str, prefix: str, link: str = "", *, deep: bool = True) -> Iterator[Walked]:
        """Yield all regular files below `folder`, in no order; only those directly in it if not `deep`.

        `link` is the link that led there, if any.

        Symbolic links to files and folders are followed, because people do keep Raw on another disk. Half-written
        files are left out, and so are files that vanish during the walk.

        Raises:
            InputError: a link is broken or leads back to a folder that contains it, or a name is not UTF-8.
            LinkError: there is a link where links are forbidden.
        """
        yield from self._walk(folder, f"{prefix}/" if prefix else "", (os.path.realpath(folder),), link, deep)

    def leaving(self, link: str) -> str:
        """Return the link and its target if it leads out of `home`; else an empty text."""
        to = os.path.realpath(link)
        return "" if Path(to).is_relative_to(self.home) else f"{link} (to {to})"

    def _walk(self, folder: str, prefix: str, entered: tuple[str, ...], link: str, deep: bool) -> Iterator[Walked]:
        try:
            with os.scandir(folder) as scan:
                entries = list(scan)
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            name = entry.name
            if name.startswith(TEMPORARY):
                continue
            if not name.isascii():
                _check_name(entry)
            way = link
            if entry.is_symlink():
                if self.closed(f"{prefix}{name}"):
                    raise LinkError(Path(entry.path))
                way = link or self.leaving(entry.path)
            if entry.is_dir():
                if not deep:
                    continue
                inside = (*entered, _resolve(entry, entered)) if entry.is_symlink() else entered
                yield from self._walk(entry.path, f"{prefix}{name}/", inside, way, deep)
            elif (found := _stat(entry)) is not None:
                yield Walked(f"{prefix}{name}", found, way)


def _check_name(entry: os.DirEntry[str]) -> None:
    try:
        entry.name.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{os.fsencode(entry.path)!r}: the name is not UTF-8", hint="rename the file, then run again"
        ) from error


def _resolve(link: os.DirEntry[str], entered: tuple[str, ...]) -> str:
    """Return the folder that a link leads to; raise InputError if the link makes a circle."""
    to = Path(os.path.realpath(link.path))
    here = os.path.realpath(Path(link.path).parent)
    if any(Path(place).is_relative_to(to) for place in (*entered, here)):
        raise InputError(
            f"{link.path}: this link points to {to}, a folder that contains it", hint="remove the link, then run again"
        )
    return str(to)


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat() if entry.is_file() or entry.is_symlink() else None
    except FileNotFoundError as error:
        if not entry.is_symlink():
            return None
        raise InputError(
            f"{entry.path}: this link is broken ({Path(entry.path).readlink()})",
            hint="restore what it points to, or remove the link",
        ) from error
