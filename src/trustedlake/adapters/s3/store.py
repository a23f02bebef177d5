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
from trustedlake.adapters.s3.refusals import conflict, refusals
from trustedlake.adapters.s3.transfer import MULTIPART_BYTES, Transfers, delete_all, drop_uploads, tag_of
from trustedlake.errors import ConflictError, FatalRemoteError
from trustedlake.ports import ObjectInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime, timedelta

    from trustedlake.adapters.meter import Meter
    from trustedlake.adapters.s3.client import S3Client
    from trustedlake.ports import Clock

UPLOADS = 8
"""Files sent at once."""

_IN_MEMORY = 8 << 20
_NAMES_OF_FOLDERS = {"", ".", ".."}


class S3Store:
    """Objects below a prefix of a bucket. Safe to share between threads.

    A tag is the ETag: another content has another tag, the same content again may have the same one.
    Keys are taken literally. A condition goes with the PUT, or with the completion of an upload in parts,
    so it holds against every writer; a conditional `delete` is a look and a request, and does not.
    The empty objects with a `/` at their end, which consoles and Hadoop make for folders, are no objects here.

    Args:
        bucket: its name.
        prefix: what all keys lie below; empty for the whole bucket.
        client: as `trustedlake.adapters.s3.client.make_client` gives it; no other store's.
        clock: measures the time between two answers.
        encryption: parameters of each write: `ServerSideEncryption`, `SSEKMSKeyId`.
        multipart_bytes: from this size on objects go in parts.
        meter: counts what is fetched and sent.
    """

    def __init__(
        self,
        bucket: str,
        prefix: str,
        client: S3Client,
        clock: Clock,
        *,
        encryption: Mapping[str, str] | None = None,
        multipart_bytes: int = MULTIPART_BYTES,
        meter: Meter | None = None,
    ) -> None:
        self._bucket = bucket
        self._root = f"{prefix}/" if prefix else ""
        self._client = client
        self._clock = StoreClock(client, clock)
        self._encryption = dict(encryption or {})
        self._transfers = Transfers(
            client, bucket, encryption=self._encryption, multipart_bytes=multipart_bytes, meter=meter
        )

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below the folder `prefix`, in byte order of their keys."""
        found = [
            ObjectInfo(key, about["Size"], tag_of(about))
            for key, about in self._listed(prefix)
            if not (about["Key"].endswith("/") and not about["Size"])
        ]
        return sorted(found, key=lambda info: info.key.encode())  # directory buckets list in no order

    def has_any(self, prefix: str) -> bool:
        """Whether anything lies below the folder `prefix`: one request, which finds out too whether one may ask."""
        with self._refusals(prefix):
            page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._folder(prefix), MaxKeys=1)
        return bool(page.get("Contents"))

    def folders(self, prefix: str) -> Sequence[str]:
        """Names of the folders right below the folder `prefix`, sorted."""
        top = self._folder(prefix)
        names: list[str] = []
        with self._refusals(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=top, Delimiter="/"):
                found = (one["Prefix"].removeprefix(top) for one in page.get("CommonPrefixes", ()))
                names += [name.removesuffix("/") for name in found]
        return sorted(names)

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size and tag, None if there is none."""
        try:
            with self._refusals(key):
                found = self._client.head_object(Bucket=self._bucket, Key=self._root + key)
        except FileNotFoundError:
            return None
        return ObjectInfo(key, found["ContentLength"], tag_of(found))

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises FileNotFoundError."""
        data = io.BytesIO()
        self._fetch(key, data)
        return data.getvalue()

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable binary stream: a copy, a large one on the disk. Raises FileNotFoundError."""
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
            raise conflict(self.address(key)) from error  # `if_match` of an object that is gone
        except ConflictError as error:
            # boto3 repeats a request whose answer was lost; the repetition then meets our own object.
            if not _was_repeated(error) or (found := self._same(key, data)) is None:
                raise
            return found

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Store the bytes of `source` as `target` under the condition, then remove `source`; return the new tag.

        Cut in between, both are there, with the same bytes: doing it again meets a target that is done.

        Raises:
            ConflictError: the target is not what `replaces` says.
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
        with suppress(ConflictError):  # someone wrote another file there meanwhile, which is not ours to remove
            self.delete(source, if_match=copied)
        return tag

    def in_parts(self, least: int = 1) -> S3Store:
        """The same store, sending objects of so many bytes or more in parts."""
        other = copy.copy(self)
        other._transfers = self._transfers.in_parts(least)
        return other

    def drops(self, key: str) -> bool:
        """Begin an object in parts and drop it; whether nothing of it is left."""
        with self._refusals(key):
            return self._transfers.drop(self._root + key)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; none there is fine.

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
        """Remove all that lies below the folder `prefix`, uploads in parts too; none there is fine."""
        with self._refusals(prefix):
            delete_all(self._client, self._bucket, self._folder(prefix))
        drop_uploads(self._client, self._bucket, self._folder(prefix))

    def tidy(self, prefix: str, *, older_than: timedelta, folders: bool = False) -> None:
        """Nothing to do: uploads in parts that nobody finished go by the bucket's lifecycle rule."""

    def sync(self, prefixes: Iterable[str]) -> None:
        """Nothing to do: an answer means that it is durable."""

    @contextmanager
    def workspace(self, prefix: str) -> Iterator[Path]:
        """A temporary folder; on a clean exit its files become objects below `prefix`, several at once."""
        with tempfile.TemporaryDirectory(prefix="trustedlake-") as name:
            folder = Path(name)
            yield folder
            self._send_all(sorted(path for path in folder.rglob("*") if path.is_file()), folder, prefix)

    @contextmanager
    def local_file(self, key: str) -> Iterator[Path]:
        """A copy in a temporary folder, under the object's own last name. Raises FileNotFoundError."""
        name = key.rpartition("/")[2]
        with tempfile.TemporaryDirectory(prefix="trustedlake-") as folder:
            path = Path(folder) / ("object" if name in _NAMES_OF_FOLDERS else name)
            with disk.refusals(path), path.open("wb") as out:
                self._fetch(key, out)
            yield path

    def address(self, key: str) -> str:
        """`s3://bucket/key`."""
        return f"s3://{self._bucket}/{self._root}{key}" if key else f"s3://{self._bucket}/{self._root}".rstrip("/")

    def now(self) -> datetime:
        """The time by the store's clock, UTC, to the second."""
        told = self._clock.now()
        if told is None:
            self.has_any("")
            told = self._clock.now()
        if told is None:
            raise FatalRemoteError(
                f"{self.address('')}: the store's answers have no Date", hint="is AWS_ENDPOINT_URL_S3 that of an S3?"
            )
        return told

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _folder(self, prefix: str) -> str:
        return f"{self._root}{prefix}/" if prefix else self._root

    def _listed(self, prefix: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Key below the root, and what the store says of it; folder markers too."""
        with self._refusals(prefix):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._folder(prefix)):
                for about in page.get("Contents", ()):
                    yield about["Key"].removeprefix(self._root), about

    def _fetch(self, key: str, out: BinaryIO) -> None:
        with self._refusals(key):
            self._transfers.fetch(self._root + key, out)

    def _send_all(self, files: Iterable[Path], folder: Path, prefix: str) -> None:
        """Store the folder's files below `prefix`, several at once."""
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

    def _same(self, key: str, data: bytes) -> str | None:
        """The tag of the object if it holds these bytes."""
        found = self.head(key)
        try:
            return found.tag if found is not None and self.read(key) == data else None
        except FileNotFoundError:
            return None

    def _refusals(self, key: str) -> AbstractContextManager[None]:
        return refusals(self.address(key), self._client.meta.endpoint_url)


def _was_repeated(error: ConflictError) -> bool:
    """Whether the refused request was sent more than once."""
    response = getattr(error.__cause__, "response", {})
    return bool(response.get("ResponseMetadata", {}).get("RetryAttempts"))
