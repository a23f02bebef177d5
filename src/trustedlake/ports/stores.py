"""The port for the store that holds a lake: a folder or a bucket."""

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
        key: its name, relative to the store's root; parts are separated by `/`.
        size: bytes.
        tag: changes whenever the object is written again.
        touched: changes whenever the bytes may have changed, even if the tag did not: a file that was edited in place
            and given its old time. Empty if the tag alone is enough.
        link: in a listing, the symbolic link in its path that leads out of the lake, and its target; empty if there is
            none.
        modified: when it was last written, in seconds since 1970 (UTC); a copy may have the time of its original.
    """

    key: str
    size: int
    tag: str
    touched: str = ""
    link: str = field(default="", compare=False)
    modified: float = field(default=0.0, compare=False)

    @property
    def version(self) -> str:
        """Tells whether the bytes changed: same version, same bytes. Conditions compare tags and ignore `touched`."""
        return f"{self.tag}-{self.touched}" if self.touched else self.tag


class ObjectStore(Protocol):
    """Stores whole objects under keys, in a folder or a bucket.

    Every write is whole or absent: no reader and no crash ever sees half an object.
    Raises InputError or FatalRemoteError if the medium refuses (disk full, read-only, no permission); the message
    names the key and quotes the system's error. Never writes, moves or removes anything through a link.
    """

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """List all objects below the folder `prefix`, at any depth, in byte order of their keys.

        Returns nothing if the folder doesn't exist. Half-written objects are not listed.
        """
        ...

    def folders(self, prefix: str) -> Sequence[str]:
        """Return the names of the folders directly in `prefix` (empty: the root), sorted, hidden ones too."""
        ...

    def files(self, prefix: str) -> Sequence[ObjectInfo]:
        """List the objects directly in the folder `prefix` (empty: the root), in byte order of their keys."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """Return the object's size and tag; None if it doesn't exist."""
        ...

    def read(self, key: str) -> bytes:
        """Return the object's bytes. Raises FileNotFoundError."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Open a large object as a seekable binary stream. Raises FileNotFoundError."""
        ...

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` durably, whole or not at all, and return its tag.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs, or `if_absent` and the key
                exists: someone else wrote first.
        """
        ...

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Turn the staged object `source` into the object `target` in one step; return the new version.

        `replaces`: the tag or version that `target` must have; None: it must not exist.

        Raises:
            ConflictError: `replaces` doesn't match the target.
            FileNotFoundError: `source` doesn't exist.
        """
        ...

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; do nothing if it doesn't exist.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        ...

    def discard(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`, including half-written objects; do nothing if it doesn't exist.

        This is not atomic: an interruption may leave some objects.
        """
        ...

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Remove half-written objects below the folder `prefix` that are older than `older_than`.

        Nobody will finish them. Failures are ignored, because nobody sees these objects. With `folders`, also removes
        empty folders of that age. Does nothing if the store has no half-written objects or cleans up by itself.
        """
        ...

    def sync(self, prefixes: Iterable[str]) -> None:
        """Make the names in these folders (moves, deletes) survive a power cut."""
        ...

    def workspace(self, prefix: str) -> AbstractContextManager[Path]:
        """Yield a local folder to write files into; on a clean exit they become durable objects below `prefix`.

        After an exception nothing appears in a remote store; a local store may keep the folder for a later clean-up.
        """
        ...

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """Yield the object as a local file to read, while the context lasts. Raises FileNotFoundError."""
        ...

    def address(self, key: str) -> str:
        """Return the user's name for the object: an absolute path, or `s3://bucket/key`."""
        ...

    def now(self) -> datetime:
        """Return the store's current time (UTC); deadlines in this store refer to it."""
        ...


def tag_if_stored(store: ObjectStore, key: str, data: bytes) -> str | None:
    """Return the tag of the object if it holds exactly these bytes, as after a write whose answer was lost."""
    found = store.head(key)
    try:
        return found.tag if found is not None and store.read(key) == data else None
    except FileNotFoundError:
        return None
