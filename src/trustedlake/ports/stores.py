"""The store that holds a lake: a folder or a bucket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object in a store.

    Attributes:
        key: its name, relative to the store's root, parts separated by `/`.
        size: bytes.
        tag: changes whenever the object is written again.
        touched: changes whenever the bytes may have become others, also past the tag: a file that is edited in place
            and given its old time. Empty where the tag alone says it.
        link: in a list, the link on the way to it that leads out of the lake, and where to; empty if none does.
    """

    key: str
    size: int
    tag: str
    touched: str = ""
    link: str = field(default="", compare=False)

    @property
    def version(self) -> str:
        """As long as it is the same the bytes are; to remember. A tag in conditions, which do not look at `touched`."""
        return f"{self.tag}-{self.touched}" if self.touched else self.tag


class ObjectStore(Protocol):
    """Whole objects under keys: a folder or a bucket.

    Every write is whole or absent: no reader and no crash ever sees half an object.
    Raises InputError or FatalRemoteError where the medium refuses (disk full, read-only, no rights),
    naming the key and what the system said. Nothing is written, moved or removed through a link.
    """

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below the folder `prefix`, at any depth, in byte order of their keys.

        Empty when there is no such folder. Half-written objects are not listed.
        """
        ...

    def folders(self, prefix: str) -> Sequence[str]:
        """Names of the folders right below the folder `prefix` (empty: the root), sorted; hidden ones too."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size and tag, None if there is none."""
        ...

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises FileNotFoundError."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable binary stream, for large ones. Raises FileNotFoundError."""
        ...

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` durably, whole or not at all, and return its tag.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs, or `if_absent` and the key
                exists: someone else wrote first.
        """
        ...

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Make the staged object `source` the object `target` in one step; return the new version.

        `replaces` is the tag, or version, that `target` must have; None: it must not exist.

        Raises:
            ConflictError: the target is not what `replaces` says.
            FileNotFoundError: there is no `source`.
        """
        ...

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; none there is fine.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        ...

    def discard(self, prefix: str) -> None:
        """Remove all that lies below the folder `prefix`, half-written objects too; none there is fine.

        Not one step: cut half-way, some of it may be left.
        """
        ...

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Remove objects below the folder `prefix` whose writing was cut so long ago that nobody goes on with it.

        As far as that is allowed: nobody sees them. With `folders` empty folders of that age go, too.
        Nothing to do where a store has no such thing, or its own rules for it.
        """
        ...

    def sync(self, prefixes: Iterable[str]) -> None:
        """Make the names in these folders (moves, deletes) survive a power cut."""
        ...

    def workspace(self, prefix: str) -> AbstractContextManager[Path]:
        """A local folder to write files into; on a clean exit they are objects below `prefix`, durable.

        On an exception nothing appears in a remote store; a local one may keep the folder for the sweep.
        """
        ...

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """The object as a local file to read, for as long as the context lasts. Raises FileNotFoundError."""
        ...

    def address(self, key: str) -> str:
        """How a user would name the object: an absolute path, or `s3://bucket/key`."""
        ...

    def now(self) -> datetime:
        """The time (UTC) by which deadlines in this store go."""
        ...
