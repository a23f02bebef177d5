"""Files that survive a power cut, a lock between processes, and system errors turned into our errors."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
import uuid
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from trustedlake.adapters.local.nofollow import LinkError, Spot, sync
from trustedlake.errors import ConfigError, InputError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

Result = TypeVar("Result")

TEMPORARY = ".tmp-trustedlake-"
"""Prefix of the names of half-written files; Spark ignores such names, too."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 20
_POLL_S = 0.002
_FULL = "the disk is full: free some space there, then run again"
_CLOSED = "the folder is read-only or not yours: give this user write permission, or choose another folder"
_HINTS = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _CLOSED,
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.ENAMETOOLONG: "shorten the name",
    errno.EMFILE: "raise the limit of open files (ulimit -n), then run again",
}


@contextmanager
def refusals(path: Path) -> Iterator[None]:
    """Turn system errors into our errors, with the system's words; FileNotFoundError passes unchanged."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> TrustedLakeError:
    """Turn a system error into our error; it names `path` if the error itself names no file."""
    if error.errno == errno.EXDEV:
        return ConfigError(
            f"can't rename {error.filename} to {error.filename2}: they are on different file systems",
            hint="keep the lake's state on the file system of Trusted and Quarantine: files are renamed, never copied",
        )
    hint = _HINTS.get(error.errno or 0, "make the path readable and writable for this user, then run again")
    # The system's own words: a library may have replaced the message.
    words = os.strerror(error.errno) if error.errno else str(error)
    named = str(error.filename or "")
    told = named if named.startswith("/") else path  # calls relative to an open folder report only the name
    return InputError(f"{told}: {words}", hint=hint)


def stat_file(path: Path) -> os.stat_result | None:
    """Return the stat of a regular file; None if there is no such file."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def flush(path: str | Path) -> None:
    """Wait until the file's bytes, or the folder's names, are on disk; do nothing if it doesn't exist."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        sync(handle)
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Flush `folder` and all files and folders below it."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            flush(f"{place}/{name}")
        flush(place)


def persistently(action: Callable[[], Result]) -> Result:
    """Run an action that creates a folder and something in it; repeat it if someone removes the empty folder first."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):
            return action()
    return action()


@contextmanager
def temporary(folder: Spot, data: bytes) -> Iterator[tuple[int, str]]:
    """Write `data` to a new file, durably; yield its open folder and its name. On exit remove it unless renamed."""
    name = f"{TEMPORARY}{uuid.uuid4().hex}"
    with ExitStack() as opened:

        def write() -> int:
            folder.make()
            above = opened.enter_context(folder.opened())
            with os.fdopen(os.open(name, _NEW, 0o666, dir_fd=above), "wb") as out:
                opened.callback(_drop, name, above)
                out.write(data)
                out.flush()
                # The kernel's file times only advance every 4 ms or so, and inodes are reused. Two files written
                # within one tick could get equal tags, so we set a finer time ourselves.
                stamp(out.fileno(), time.time_ns())
                os.fsync(out.fileno())
            return above

        yield persistently(write), name


def stamp(file: int, time_ns: int) -> None:
    """Set the modification time of the open file."""
    os.utime(file, ns=(time_ns, time_ns))


def _drop(name: str, above: int) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=above)


def tidy(folder: Spot, before: float, *, folders: bool) -> None:
    """Remove half-written files below `folder` that are older than `before` (seconds since 1970), as far as allowed.

    With `folders`, also remove empty folders of that age. Links are not followed.
    """
    with suppress(OSError, LinkError), folder.opened() as handle, os.scandir(handle) as scan:
        for entry in list(scan):
            half_written = entry.name.startswith(TEMPORARY)
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    old = folders and _is_older(entry, before)  # check first: removing its content changes the time
                    tidy(Spot(folder.anchor, (*folder.parts, entry.name)), before, folders=folders)
                    if old:
                        os.rmdir(entry.name, dir_fd=handle)  # refused unless it is empty
                elif half_written and _is_older(entry, before):
                    os.unlink(entry.name, dir_fd=handle)


def _is_older(entry: os.DirEntry[str], moment: float) -> bool:
    return entry.stat(follow_symlinks=False).st_mtime < moment


@contextmanager
def locked(path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock file against other threads and processes. Neither the file nor its folder may be a link.

    Raises:
        LinkError: one of them is a link.
        RetriableError: someone else held the lock for `wait_s` seconds.
    """
    handle = persistently(lambda: _open_lock(path))
    try:
        _wait_for(handle, path, wait_s)
        try:
            yield
        finally:
            # A child process forked in between shares the lock, so closing alone would leave it locked.
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _open_lock(path: Path) -> int:
    lock = Spot(path.parent.parent, (path.parent.name, path.name))
    lock.folder.make()
    with lock.folder.opened() as above:
        lock.refuse_link(above)
        return os.open(lock.name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666, dir_fd=above)


def _wait_for(handle: int, path: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise RetriableError(
                    f"{path}: another process has held this lock for {wait_s:g} s",
                    hint="it may be paused or stuck; end it or let it finish, then run again",
                ) from None
            time.sleep(_POLL_S)
        else:
            return
