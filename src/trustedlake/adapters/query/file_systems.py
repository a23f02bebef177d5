"""The file systems that pyarrow reads published files from.

They are pyarrow's own: one made of Python files deadlocks when DuckDB lets go of a scan that still reads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pyarrow import fs

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_BUCKET = "s3://"


class FileSystems:
    """A local one, and one for buckets that is made when it is first asked for."""

    def __init__(self) -> None:
        self._bucket: fs.FileSystem | None = None

    def readable(self, addresses: Sequence[str]) -> tuple[fs.FileSystem, list[str]]:
        """The file system that these lie in, and their paths there: absolute paths, or all `s3://bucket/key`.

        Raises:
            ConfigError, FatalRemoteError: a bucket, and no way into it.
        """
        if not addresses or not addresses[0].startswith(_BUCKET):
            return fs.LocalFileSystem(), list(addresses)
        self._bucket = self._bucket or _bucket()
        return self._bucket, [address.removeprefix(_BUCKET) for address in addresses]


def _bucket() -> fs.FileSystem:
    """S3, with the credentials, region and endpoint that boto3 finds: pyarrow alone knows fewer places to look."""
    import boto3  # noqa: PLC0415 - a lake in a folder needs no boto3

    from trustedlake.adapters.stores.s3_client import is_amazon, make_client  # noqa: PLC0415

    client = make_client()
    endpoint, region = client.meta.endpoint_url, client.meta.region_name
    client.close()
    found = boto3.session.Session().get_credentials()
    if found is None:
        raise ConfigError("no credentials were found", hint="set AWS_PROFILE, or give the machine a role")
    keys = found.get_frozen_credentials()
    place = {} if is_amazon(endpoint) else {"endpoint_override": urlsplit(endpoint).netloc}
    return fs.S3FileSystem(
        access_key=keys.access_key,
        secret_key=keys.secret_key,
        session_token=keys.token,
        region=region,
        scheme=urlsplit(endpoint).scheme,
        **place,
    )
