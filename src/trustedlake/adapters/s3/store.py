"""A prefix of a bucket as an object store, on boto3."""

from __future__ import annotations

import copy
import errno
import io
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from trustedlake.adapters.local import disk
from trustedlake.adapters.s3.client import StoreClock, only_if
from trustedlake.adapters.s3.s3_errors import conflict, refusals
from trustedlake.adapters.s3.transfer import Transfers, delete_all, drop_uploads, tag_of
from trustedlake.errors import ConflictError, FatalRemoteError
from trustedlake.ports import ObjectInfo, tag_if_stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from trustedlake.ports import Clock

UPLOADS = 8
"""Files sent in parallel."""

_IN_MEMORY = 8 << 20
_NAMES_OF_FOLDERS = {"", ".", ".."}


class S3Store:
    """Objects below a prefix of a bucket. Safe to share between threads.

    A tag is the ETag: different content always has a different tag; the same content may get the same tag again.
    Keys are taken literally. A condition is sent with the PUT, or with the completion of a multipart upload, so it
    holds against every writer. A conditional `delete` does not: it is a check followed by a separate request.
    Consoles and Hadoop create empty objects that end with `/` as folders; we ignore them.

    Args:
        transfers: send and fetch the bucket's objects; their client is not shared with another store.
        prefix: all keys are below it; empty for the whole bucket.
        clock: measures the time since the last answer.
    """

    def __init__(self, transfers: Transfers, prefix: str, clock: Clock) -> None:
        self._transfers = transfers
        self._client, self._bucket = transfers.client, transfers.bucket
        self._root = f"{prefix}/" if prefix else ""
        self._clock = StoreClock(self._client, clock)

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """List all objects below the folder `prefix`, in byte order of their keys."""
        found = [
            _info(key, about)
            for key, about in self._listed(prefix)
            if not (about["Key"].endswith("/") and not about["Size"])
        ]
        return sorted(found, key=lambda info: info.key.encode())  # directory buckets list in no order

    def files(self, prefix: str) -> Sequence[ObjectInfo]:
        """List the objects directly below the folder `prefix`, in byte order of their keys."""
        listed = self._listed(prefix, Delimiter="/")
        found = [_info(key, about) for key, about in listed if not about["Key"].endswith("/")]
        return sorted(found, key=lambda info: info.key.encode())

    def has_any(self, prefix: str) -> bool:
        """Return whether the folder `prefix` holds anything; this one request also tests the access rights."""
        with self._refusals(prefix):
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._folder(prefix), MaxKeys=1)
        return bool(page.get("Contents"))

    def folders(self, prefix: str) -> Sequence[str]:
        """Return the names of the folders directly below the folder `prefix`, sorted."""
        top = self._folder(prefix)
        names: list[str] = []
        with self._refusals(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=top, Delimiter="/"):
                found = (one["Prefix"].removeprefix(top) for one in page.get("CommonPrefixes", ()))
                names += [name.removesuffix("/") for name in found]
        return sorted(names)

    def head(self, key: str) -> ObjectInfo | None:
        """Return the object's size and tag, or None if there is no such object."""
        try:
            with self._refusals(key):
                found = self._client.head_object(Bucket=self._bucket, Key=self._root + key)
        except FileNotFoundError:
            return None
        return ObjectInfo(key, found["ContentLength"], tag_of(found), modified=_modified(found))

    def read(self, key: str) -> bytes:
        """Return the object's bytes. Raises FileNotFoundError."""
        data = io.BytesIO()
        self._fetch(key, data)
        return data.getvalue()

    def open(self, key: str) -> BinaryIO:
        """Open a copy of the object as a seekable binary stream; large copies go to disk. Raises FileNotFoundError."""
        copy = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - the caller closes it
        try:
            with disk.refusals(Path(tempfile.gettempdir())):
                self._fetch(key, copy)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data`, whole or not at all, and return its tag.

        Raises:
            ConflictError: the condition does not hold.
        """
        try:
            with self._refusals(key), only_if(match=if_match, absent=if_absent):
                return self._transfers.send(self._root + key, data)
        except FileNotFoundError as error:
            raise conflict(self.address(key)) from error  # `if_match` for an object that is gone
        except ConflictError as error:
            # boto3 repeats a request if the answer is lost; the repetition then meets the object we just wrote.
            if not _was_repeated(error) or (found := tag_if_stored(self, key, data)) is None:
                raise
            return found

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Write the bytes of `source` to `target` under the condition, then remove `source`; return the new tag.

        If it stops in between, both objects exist with the same bytes. Running it again finds the target done.

        Raises:
            ConflictError: the target is not the version that `replaces` names.
            FileNotFoundError: there is no `source`.
        """
        staged = self.head(source)
        if staged is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.address(source))
        staged = replace(staged, key=self._root + source)
        try:
            with self._refusals(target):
                copied, tag = self._transfers.copy(staged, self._root + target, replaces=replaces)
        except FileNotFoundError as error:
            if self.head(source) is None:
                raise
            raise conflict(self.address(target)) from error
        with suppress(ConflictError):  # if someone has written another file there since, we must not remove it
            self.delete(source, if_match=copied)
        return tag

    def in_parts(self, least: int = 1) -> S3Store:
        """Return the same store, but objects of `least` bytes or more are sent as multipart uploads."""
        other = copy.copy(self)
        other._transfers = self._transfers.in_parts(least)
        return other

    def drops(self, key: str) -> bool:
        """Begin a multipart upload and abort it; return whether nothing of it is left."""
        with self._refusals(key):
            return self._transfers.drop(self._root + key)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; do nothing if there is none.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        if if_match is not None:
            found = self.head(key)
            if found is None:
                return
            if found.tag != if_match:
                raise conflict(self.address(key))
        with self._refusals(key), suppress(FileNotFoundError):
            self._client.delete_object(Bucket=self._bucket, Key=self._root + key)

    def discard(self, prefix: str) -> None:
        """Remove everything below the folder `prefix`, multipart uploads too; do nothing if there is none."""
        with self._refusals(prefix):
            delete_all(self._client, self._bucket, self._folder(prefix))
        drop_uploads(self._client, self._bucket, self._folder(prefix))

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Do nothing: the bucket's lifecycle rule removes unfinished multipart uploads."""

    def sync(self, prefixes: Iterable[str]) -> None:
        """Do nothing: when the store answers, the write is durable."""

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """Yield a temporary folder; on a clean exit, send its files to keys below `prefix`, several in parallel."""
        with tempfile.TemporaryDirectory(prefix="trustedlake-") as name:
            folder = Path(name)
            yield folder
            self._send_all(sorted(path for path in folder.rglob("*") if path.is_file()), folder, prefix)

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """Yield a copy in a temporary folder, with the last part of the key as its name. Raises FileNotFoundError."""
        name = key.rpartition("/")[2]
        with tempfile.TemporaryDirectory(prefix="trustedlake-") as folder:
            path = Path(folder) / ("object" if name in _NAMES_OF_FOLDERS else name)
            with disk.refusals(path), path.open("wb") as out:
                self._fetch(key, out)
            yield path

    def address(self, key: str) -> str:
        """Return `s3://bucket/key`."""
        return f"s3://{self._bucket}/{self._root}{key}" if key else f"s3://{self._bucket}/{self._root}".rstrip("/")

    def now(self) -> datetime:
        """Return the time by the store's clock, in UTC, accurate to the second."""
        told = self._clock.now()
        if told is None:
            self.has_any("")
            told = self._clock.now()
        if told is None:
            raise FatalRemoteError(
                f"{self.address('')}: the store's answers have no Date header",
                hint="does AWS_ENDPOINT_URL_S3 name an S3 store?",
            )
        return told

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _folder(self, prefix: str) -> str:
        return f"{self._root}{prefix}/" if prefix else self._root

    def _listed(self, prefix: str, **options: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield keys below the root with what the store says about them; includes folder markers."""
        with self._refusals(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._folder(prefix), **options):
                for about in page.get("Contents", ()):
                    yield about["Key"].removeprefix(self._root), about

    def _fetch(self, key: str, out: BinaryIO) -> None:
        with self._refusals(key):
            self._transfers.fetch(self._root + key, out)

    def _send_all(self, files: Iterable[Path], folder: Path, prefix: str) -> None:
        """Send the folder's files to keys below `prefix`, several in parallel."""
        with ThreadPoolExecutor(UPLOADS) as pool:
            sent = [
                pool.submit(self._send_file, f"{prefix}/{path.relative_to(folder).as_posix()}", path) for path in files
            ]
            try:
                for one in sent:
                    one.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _send_file(self, key: str, path: Path) -> None:
        with self._refusals(key):
            self._transfers.send_file(self._root + key, path)

    def _refusals(self, key: str) -> AbstractContextManager[None]:
        return refusals(self.address(key), self._client.meta.endpoint_url)


def _info(key: str, about: Mapping[str, Any]) -> ObjectInfo:
    return ObjectInfo(key, about["Size"], tag_of(about), modified=_modified(about))


def _modified(about: Mapping[str, Any]) -> float:
    return float(about["LastModified"].timestamp()) if "LastModified" in about else 0.0


def _was_repeated(error: ConflictError) -> bool:
    """Return whether boto3 sent the refused request more than once."""
    response = getattr(error.__cause__, "response", {})
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))
