"""Opens staged Parquet files and checks their columns against the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import parquet

from trustedlake.core.table_schema import QUARANTINE, trusted_columns
from trustedlake.errors import ImbalanceError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trustedlake.core.table_schema import TableColumn
    from trustedlake.models.contract import Contract

_HINT = "nothing was published; run again, and if it happens again, report it: the engine wrote something unexpected"


def open_trusted(path: Path, contract: Contract) -> parquet.ParquetFile:
    """Open a staged file of Trusted rows.

    Raises:
        ImbalanceError: it can't be read, or its columns or types are not the contract's.
    """
    return _open(path, trusted_columns(contract))


def open_quarantine(path: Path) -> parquet.ParquetFile:
    """Open a staged file of quarantined rows. Raises ImbalanceError as `open_trusted` does."""
    return _open(path, QUARANTINE)


def read_columns(file: parquet.ParquetFile, path: Path, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield these columns of the file, one row group at a time.

    Raises:
        ImbalanceError: a page of the file is damaged.
    """
    for group in range(file.num_row_groups):
        try:
            yield file.read_row_group(group, columns=list(columns))
        except (OSError, pa.ArrowException) as error:
            raise _unreadable(path, error) from error


def footer_rows(path: Path) -> int:
    """Return the rows in the file, from its footer. Raises ImbalanceError if it can't be read."""
    try:
        return int(parquet.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: Exception) -> ImbalanceError:
    return ImbalanceError(f"{path}: the staged file can't be read: {error}", hint=_HINT)


def _open(path: Path, columns: Sequence[TableColumn]) -> parquet.ParquetFile:
    try:
        file = parquet.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    found = {field.name: field.type for field in file.schema_arrow}
    expected = {column.name: column for column in columns}
    wrong = [f"{name} is missing" for name in expected if name not in found]
    wrong += [f"{name} is not the contract's" for name in found if name not in expected]
    wrong += [
        f"{name} is {found[name]}, not {column.type}"
        for name, column in expected.items()
        if name in found and not column.is_arrow(found[name])
    ]
    if wrong:
        file.close()
        raise ImbalanceError(f"{path}: columns that differ from the contract: {'; '.join(wrong)}", hint=_HINT)
    return file
