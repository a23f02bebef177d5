"""Reads Parquet files of a store with pyarrow: its file systems, and the columns of a file.

The file systems are pyarrow's own. One made of Python files deadlocks when DuckDB drops a scan that is still reading.
"""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pyarrow
import pyarrow as pa
import pyarrow.types as pt
from pyarrow import fs, parquet

from trustedlake.errors import ConfigError, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


_BUCKET = "s3://"


class FileSystems:
    """A local file system, and one for buckets that is created when first needed."""

    def __init__(self) -> None:
        self._bucket: fs.FileSystem | None = None

    def readable(self, addresses: Sequence[str]) -> tuple[fs.FileSystem, list[str]]:
        """Return the file system of these addresses, and their paths in it: absolute paths, or all `s3://bucket/key`.

        Raises:
            ConfigError, FatalRemoteError: the addresses are in a bucket, and we can't access it.
        """
        if not addresses or not addresses[0].startswith(_BUCKET):
            return fs.LocalFileSystem(), list(addresses)
        paths = [address.removeprefix(_BUCKET) for address in addresses]
        self._bucket = self._bucket or _bucket(paths[0].partition("/")[0])
        return self._bucket, paths


def _bucket(name: str) -> fs.FileSystem:
    """Connect to S3 with boto3's settings: pyarrow looks in fewer places and doesn't find out the bucket's region."""
    # Imported here, because a lake in a folder needs no boto3.
    from trustedlake.adapters.aws.aws_session import aws_session  # noqa: PLC0415
    from trustedlake.adapters.s3.client import ca_bundle, is_amazon, make_client, region_of  # noqa: PLC0415
    from trustedlake.adapters.s3.s3_errors import refusals  # noqa: PLC0415

    with closing(make_client()) as client, refusals(f"s3://{name}"):
        endpoint, region = urlsplit(client.meta.endpoint_url), region_of(client, name)
        found = aws_session().get_credentials()
        keys = found.get_frozen_credentials() if found else None
    if keys is None:
        raise ConfigError("no credentials were found", hint="set AWS_PROFILE, or give the machine a role")
    more = {} if is_amazon(endpoint.geturl()) else {"endpoint_override": endpoint.netloc.rpartition("@")[2]}
    if authorities := ca_bundle():
        more["tls_ca_file_path"] = authorities
    try:
        return fs.S3FileSystem(
            access_key=keys.access_key,
            secret_key=keys.secret_key,
            session_token=keys.token,
            region=region,
            scheme=endpoint.scheme,
            **more,
        )
    except TypeError as error:
        raise ConfigError(
            f"AWS_CA_BUNDLE is set, and pyarrow {pyarrow.__version__} can't use it",
            hint="pip install --upgrade pyarrow (20 or newer)",
        ) from error


_NAMES = {
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.float32(): "float",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.string(): "string",
    pa.large_string(): "string",
}


class ParquetColumns:
    """Reads footers, in a folder or a bucket. Safe to share between threads."""

    def __init__(self) -> None:
        self._systems = FileSystems()

    def __call__(self, address: str) -> Mapping[str, str]:
        """Return name -> type of each column of the file: an absolute path, or `s3://bucket/key`.

        Raises:
            FileNotFoundError: there is no such file.
            InputError: it is not a Parquet file.
        """
        filesystem, (path,) = self._systems.readable([address])
        try:
            schema = parquet.read_schema(path, filesystem=filesystem)
        except FileNotFoundError:
            raise
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{address} can't be read: {error}", hint="to-trusted rebuilds damaged files") from error
        return {field.name: _name(field.type) for field in schema}


def _name(kind: pa.DataType) -> str:
    if pt.is_list(kind) or pt.is_large_list(kind):
        return f"array<{_name(kind.value_type)}>"
    if pt.is_map(kind):
        return f"map<{_name(kind.key_type)},{_name(kind.item_type)}>"
    if pt.is_timestamp(kind):
        return "timestamp" if kind.tz else "timestamp_ntz"
    if pt.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return _NAMES.get(kind, str(kind))
