"""Walks a folder: every file, symbolic links followed where they may be, nothing passed over in silence."""

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
        about: what the system knows of it.
        link: the link that leads out of `Walk.home` on the way to it, and where to; empty if none does.
    """

    key: str
    about: os.stat_result
    link: str


@dataclass(frozen=True, slots=True)
class Walk:
    """How folders are walked.

    Attributes:
        home: a folder, without links in its path; links that lead out of it are told.
        closed: whether a link of that key may not be there at all.
    """

    home: str
    closed: Callable[[str], bool]

    def files(self, folder: str, prefix: str, link: str = "") -> Iterator[Walked]:
        """All regular files below `folder`, reached by `link`; in no order.

        Symbolic links are followed, to files and to folders, since people do keep Raw on another disk.
        Half-written files are left out; a file that vanishes meanwhile is, too.

        Raises:
            InputError: a link leads nowhere or back to a folder it lies in, or a name is not UTF-8.
            LinkError: a link lies where none may be.
        """
        yield from self._walk(folder, f"{prefix}/" if prefix else "", (os.path.realpath(folder),), link)

    def leaving(self, link: str) -> str:
        """The link and where it leads, if that is out of `home`; else empty."""
        to = os.path.realpath(link)
        return "" if Path(to).is_relative_to(self.home) else f"{link} (to {to})"

    def _walk(self, folder: str, prefix: str, entered: tuple[str, ...], link: str) -> Iterator[Walked]:
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
                inside = (*entered, _resolve(entry, entered)) if entry.is_symlink() else entered
                yield from self._walk(entry.path, f"{prefix}{name}/", inside, way)
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
    """The folder that a link leads to."""
    to = Path(os.path.realpath(link.path))
    here = os.path.realpath(Path(link.path).parent)
    if any(Path(place).is_relative_to(to) for place in (*entered, here)):
        raise InputError(
            f"{link.path}: this link leads back to {to}, a folder it lies in", hint="remove the link, then run again"
        )
    return str(to)


def _stat(entry: os.DirEntry[str]) -> os.stat_result | None:
    try:
        return entry.stat() if entry.is_file() or entry.is_symlink() else None
    except FileNotFoundError as error:
        if not entry.is_symlink():
            return None
        raise InputError(
            f"{entry.path}: this link leads nowhere ({Path(entry.path).readlink()})",
            hint="restore what it points to, or remove the link",
        ) from error
