"""Published Parquet files -> the rows that the audit holds against Raw, in bounded batches."""

from __future__ import annotations

from contextlib import contextmanager
from itertools import repeat
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import parquet

from trustedlake.core.auditing.census import Compared, QuarantinedRow, TrustedRow
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.models.contract import Contract

BATCH_ROWS = 20_000
NO_INDEX = -2
"""For a row whose index is null, which no run writes: the index of no record."""


def trusted_rows(file: Path, contract: Contract) -> Iterator[TrustedRow]:
    """The rows of a Trusted file. Raises InputError if it can't be read or lacks a column."""
    compared = Compared.of(contract)
    for columns in _batches(file, ["file_path", "record_index", *compared.names]):
        paths, indexes, *values = columns
        texts = zip(*([_text(value) for value in column] for column in values), strict=True)
        for path, index, found in zip(paths, indexes, texts if values else repeat(()), strict=bool(values)):
            yield TrustedRow(path or "", _index(index), compared.witness(found))


def quarantined_rows(file: Path) -> Iterator[QuarantinedRow]:
    """The rows of a Quarantine file. Raises InputError if it can't be read or lacks a column."""
    for columns in _batches(file, ["file_path", "record_index", "verdict", "raw", "winner"]):
        for path, index, verdict, raw, winner in zip(*columns, strict=True):
            yield QuarantinedRow(path or "", _index(index), verdict or "", raw or "", winner or "")


def _index(index: int | None) -> int:
    return NO_INDEX if index is None else index


def _text(value: Any) -> str:  # noqa: ANN401 - a value of any column type
    return "" if value is None else str(value)


def _batches(file: Path, names: list[str]) -> Iterator[list[list[Any]]]:
    with _refusals(file), parquet.ParquetFile(file) as opened:
        missing = [name for name in names if name not in opened.schema_arrow.names]
        if missing:
            raise InputError(f"it has no column {', '.join(missing)}", hint="to-trusted rebuilds it")
        for batch in opened.iter_batches(BATCH_ROWS, columns=names):
            yield [batch.column(name).to_pylist() for name in names]


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"it can't be read: {error}", hint=f"to-trusted rebuilds {file.name}") from error
