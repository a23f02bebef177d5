"""Opens staged Parquet files and holds their columns to what the contract promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.types as pt
from pyarrow import parquet

from trustedlake.errors import ImbalanceError
from trustedlake.models.contract import LINEAGE, ColumnType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract

_HINT = "nothing was published; run again, and report it if it stays: the engine wrote something else than it was told"
_MAP = "map<string,string>"
_QUARANTINE = {
    "file_path": "string",
    "record_index": "int",
    "verdict": "string",
    "reasons": "array<string>",
    "raw": "string",
    "winner": "string",
    "run_id": "string",
    "contract": "int",
}


def open_trusted(path: Path, contract: Contract) -> parquet.ParquetFile:
    """A staged file of Trusted rows.

    Raises:
        ImbalanceError: it can't be read, or its columns or types are not the contract's.
    """
    columns = {column.name: str(column.type) for column in contract.columns}
    return _open(path, {**columns, "rescued": _MAP, **dict(LINEAGE)})


def open_quarantine(path: Path) -> parquet.ParquetFile:
    """A staged file of quarantined rows. Raises ImbalanceError as `open_trusted` does."""
    return _open(path, _QUARANTINE)


def read_columns(file: parquet.ParquetFile, path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """These columns of the file, a row group at a time.

    Raises:
        ImbalanceError: a page of it is damaged.
    """
    for group in range(file.num_row_groups):
        try:
            yield file.read_row_group(group, columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error


def footer_rows(path: Path) -> int:
    """Rows in the file, from its footer. Raises ImbalanceError if it can't be read."""
    try:
        return int(parquet.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ImbalanceError:
    return ImbalanceError(f"{path}: the staged file can't be read: {error}", hint=_HINT)


def _open(path: Path, expected: Mapping[str, str]) -> parquet.ParquetFile:
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    found = {field.name: field.type for field in file.schema_arrow}
    wrong = [f"{name} is missing" for name in expected if name not in found]
    wrong += [f"{name} is not the contract's" for name in found if name not in expected]
    wrong += [
        f"{name} is {found[name]}, not {kind}"
        for name, kind in expected.items()
        if name in found and not _is_of(found[name], kind)
    ]
    if wrong:
        file.close()
        raise ImbalanceError(f"{path}: columns that differ from the contract: {'; '.join(wrong)}", hint=_HINT)
    return file


def _is_text(found: pa.DataType) -> bool:
    return bool(pt.is_string(found) or pt.is_large_string(found))


def _is_list(found: pa.DataType, of: Callable[[pa.DataType], bool]) -> bool:
    # The element's name differs from engine to engine: compared by type alone.
    return bool(pt.is_list(found) or pt.is_large_list(found)) and of(found.value_type)


_TYPES: dict[str, Callable[[pa.DataType], bool]] = {
    ColumnType.STRING: _is_text,
    ColumnType.INT: pt.is_int32,
    ColumnType.BIGINT: pt.is_int64,
    ColumnType.DOUBLE: pt.is_float64,
    ColumnType.BOOLEAN: pt.is_boolean,
    ColumnType.DATE: pt.is_date32,
    ColumnType.STRINGS: lambda found: _is_list(found, _is_text),
    ColumnType.BIGINTS: lambda found: _is_list(found, pt.is_int64),
    _MAP: lambda found: bool(pt.is_map(found)) and _is_text(found.key_type) and _is_text(found.item_type),
}


def _is_of(found: pa.DataType, kind: str) -> bool:
    return bool(_TYPES[kind](found))
