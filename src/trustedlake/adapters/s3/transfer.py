"""Transfers bytes to and from a bucket with checksums, and removes many objects at once."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from trustedlake.adapters.s3.client import only_if
from trustedlake.adapters.s3.meter import Meter
from trustedlake.adapters.s3.s3_errors import conflict, refusals
from trustedlake.errors import FatalRemoteError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trustedlake.adapters.s3.client import S3Client
    from trustedlake.ports import ObjectInfo

    _SendParts: TypeAlias = Callable[[dict[str, str]], list[dict[str, Any]]]
    "Sends the parts of a started upload; returns what the completion must say about them."


BATCH = 1000
"""Maximum number of keys per delete request, and per page of a listing."""


def delete_all(client: S3Client, bucket: str, prefix: str) -> None:
    """Delete the objects whose keys begin with `prefix`, one page of the listing at a time.

    Raises:
        FatalRemoteError: the store refuses to delete one of them.
    """
    pages = client.get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=bucket, Prefix=prefix, PaginationConfig={"PageSize": BATCH}):
        if keys := [{"Key": about["Key"]} for about in page.get("Contents", ())]:
            _delete(client, bucket, keys)


def _delete(client: S3Client, bucket: str, keys: Sequence[Mapping[str, str]]) -> None:
    done = client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    for error in done.get("Errors", ()):
        raise FatalRemoteError(
            f"s3://{bucket}/{error.get('Key')}: it can't be deleted: {error.get('Code')}",
            hint="give the credentials s3:DeleteObject there, then run again",
        )


def drop_uploads(client: S3Client, bucket: str, prefix: str) -> None:
    """Abort unfinished uploads of keys that begin with `prefix`; ignore refusals, since nobody sees these uploads."""
    with suppress(TrustedLakeError, FileNotFoundError), refusals(f"s3://{bucket}/{prefix}"):
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
            for upload in page.get("Uploads", ()):
                drop_upload(client, {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]})


def drop_upload(client: S3Client, upload: Mapping[str, str]) -> None:
    """Abort an unfinished upload, if it still exists; if that fails, the bucket's lifecycle rule removes it."""
    with suppress(TrustedLakeError, FileNotFoundError), refusals(f"s3://{upload['Bucket']}/{upload['Key']}"):
        client.abort_multipart_upload(**upload)


MULTIPART_BYTES = 64 << 20
PART_BYTES = 16 << 20
COPY_BYTES = 1 << 30
"""One part may copy at most this many bytes within the store; Amazon's limit is 5 GB."""

_BLOCK = 1 << 20
_ATTEMPTS = 4
_BROKEN = (
    boto.IncompleteReadError,
    boto.ReadTimeoutError,
    boto.ResponseStreamingError,
    boto.ConnectionClosedError,
    boto.FlexibleChecksumError,
)


