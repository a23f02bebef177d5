"""Objects in memory: the smallest honest implementation of the store port, for tests and trials."""

from __future__ import annotations

import errno
import io
import os
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from trustedlake.errors import ConflictError
from trustedlake.ports import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime, timedelta

    from trustedlake.ports import Clock


class MemoryStore:
    """Objects of this process; a tag is never used twice. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._objects: dict[str, tuple[bytes, str, float]] = {}
        self._writes = 0
        self._lock = threading.RLock()

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """List all objects below the folder `prefix`, in byte order of their keys."""
        below = f"{prefix}/" if prefix else ""
        with self._lock:
            return [
                ObjectInfo(key, len(data), tag, modified=modified)
                for key, (data, tag, modified) in sorted(self._objects.items())
                if key.startswith(below)
            ]

    def folders(self, prefix: str) -> Sequence[str]:
        """Return the names of the folders directly below the folder `prefix`, sorted."""
        below = f"{prefix}/" if prefix else ""
        names = (info.key.removeprefix(below).partition("/") for info in self.list(prefix))
        return sorted({name for name, slash, _ in names if slash})

    def files(self, prefix: str) -> Sequence[ObjectInfo]:
        """List the objects directly in the folder `prefix`, in byte order of their keys."""
        below = f"{prefix}/" if prefix else ""
        return [info for info in self.list(prefix) if "/" not in info.key.removeprefix(below)]

    def head(self, key: str) -> ObjectInfo | None:
        """Return the object's size and tag, or None if there is no such object."""
        with self._lock:
            if key not in self._objects:
                return None
            data, tag, modified = self._objects[key]
            return ObjectInfo(key, len(data), tag, modified=modified)

    def read(self, key: str) -> bytes:
        """Return the object's bytes. Raises FileNotFoundError."""
        with self._lock:
            if key not in self._objects:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.address(key))
            return self._objects[key][0]

    def open(self, key: str) -> BinaryIO:
        """Open the object as a seekable binary stream. Raises FileNotFoundError."""
        return io.BytesIO(self.read(key))

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` and return its tag.

        Raises:
            ConflictError: the condition does not hold.
        """
        with self._lock:
            if if_match is not None or if_absent:
                self._check(key, if_match)
            self._writes += 1
            self._objects[key] = (data, f"v{self._writes}", self._clock.now().timestamp())
            return self._objects[key][1]

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Rename the object `source` to `target`; return the new tag.

        Raises:
            ConflictError: the target is not the version that `replaces` names.
            FileNotFoundError: there is no `source`.
        """
        with self._lock:
            data = self.read(source)
            self._check(target, replaces)
            del self._objects[source]
            return self.put(target, data)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; do nothing if there is none.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        with self._lock:
            if key in self._objects and if_match is not None:
                self._check(key, if_match)
            self._objects.pop(key, None)

    def discard(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`; do nothing if there is none."""
        with self._lock:
            for info in self.list(prefix):
                del self._objects[info.key]

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Do nothing: an object is complete or does not exist."""

    def sync(self, prefixes: Iterable[str]) -> None:
        """Do nothing: memory does not survive a power cut anyway."""

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """Yield a temporary folder; on a clean exit its files become objects below `prefix`."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            yield folder
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """Yield a copy in a temporary folder. Raises FileNotFoundError."""
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / key.rpartition("/")[2]
            path.write_bytes(self.read(key))
            yield path

    def address(self, key: str) -> str:
        """Return the key as an absolute path."""
        return f"/{key}"

    def now(self) -> datetime:
        """Return the time of the given clock."""
        return self._clock.now()

    def _check(self, key: str, tag: str | None) -> None:
        stored = self._objects.get(key)
        if (None if stored is None else stored[1]) != tag:
            raise ConflictError(f"{self.address(key)}: someone else wrote it first", hint="run again")
