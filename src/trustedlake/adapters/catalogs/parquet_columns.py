"""The columns of Parquet files, by their own footers, in a catalog's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.types as pt
from pyarrow import parquet

from trustedlake.adapters.query.file_systems import FileSystems
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Reads footers, of a folder or a bucket. Safe to share between threads."""

    def __init__(self) -> None:
        self._systems = FileSystems()

    def __call__(self, address: str) -> Mapping[str, str]:
        """Name -> type of each column of the file: an absolute path, or `s3://bucket/key`.

        Raises:
            FileNotFoundError: there is no such file.
            InputError: it is no Parquet file.
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
    return _NAMES.get(kind, str(kind))
