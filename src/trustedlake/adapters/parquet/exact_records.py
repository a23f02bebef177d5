"""Single rows and records, for commands that show a few: rows of a Parquet file, a record's bytes in its raw file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from trustedlake.core.framing.explode import frame_file
from trustedlake.errors import InputError
from trustedlake.models.raw import RawFormat

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.models.contract import Contract


BATCH_ROWS = 1_000


def read_rows(file: Path) -> Iterator[dict[str, object]]:
    """Yield the file's rows, read in batches.

    Raises:
        InputError: it is not a Parquet file.
    """
    try:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(BATCH_ROWS):
                yield from batch.to_pylist()
    except OSError as error:
        raise InputError(f"{file} can't be read: {error}", hint="to-trusted rebuilds damaged files") from error


WHOLE_FILE = -1
"""Record index of the row that represents an unreadable file."""


def exact_bytes(file: Path, contract: Contract, index: int) -> bytes | None:
    """Return the bytes of the record: a JSON element (0-based), a CSV line (1-based), the whole file for -1.

    Returns None if there is no such record. Compressed files are decompressed first.
    """
    if index == WHOLE_FILE:
        return file.read_bytes()
    if contract.format is RawFormat.CSV and contract.raw.dialect.quote is None:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = data.splitlines()
        return lines[index - 1] if 0 < index <= len(lines) else None
    partition = tuple("" for _ in contract.partition)
    with file.open("rb") as stream:
        for batch in frame_file(stream, path=file.name, partition=partition, framing=contract.framing()):
            indexes = batch.column("record_index").to_pylist()
            if index in indexes:
                # The text was decoded strictly, so encoding it again gives exactly the bytes of the file.
                raw = str(batch.column("raw")[indexes.index(index)])
                return raw.encode("utf-8" if contract.format is RawFormat.JSON else contract.raw.dialect.encoding)
    return None
