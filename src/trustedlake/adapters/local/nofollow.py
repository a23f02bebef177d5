"""Reaches files below a folder one name at a time, so that it follows no link on the way.

If we checked a path and then used it, someone could put a link there in between. So we open each folder by its name
in its open parent (`O_NOFOLLOW`), and we use each file by its name in the open folder.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class LinkError(InputError):
    """There is a link where this program writes."""

    def __init__(self, link: Path) -> None:
        super().__init__(
            f"{link} is a link (to {_leads_to(link)}): trustedlake does not write through links",
            hint="put a real folder or file in its place, or remove the link; Raw may have links, and so may"
            " the folders above the lake",
        )


@dataclass(frozen=True, slots=True)
class Spot:
    """A file or folder below an anchor.

    Attributes:
        anchor: a folder that the user named; links on the way to it are the user's choice.
        parts: the names from there on; none of them may be a link.
    """

    anchor: Path
    parts: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Return the path."""
        return self.anchor.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """Return the last name; empty for the anchor itself."""
        return self.parts[-1] if self.parts else ""

    @property
    def folder(self) -> Spot:
        """Return the parent folder."""
        return Spot(self.anchor, self.parts[:-1])

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Open this folder.

        Raises:
            LinkError: it is a link, or a folder on the way is.
            FileNotFoundError, NotADirectoryError: there is no such folder.
        """
        handle = os.open(self.anchor, _FOLDER)
        try:
            for number, name in enumerate(self.parts):
                inner = self._step(handle, number, name)
                os.close(handle)
                handle = inner
            yield handle
        finally:
            os.close(handle)

    def make(self) -> None:
        """Create the folder and its parents, durably. Raises the errors of `opened`."""
        with suppress(FileNotFoundError, NotADirectoryError), self.opened():
            return
        if not self.parts:
            _make_anchor(self.anchor)
            return
        self.folder.make()
        with self.folder.opened() as above:
            try:
                os.mkdir(self.name, dir_fd=above)
            except FileExistsError:
                if not stat.S_ISDIR(os.stat(self.name, dir_fd=above, follow_symlinks=False).st_mode):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(self.path)) from None
            sync(above)

    def stat(self) -> os.stat_result | None:
        """Return the stat of the regular file here; None if there is no such file. Raises LinkError."""
        try:
            with self.folder.opened() as above:
                self.refuse_link(above)
                found = os.stat(self.name, dir_fd=above, follow_symlinks=False)
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found if stat.S_ISREG(found.st_mode) else None

    def refuse_links(self) -> None:
        """Check each name on the way, and the last one. Raises LinkError."""
        with suppress(FileNotFoundError, NotADirectoryError), self.folder.opened() as above:
            self.refuse_link(above)

    def refuse_link(self, above: int) -> None:
        """Check the last name, in its open folder. Raises LinkError."""
        with suppress(FileNotFoundError):
            if self.parts and stat.S_ISLNK(os.stat(self.name, dir_fd=above, follow_symlinks=False).st_mode):
                raise LinkError(self.path)

    def prune(self) -> None:
        """Remove this folder and its parents, up to the anchor, as long as they are empty."""
        place = self
        while place.parts:
            try:
                with place.folder.opened() as above:
                    os.rmdir(place.name, dir_fd=above)
            except (OSError, LinkError):
                return
            place = place.folder

    def discard(self) -> None:
        """Remove the folder and everything below it, links too, but not their targets; do nothing if there is none.

        Raises:
            LinkError: it is a link, or a folder on the way is.
        """
        while True:
            try:
                with self.folder.opened() as above:
                    self.refuse_link(above)
                    if not stat.S_ISDIR(os.stat(self.name, dir_fd=above, follow_symlinks=False).st_mode):
                        return
                    shutil.rmtree(self.name, dir_fd=above)
                    return
            except (FileNotFoundError, NotADirectoryError):
                if not self.path.is_dir():
                    return  # otherwise another process is removing it at the same time: try again

    def _step(self, handle: int, number: int, name: str) -> int:
        path = self.anchor.joinpath(*self.parts[: number + 1])
        try:
            return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=handle)
        except OSError as error:
            # Systems report a link differently: ELOOP, ENOTDIR, EMLINK.
            Spot(path.parent, (name,)).refuse_link(handle)
            error.filename = str(path)
            raise


def sync(handle: int) -> None:
    """Wait until the names in the open folder are on disk, if the file system supports that."""
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in NO_FSYNC:
            raise


NO_FSYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF}
"""Errors of network folders that can't be flushed."""


def _make_anchor(folder: Path) -> None:
    """Create a folder that the user named, and its parents; links on the way are the user's choice."""
    if folder.is_dir():
        return
    _make_anchor(folder.parent)
    folder.mkdir(exist_ok=True)
    handle = os.open(folder.parent, _FOLDER)
    try:
        sync(handle)
    finally:
        os.close(handle)


def _leads_to(link: Path) -> str:
    try:
        return str(link.readlink())
    except OSError:
        return "?"
