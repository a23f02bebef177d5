"""A folder as an object store: whole files, renamed into place, with conditions that hold between processes."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trustedlake.adapters.stores import disk
from trustedlake.adapters.stores.tree import walk
from trustedlake.errors import ConfigError, ConflictError, TrustedLakeError
from trustedlake.models.lake import STATE
from trustedlake.ports import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from trustedlake.ports import Clock

_LOCK = ".lock"
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS}


class LocalStore:
    """Objects as files below a folder.

    A tag is made of the file's time of modification, size and inode. A replaced file has a new
    inode while the old one exists, a rewritten one a new time; the size catches what tools do that
    set times back. A copy of the folder has other tags, which is why tags are only ever a shortcut.

    Conditions are checked under a lock file, so that they hold against other threads and processes on
    this machine; creation if absent is one hard link and needs no lock, where the file system has them.
    A plain `put` takes no lock: it may fall between another writer's check and its rename, and be lost.

    As in a bucket, a folder lasts as long as something is in it. A put killed half-way may leave a file
    whose name begins with `.tmp-trustedlake-`: never listed, harmless, and gone with `discard` or `tidy`.

    Args:
        root: the folder; it need not exist.
        clock: tells the time for deadlines.
        state: where the lock file lies; default: `_trustedlake` in `root`.
        wait_s: how long to wait for the lock.
    """

    def __init__(self, root: Path, clock: Clock, *, state: Path | None = None, wait_s: float = 30.0) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - Path.absolute() keeps `..`, resolve() follows links
        self._clock = clock
        self._lock_file = (state or self._root / STATE) / _LOCK
        self._wait_s = wait_s

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below the folder `prefix`, in byte order of their keys (UTF-8, so of their characters).

        Raises:
            InputError: a link leads nowhere or in a circle, or a name is not UTF-8.
        """
        folder = self._folder(prefix)
        with disk.refusals(folder):
            found = [ObjectInfo(key, about.st_size, _tag(about)) for key, about in walk(str(folder), prefix)]
        found = [info for info in found if not info.key.endswith(_LOCK) or self._path(info.key) != self._lock_file]
        return sorted(found, key=attrgetter("key"))

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size and tag, None if there is none."""
        path = self._path(key)
        with disk.refusals(path):
            about = disk.stat_file(path)
        return None if about is None else ObjectInfo(key, about.st_size, _tag(about))

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises FileNotFoundError."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable binary stream. Raises FileNotFoundError."""
        path = self._existing(key)
        with disk.refusals(path):
            return path.open("rb")

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` durably, whole or not at all, and return its tag.

        Raises:
            ConflictError: the condition does not hold.
            RetriableError: another process kept the lock for too long.
        """
        path = self._path(key)
        try:
            with disk.refusals(path), disk.temporary(path.parent, data) as new:
                tag = _tag(new.stat())
                if if_absent:
                    self._create(new, path)
                elif if_match is not None:
                    with self._locked():
                        self._check(path, if_match)
                        new.replace(path)
                else:
                    new.replace(path)
                disk.flush(path.parent)
        except TrustedLakeError:
            disk.prune(path.parent, self._root)
            raise
        return tag

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Rename `source` to `target`, never copy; return the new tag.

        Raises:
            ConflictError: the target is not what `replaces` says.
            FileNotFoundError: there is no `source`.
            ConfigError: they lie on different file systems.
        """
        old, new = self._existing(source), self._path(target)
        with disk.refusals(new), self._locked():
            tag = _tag(old.stat())
            self._check(new, replaces)
            disk.persistently(lambda: _rename(old, new))
        disk.prune(old.parent, self._root)
        return tag

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; none there is fine.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        path = self._path(key)
        with disk.refusals(path):
            if disk.stat_file(path) is None:
                return
            if if_match is None:
                path.unlink(missing_ok=True)
            else:
                with self._locked():
                    if disk.stat_file(path) is not None:
                        self._check(path, if_match)
                        path.unlink()
        disk.prune(path.parent, self._root)

    def discard(self, prefix: str) -> None:
        """Remove all that lies below the folder `prefix`, half-written objects too; none there is fine."""
        folder = self._path(prefix)
        with disk.refusals(folder):
            while folder.is_dir():
                try:
                    shutil.rmtree(folder)
                except FileNotFoundError:
                    continue  # someone else removes it, too
        disk.prune(folder.parent, self._root)

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Remove what killed puts left half-written below the folder `prefix` so long ago; empty folders, if asked."""
        disk.tidy(self._folder(prefix), (self._clock.now() - older_than).timestamp(), folders=folders)

    def sync(self, prefixes: Iterable[str]) -> None:
        """Make the names in these folders, and the folders' own, survive a power cut."""
        folders = {self._root}
        for prefix in prefixes:
            folder = self._folder(prefix)
            while folder not in folders:
                folders.add(folder)
                folder = folder.parent
        for folder in folders:
            with disk.refusals(folder):
                disk.flush(folder)

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """The folder `prefix` itself; on a clean exit all in it is on the disk."""
        folder = self._path(prefix)
        with disk.refusals(folder):
            disk.persistently(lambda: folder.mkdir(parents=True, exist_ok=True))
        yield folder
        with disk.refusals(folder):
            disk.flush_tree(folder)
        self.sync([prefix])

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """The file itself. Raises FileNotFoundError."""
        yield self._existing(key)

    def address(self, key: str) -> str:
        """The absolute path."""
        return str(self._folder(key))

    def now(self) -> datetime:
        """The time of this machine, UTC."""
        return self._clock.now()

    def _folder(self, prefix: str) -> Path:
        return self._path(prefix) if prefix else self._root

    def _path(self, key: str) -> Path:
        if any(part in {"", ".", ".."} for part in key.split("/")):
            raise ConfigError(
                f"{key!r} names nothing in {self._root}", hint="give a path below the folder, without `.`, `..` or `//`"
            )
        return self._root / key

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        with disk.refusals(path):
            if disk.stat_file(path) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        return path

    def _locked(self) -> AbstractContextManager[None]:
        return disk.locked(self._lock_file, self._wait_s)

    def _check(self, path: Path, tag: str | None) -> None:
        """Refuse unless the file has the tag; None: unless there is no file."""
        found = disk.stat_file(path)
        if (None if found is None else _tag(found)) != tag:
            raise _conflict(path)

    def _create(self, new: Path, path: Path) -> None:
        try:
            path.hardlink_to(new)
        except FileExistsError as error:
            raise _conflict(path) from error
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            with self._locked():
                self._check(path, None)
                new.replace(path)


def _rename(old: Path, new: Path) -> None:
    new.parent.mkdir(parents=True, exist_ok=True)
    os.rename(old, new)  # noqa: PTH104 - its error names both


def _tag(about: os.stat_result) -> str:
    return f"{about.st_mtime_ns:x}-{about.st_size:x}-{about.st_ino:x}"


def _conflict(path: Path) -> ConflictError:
    return ConflictError(f"{path}: someone else wrote it first", hint="run again: the state is safe")
