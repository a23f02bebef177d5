"""A folder as an object store: whole files, renamed into place, with conditions that hold across processes."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager, suppress
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trustedlake.adapters.local import disk
from trustedlake.adapters.local.folder_tree import Walk
from trustedlake.adapters.local.nofollow import Spot, sync
from trustedlake.errors import ConfigError, ConflictError, RetriableError, TrustedLakeError
from trustedlake.models.lake import STATE, is_plain
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

    A tag consists of the file's modification time, size and inode. A replacement has a new inode, because the old
    file still exists when the new one is written. Rewriting a file in place changes its time. The size catches tools
    that reset the time. No tool can reset the inode's change time (ctime), which is kept as `touched`. But ctime also
    changes with permissions and links, so conditions ignore it. A copy of the folder has other tags, so a tag is only
    ever a shortcut.

    Conditions are checked under a lock file, so they hold against other threads and processes on this machine.
    Create-if-absent is one hard link and needs no lock, if the file system supports hard links. A plain `put` takes
    no lock: if it falls between another writer's check and its rename, the `put` is lost.

    As in a bucket, a folder exists only as long as something is in it. If a put is killed half-way, it may leave a
    file whose name begins with `.tmp-trustedlake-`. Such a file is harmless and never listed; `discard` and `tidy`
    remove it.

    Writes, moves and deletes never follow a link. Reads in the state and published folders don't either. Reads
    elsewhere do follow links, because people do keep Raw on another disk.

    Args:
        root: the folder; it need not exist.
        clock: gives the time for deadlines.
        state: folder of the lock file, in the lake's folder; default: `_trustedlake` in `root`.
        published: keys of the other folders, besides the state, that only this program writes to.
        named: more folders that the user named. Links on the way to `root`, the lake or these folders are the user's
            choice and allowed.
        wait_s: how long to wait for the lock, in seconds.
    """

    def __init__(
        self,
        root: Path,
        clock: Clock,
        *,
        state: Path | None = None,
        published: Iterable[str] = (),
        named: Iterable[Path] = (),
        wait_s: float = 30.0,
    ) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - Path.absolute() keeps `..`, resolve() follows links
        self._clock = clock
        state = state or self._root / STATE
        self._lock_file = state / _LOCK
        own = [state.relative_to(self._root).as_posix()] if state.is_relative_to(self._root) else []
        self._own = tuple(f"{key}/" for key in (*own, *published) if key)
        anchors = {self._root, state.parent, *named}
        self._anchors = sorted(anchors, key=lambda place: len(place.parts), reverse=True)
        self._wait_s = wait_s

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """List all objects below the folder `prefix`, in UTF-8 byte order of their keys.

        Raises:
            InputError: a link is broken, circular or not allowed where it is; or a name is not UTF-8.
        """
        return self._listed(prefix, deep=True)

    def folders(self, prefix: str) -> Sequence[str]:
        """Return the names of the folders directly below the folder `prefix`, sorted."""
        folder = self._folder(prefix)
        with disk.refusals(folder):
            if not folder.is_dir():
                return []
            with os.scandir(folder) as entries:
                return sorted(entry.name for entry in entries if entry.is_dir())

    def files(self, prefix: str) -> Sequence[ObjectInfo]:
        """List the files directly below the folder `prefix`, in UTF-8 byte order of their keys.

        Raises:
            InputError: a link to a file is broken or not allowed where it is; or a name is not UTF-8.
        """
        return self._listed(prefix, deep=False)

    def head(self, key: str) -> ObjectInfo | None:
        """Return the object's size and tag, or None if there is no such object."""
        path = self._path(key)
        with disk.refusals(path):
            about = self._stat(key)
        return None if about is None else _info(key, about)

    def read(self, key: str) -> bytes:
        """Return the object's bytes. Raises FileNotFoundError."""
        with self.open(key) as stream:
            return stream.read()

    def open(self, key: str) -> BinaryIO:
        """Open the object as a seekable binary stream. Raises FileNotFoundError."""
        path = self._existing(key)
        with disk.refusals(path):
            return path.open("rb")

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` durably, whole or not at all, and return its tag.

        Raises:
            ConflictError: the condition does not hold.
            RetriableError: another process held the lock for too long.
        """
        path = self._path(key)
        spot = self._spot(path)
        try:
            with disk.refusals(path), disk.temporary(spot.folder, data) as (above, new):
                tag = _tag(os.stat(new, dir_fd=above))
                if if_absent:
                    self._create(new, above, spot)
                elif if_match is not None:
                    with self._locked():
                        _check(spot, if_match)
                        _replace(new, above, spot)
                else:
                    _replace(new, above, spot)
                sync(above)
        except TrustedLakeError:
            spot.folder.prune()
            raise
        return tag

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Rename `source` to `target` without copying, and return the new version.

        Raises:
            ConflictError: the target is not the version that `replaces` names.
            FileNotFoundError: there is no `source`.
            ConfigError: source and target are on different file systems.
        """
        old, new = self._spot(self._path(source)), self._spot(self._path(target))
        with disk.refusals(old.path):
            if old.stat() is None:
                raise _missing(old.path)
        with disk.refusals(new.path), self._locked(), old.folder.opened() as above:
            if old.stat() is None:
                raise _missing(old.path)
            _check(new, replaces)
            handle = os.open(old.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
            try:
                disk.persistently(lambda: _rename(above, old, new))
                about = os.fstat(handle)  # of the file that we renamed, whatever has the name by now
            finally:
                os.close(handle)
        old.folder.prune()
        return _info(target, about).version

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; do nothing if there is none.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        spot = self._spot(self._path(key))
        with disk.refusals(spot.path):
            if spot.stat() is None:
                return
            if if_match is None:
                _unlink(spot)
            else:
                with self._locked():
                    if spot.stat() is not None:
                        _check(spot, if_match)
                        _unlink(spot)
        spot.folder.prune()

    def discard(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`, half-written objects too; do nothing if there is none."""
        spot = self._spot(self._path(prefix))
        with disk.refusals(spot.path):
            spot.discard()
        spot.folder.prune()

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Remove old half-written files of killed puts below the folder `prefix`; on request, empty folders too."""
        spot = self._spot(self._folder(prefix))
        disk.tidy(spot, (self._clock.now() - older_than).timestamp(), folders=folders)

    def sync(self, prefixes: Iterable[str]) -> None:
        """Make the names in these folders, and the folders' own names, survive a power cut."""
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
        """Yield the folder `prefix` itself; after a clean exit, everything in it is flushed to disk.

        Raises:
            RetriableError: on exit it is not the same folder: someone put another folder, or a link, in its place.
        """
        spot = self._spot(self._path(prefix))
        with disk.refusals(spot.path):
            disk.persistently(spot.make)
            with spot.opened() as handle:
                made = os.fstat(handle)
        yield spot.path
        with disk.refusals(spot.path):
            with spot.opened() as handle:
                if not os.path.samestat(made, os.fstat(handle)):
                    raise RetriableError(
                        f"{spot.path}: someone put another folder in its place during the run",
                        hint="nothing was published; run again when nothing else is at work there",
                    )
            disk.flush_tree(spot.path)
        self.sync([prefix])

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """Yield the path of the file itself. Raises FileNotFoundError."""
        yield self._existing(key)

    def address(self, key: str) -> str:
        """Return the absolute path."""
        return os.path.join(self._root, self._checked(key)) if key else str(self._root)  # noqa: PTH118 - asked for each file

    def now(self) -> datetime:
        """Return this machine's time, in UTC."""
        return self._clock.now()

    def _listed(self, prefix: str, *, deep: bool) -> Sequence[ObjectInfo]:
        folder = self._folder(prefix)
        with disk.refusals(folder):
            walk = Walk(os.path.realpath(self._spot(folder).anchor), self._is_own)
            files = walk.files(str(folder), prefix, self._way_to(prefix, walk), deep=deep)
            found = [_info(one.key, one.about, one.link) for one in files]
        found = [info for info in found if not info.key.endswith(_LOCK) or self._path(info.key) != self._lock_file]
        return sorted(found, key=attrgetter("key"))

    def _folder(self, prefix: str) -> Path:
        return self._path(prefix) if prefix else self._root

    def _path(self, key: str) -> Path:
        return self._root / self._checked(key)

    def _checked(self, key: str) -> str:
        if not is_plain(key):
            raise ConfigError(
                f"{key!r} is not a valid key in {self._root}",
                hint="give a path below the folder, without `.`, `..` or `//`",
            )
        return key

    def _spot(self, path: Path) -> Spot:
        """Return the path as a spot below the nearest folder that the user named."""
        anchor = next(place for place in self._anchors if path.is_relative_to(place))
        return Spot(anchor, path.relative_to(anchor).parts)

    def _is_own(self, key: str) -> bool:
        """Return whether the key is in a folder that only this program writes to."""
        return f"{key}/".startswith(self._own)

    def _way_to(self, prefix: str, walk: Walk) -> str:
        """Describe the first link on the way to the folder that leads out of the lake; empty if there is none."""
        spot = self._spot(self._folder(prefix))
        if self._is_own(prefix):
            spot.refuse_links()
        ways = (spot.anchor.joinpath(*spot.parts[: number + 1]) for number in range(len(spot.parts)))
        return next((told for way in ways if way.is_symlink() and (told := walk.leaving(str(way)))), "")

    def _stat(self, key: str) -> os.stat_result | None:
        """Return the stat of a regular file; None if there is no such file."""
        path = self._path(key)
        return self._spot(path).stat() if self._is_own(key) else disk.stat_file(path)

    def _existing(self, key: str) -> Path:
        path = self._path(key)
        with disk.refusals(path):
            if self._stat(key) is None:
                raise _missing(path)
        return path

    def _locked(self) -> AbstractContextManager[None]:
        return disk.locked(self._lock_file, self._wait_s)

    def _create(self, new: str, above: int, spot: Spot) -> None:
        try:
            os.link(new, spot.name, src_dir_fd=above, dst_dir_fd=above)
        except FileExistsError as error:
            spot.refuse_link(above)
            raise _conflict(spot.path) from error
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            with self._locked():
                _check(spot, None)
                _replace(new, above, spot)


