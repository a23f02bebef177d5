"""Folders in buckets, as the user names them: `s3://bucket/prefix`; `s3a://` and `s3n://` mean the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

SCHEMES = ("s3", "s3a", "s3n")

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class BucketFolder:
    """A prefix of a bucket, with the few methods of `Path` that are needed to compare places.

    Attributes:
        bucket: its name.
        prefix: without a slash at either end; empty for the whole bucket.
    """

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")

    def __truediv__(self, key: str) -> BucketFolder:
        return BucketFolder(self.bucket, "/".join(part for part in (self.prefix, key) if part))

    @property
    def name(self) -> str:
        """Last part of the prefix."""
        return self.prefix.rpartition("/")[2]

    @property
    def parent(self) -> BucketFolder:
        """The folder above; for the bucket itself, the bucket."""
        return BucketFolder(self.bucket, self.prefix.rpartition("/")[0])

    @property
    def parents(self) -> Sequence[BucketFolder]:
        """All folders above, the bucket last."""
        above = []
        place = self
        while place.prefix:
            place = place.parent
            above.append(place)
        return above


def is_bucket(given: str) -> bool:
    """Return whether the user means something other than a local folder."""
    return "://" in given


def bucket_folder(given: str) -> BucketFolder:
    """Parse the address of a folder in a bucket.

    Raises:
        ConfigError: it is not a bucket's address.
    """
    scheme, _, rest = given.partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme.casefold() not in SCHEMES or not _NAME.fullmatch(bucket):
        before, _, shown = rest.rpartition("@")  # the text before an @ or after a ? may be a password
        shown = shown.partition("?")[0]
        keys = "; keys go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, never into an address" if before else ""
        raise ConfigError(
            f"{scheme}://{shown} is not an address of a bucket",
            hint=f"name it s3://bucket/prefix, or give a folder{keys}",
        )
    return BucketFolder(bucket, prefix.strip("/"))


def common_folder(folders: Sequence[BucketFolder]) -> BucketFolder:
    """Find the deepest folder that contains all of these.

    Raises:
        ConfigError: they are in several buckets.
    """
    buckets = {folder.bucket for folder in folders}
    if len(buckets) > 1:
        raise ConfigError(
            f"{' and '.join(sorted(buckets))} are {len(buckets)} buckets",
            hint="--lake, --input and --target must be in one bucket: a publish must reach all of them at once",
        )
    common = []
    for parts in zip(*(folder.prefix.split("/") for folder in folders), strict=False):
        if len(set(parts)) > 1:
            break
        common.append(parts[0])
    return BucketFolder(folders[0].bucket, "/".join(common))
