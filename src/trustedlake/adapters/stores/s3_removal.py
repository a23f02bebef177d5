"""Removes many objects of a bucket at once, and uploads in parts that nobody finished."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.adapters.stores.s3_errors import refusals
from trustedlake.errors import FatalRemoteError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.adapters.stores.s3_client import S3Client

BATCH = 1000
"""Keys that one request may delete, and keys of a page."""


def delete_all(client: S3Client, bucket: str, prefix: str) -> None:
    """Delete the objects whose keys begin with `prefix`, a page of the list at a time.

    Raises:
        FatalRemoteError: the store keeps one of them.
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
    """Drop the unfinished uploads of keys that begin with `prefix`; as far as that is allowed, for nobody sees them."""
    with suppress(TrustedLakeError, FileNotFoundError), refusals(f"s3://{bucket}/{prefix}"):
        for page in client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix):
            for upload in page.get("Uploads", ()):
                drop_upload(client, {"Bucket": bucket, "Key": upload["Key"], "UploadId": upload["UploadId"]})


def drop_upload(client: S3Client, upload: Mapping[str, str]) -> None:
    """Drop an unfinished upload; one that is gone, or can't be dropped, is left to the bucket's lifecycle rule."""
    with suppress(TrustedLakeError, FileNotFoundError), refusals(f"s3://{upload['Bucket']}/{upload['Key']}"):
        client.abort_multipart_upload(**upload)