def _check(spot: Spot, tag: str | None) -> None:
    """Raise a conflict unless the file has this tag (None: unless there is no file). Raises LinkError for a link."""
    found = spot.stat()
    if (None if found is None else _tag(found)) != (tag and "-".join(tag.split("-")[:3])):
        raise _conflict(spot.path)


def _replace(new: str, above: int, spot: Spot) -> None:
    spot.refuse_link(above)
    os.replace(new, spot.name, src_dir_fd=above, dst_dir_fd=above)


def _unlink(spot: Spot) -> None:
    with suppress(FileNotFoundError), spot.folder.opened() as above:
        os.unlink(spot.name, dir_fd=above)


def _rename(above: int, old: Spot, new: Spot) -> None:
    new.folder.make()
    with new.folder.opened() as target:
        try:
            os.rename(old.name, new.name, src_dir_fd=above, dst_dir_fd=target)
        except OSError as error:
            error.filename, error.filename2 = str(old.path), str(new.path)
            raise


def _tag(about: os.stat_result) -> str:
    return f"{about.st_mtime_ns:x}-{about.st_size:x}-{about.st_ino:x}"


def _info(key: str, about: os.stat_result, link: str = "") -> ObjectInfo:
    return ObjectInfo(key, about.st_size, _tag(about), f"{about.st_ctime_ns:x}", link, about.st_mtime)


def _missing(path: Path) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))


def _conflict(path: Path) -> ConflictError:
    return ConflictError(f"{path}: someone else wrote it first", hint="run again: the state is safe")