class Transfers:
    """Sends, fetches and copies objects of one bucket. Safe to share between threads.

    Both sides check a CRC32 of everything sent and fetched. If the store doesn't support that, the user can set
    `AWS_REQUEST_CHECKSUM_CALCULATION=when_required`.

    Args:
        client: from `trustedlake.adapters.s3.client.make_client`.
        bucket: its name.
        writes: boto3's parameters for each write, such as `ServerSideEncryption` and `SSEKMSKeyId`.
        multipart_bytes: objects of this size or more are sent as multipart uploads.
        meter: counts the bytes fetched and sent.
    """

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        *,
        writes: Mapping[str, str] | None = None,
        multipart_bytes: int = MULTIPART_BYTES,
        meter: Meter | None = None,
    ) -> None:
        self.client = client
        self.bucket = bucket
        self.writes = dict(writes or {})
        self._multipart_bytes = multipart_bytes
        self._meter = meter or Meter()
        # From 1.36 on boto3 checks by default; older versions must be asked to.
        asks = not hasattr(client.meta.config, "request_checksum_calculation")
        self._sent_checked = {"ChecksumAlgorithm": "CRC32"} if asks else {}
        self._fetched_checked = {"ChecksumMode": "ENABLED"} if asks else {}

    def in_parts(self, least: int) -> Transfers:
        """Return the same transfers, but objects of `least` bytes or more are sent as multipart uploads."""
        return Transfers(self.client, self.bucket, writes=self.writes, multipart_bytes=least, meter=self._meter)

    def send(self, key: str, data: bytes) -> str:
        """Store the bytes, under the condition of `only_if` if there is one; return the new tag."""
        if len(data) >= self._multipart_bytes:
            return self._in_parts(key, self._parts_of(io.BytesIO(data)))
        answer = self.client.put_object(Bucket=self.bucket, Key=key, Body=data, **self.writes, **self._sent_checked)
        self._meter.sent(len(data))
        return tag_of(answer)

    def send_file(self, key: str, path: Path) -> None:
        """Store a local file."""
        if path.stat().st_size < self._multipart_bytes:
            self.send(key, path.read_bytes())
            return
        with path.open("rb") as stream:
            self._in_parts(key, self._parts_of(stream))

    def drop(self, key: str) -> bool:
        """Begin a multipart upload and abort it; return whether nothing of it is left, as far as the store shows."""
        upload = self._begin(key)
        self._parts_of(io.BytesIO(b"dropped"))(upload)
        self.client.abort_multipart_upload(**upload)
        with suppress(boto.ClientError):  # the right to write does not include the right to list uploads
            left = self.client.list_multipart_uploads(Bucket=self.bucket, Prefix=key).get("Uploads", ())
            return all(one["UploadId"] != upload["UploadId"] for one in left)
        return True

    def fetch(self, key: str, out: BinaryIO) -> str:
        """Write the object's bytes to the start of `out`; return the tag. If the connection breaks, start again."""
        for attempt in range(_ATTEMPTS):
            try:
                answer = self.client.get_object(Bucket=self.bucket, Key=key, **self._fetched_checked)
                # Not `with body`: that yields the inner stream, which checks neither length nor checksum.
                with closing(answer["Body"]) as body:
                    while block := body.read(_BLOCK):
                        out.write(block)
                        self._meter.fetched(len(block))
                return tag_of(answer)
            except _BROKEN:
                if attempt == _ATTEMPTS - 1:
                    raise
                out.seek(0)
                out.truncate()
        raise AssertionError("unreachable")

    def copy(self, source: ObjectInfo, target: str, *, replaces: str | None) -> tuple[str, str]:
        """Copy the object `source` to `target` if the target has the tag `replaces` (None: if there is no target).

        A large object is copied in parts within the store, and the condition goes with the completion, because stores
        accept a condition on a plain copy but ignore it. We also check the condition first: this saves the copying,
        and some stores support `If-None-Match` there but not `If-Match`.

        Returns:
            The tag of the source as it was copied, and the tag of the target.
        """
        size, tag = source.size, source.tag
        if size < self._multipart_bytes:
            data = io.BytesIO()
            tag = self.fetch(source.key, data)
            with only_if(match=replaces, absent=replaces is None):
                return tag, self.send(target, data.getvalue())

        self._check(target, replaces)

        def copy_parts(upload: dict[str, str]) -> list[dict[str, Any]]:
            parts: list[dict[str, Any]] = []
            for start in range(0, size, COPY_BYTES):
                answer = self.client.upload_part_copy(
                    **upload,
                    PartNumber=len(parts) + 1,
                    CopySource={"Bucket": self.bucket, "Key": source.key},
                    CopySourceIfMatch=f'"{tag}"',
                    CopySourceRange=f"bytes={start}-{min(start + COPY_BYTES, size) - 1}",
                )
                parts.append(_part(len(parts) + 1, answer["CopyPartResult"]))
            return parts

        with only_if(match=replaces, absent=replaces is None):
            return tag, self._in_parts(target, copy_parts)

    def _check(self, key: str, tag: str | None) -> None:
        """Raise a conflict unless the object has this tag (None: unless there is no object)."""
        if self._tag(key) != tag:
            raise conflict(f"s3://{self.bucket}/{key}")

    def _tag(self, key: str) -> str | None:
        try:
            return tag_of(self.client.head_object(Bucket=self.bucket, Key=key))
        except boto.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.NOT_FOUND:
                raise
            return None

    def _begin(self, key: str) -> dict[str, str]:
        begun = self.client.create_multipart_upload(Bucket=self.bucket, Key=key, **self.writes, **self._sent_checked)
        return {"Bucket": self.bucket, "Key": key, "UploadId": begun["UploadId"]}

    def _parts_of(self, stream: BinaryIO) -> _SendParts:
        def send_parts(upload: dict[str, str]) -> list[dict[str, Any]]:
            parts: list[dict[str, Any]] = []
            while body := stream.read(PART_BYTES):
                number = len(parts) + 1
                answer = self.client.upload_part(**upload, PartNumber=number, Body=body, **self._sent_checked)
                parts.append(_part(number, answer))
                self._meter.sent(len(body))
            return parts

        return send_parts

    def _in_parts(self, key: str, send_parts: _SendParts) -> str:
        """Begin a multipart upload, send the parts, and complete it; a failure leaves nothing behind.

        boto3 repeats a completion whose answer was lost. If the store has forgotten the upload by then, the object
        is complete.
        """
        upload = self._begin(key)
        parts: list[dict[str, Any]] = []
        try:
            parts = send_parts(upload)
            return tag_of(self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts}))
        except BaseException as error:
            if _forgotten(error) and self._tag(key) == (tag := _tag_of_parts(parts)):
                return tag
            drop_upload(self.client, upload)
            raise


def tag_of(answer: Mapping[str, Any]) -> str:
    """Return the version tag in an answer: the ETag without its quotes."""
    if "ETag" not in answer:
        raise ResponseParserError("an answer without an ETag")
    return str(answer["ETag"]).strip('"')


def _forgotten(error: BaseException) -> bool:
    return isinstance(error, boto.ClientError) and error.response.get("Error", {}).get("Code") == "NoSuchUpload"


def _tag_of_parts(parts: Sequence[Mapping[str, Any]]) -> str:
    """Return the tag that S3 gives an object of these parts; empty if the parts' tags are not digests."""
    try:
        digests = b"".join(bytes.fromhex(part["ETag"].strip('"')) for part in parts)
    except ValueError:
        return ""
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


def _part(number: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    checks = {name: value for name, value in answer.items() if name.startswith("Checksum") and name != "ChecksumType"}
    return {"PartNumber": number, "ETag": answer["ETag"]} | checks
