"""Files that survive a power cut, a lock between processes, and the system's refusals as sentences."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from trustedlake.errors import ConfigError, InputError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Result = TypeVar("Result")

TEMPORARY = ".tmp-trustedlake-"
"""How the name of a half-written file begins; Spark ignores such names, too."""

_NO_FSYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}  # some network folders can't be flushed
_ATTEMPTS = 20
_POLL_S = 0.002
_FULL = "the disk is full: free some space there, then run again"
_CLOSED = "the folder is read-only or not yours: give this user the right to it, or choose another folder"
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
    """Turn the system's refusals into our errors, with its words; FileNotFoundError passes."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise refusal(path, error) from error


def refusal(path: Path, error: OSError) -> TrustedLakeError:
    """The system's refusal as our error; `path` is named if the error names none."""
    if error.errno == errno.EXDEV:
        return ConfigError(
            f"{error.filename} can't be renamed to {error.filename2}: they lie on different file systems",
            hint="keep the lake's state on the file system of Trusted and Quarantine: files are renamed, never copied",
        )
    hint = _HINTS.get(error.errno or 0, "make the path readable and writable for this user, then run again")
    # The system's own words: a library may have put others in their place.
    words = os.strerror(error.errno) if error.errno else str(error)
    return InputError(f"{error.filename or path}: {words}", hint=hint)


def stat_file(path: Path) -> os.stat_result | None:
    """What the system knows of a regular file; None if there is none."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def flush(path: str | Path) -> None:
    """Wait until the file's bytes, or the folder's names, are on the disk; a missing one is fine."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FSYNC:
            raise
    finally:
        os.close(handle)


def flush_tree(folder: Path) -> None:
    """Flush all files and folders below `folder`, and itself."""
    for place, _, names in os.walk(folder, topdown=False):
        for name in names:
            flush(f"{place}/{name}")
        flush(place)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it, durably."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush(folder.parent)


def persistently(action: Callable[[], Result]) -> Result:
    """Do what makes a folder and something in it; again if someone removes the folder, being empty, in between."""
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError, FileExistsError):
            return action()
    return action()


@contextmanager
def temporary(folder: Path, data: bytes) -> Iterator[Path]:
    """A new file in `folder` with `data`, on the disk; removed on exit unless it was renamed."""
    path = folder / f"{TEMPORARY}{uuid.uuid4().hex}"

    def write() -> None:
        make_folder(folder)
        with path.open("xb") as out:
            out.write(data)
            out.flush()
            # The kernel stamps files by its tick (about 4 ms) and inodes are reused: of two files written
            # within one tick the tags could be equal. The stamp we set is finer.
            stamp(path, time.time_ns())
            os.fsync(out.fileno())

    try:
        persistently(write)
        yield path
    finally:
        with suppress(OSError):
            path.unlink()


def stamp(path: Path, time_ns: int) -> None:
    """Set the file's time of modification."""
    os.utime(path, ns=(time_ns, time_ns))


def prune(folder: Path, root: Path) -> None:
    """Remove `folder` and those above it, up to `root`, as far as they are empty."""
    while folder != root and folder.is_relative_to(root):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def tidy(folder: Path, before: float, *, folders: bool) -> None:
    """Remove half-written files below `folder` that are older than the moment `before`, as far as that is allowed.

    With `folders` empty folders of that age go, too. Links are not followed.
    """
    with suppress(OSError), os.scandir(folder) as scan:
        for entry in list(scan):
            half_written = entry.name.startswith(TEMPORARY)
            with suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    old = folders and _is_older(entry, before)  # asked before what lies in it goes
                    tidy(Path(entry.path), before, folders=folders)
                    if old:
                        Path(entry.path).rmdir()  # refused unless it is empty
                elif half_written and _is_older(entry, before):
                    Path(entry.path).unlink()


def _is_older(entry: os.DirEntry[str], moment: float) -> bool:
    return entry.stat(follow_symlinks=False).st_mtime < moment


@contextmanager
def locked(path: Path, wait_s: float) -> Iterator[None]:
    """Hold the lock file, against other threads and other processes.

    Raises:
        RetriableError: someone else held it for `wait_s` seconds.
    """
    handle = persistently(lambda: _open_lock(path))
    try:
        _wait_for(handle, path, wait_s)
        try:
            yield
        finally:
            # A child forked meanwhile shares the lock; closing alone would leave it locked.
            fcntl.flock(handle, fcntl.LOCK_UN)
    finally:
        os.close(handle)


def _open_lock(path: Path) -> int:
    make_folder(path.parent)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


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
