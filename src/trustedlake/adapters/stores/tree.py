"""Walks a folder: every file, symbolic links followed, nothing passed over in silence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.stores.disk import TEMPORARY
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def walk(folder: str, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """All regular files below `folder`: name below `prefix` with slashes, and what the system knows of it.

    Symbolic links are followed, to files and to folders, since people do keep Raw on another disk.
    Half-written files are left out; a file that vanishes meanwhile is, too.

    Raises:
        InputError: a link leads nowhere or back to a folder it lies in, or a name is not UTF-8.
    """
    yield from _walk(folder, f"{prefix}/" if prefix else "", (os.path.realpath(folder),))


def _walk(folder: str, prefix: str, entered: tuple[str, ...]) -> Iterator[tuple[str, os.stat_result]]:
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
        if entry.is_dir():
            inside = (*entered, _resolve(entry, entered)) if entry.is_symlink() else entered
            yield from _walk(entry.path, f"{prefix}{name}/", inside)
        elif (found := _stat(entry)) is not None:
            yield f"{prefix}{name}", found


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
