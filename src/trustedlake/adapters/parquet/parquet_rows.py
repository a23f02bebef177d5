"""The rows of a Parquet file as Python values, for commands that show a few."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
