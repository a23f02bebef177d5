"""Framed rows that did not come out in Trusted, found without the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from pathlib import Path

_ADDRESS = ["file_path", "record_index"]
_INDEXES = 1 << 32
"""More than there are record indexes: file and index make one number."""


def write_leftover(framed: Path, trusted: Path, out: Path) -> None:
    """Write the framed rows whose file and index no row below `trusted` has into the folder `out`.

    Grain: one row per framed record -> the same, fewer of them. Holds 16 bytes a record, and one file of framed
    rows, in memory.
    """
    files = sorted(framed.glob("*.parquet"))
    addresses = [_addresses(file) for file in files]
    paths = pc.unique(pa.chunked_array([rows["file_path"].combine_chunks() for rows in addresses], pa.string()))
    framed_numbers = [_numbers(rows, paths) for rows in addresses]
    del addresses
    published = [_numbers(_addresses(file), paths) for file in sorted(trusted.rglob("*.parquet"))]
    known = pc.is_in(
        pa.concat_arrays(framed_numbers), value_set=pa.concat_arrays([pa.array([], pa.int64()), *published])
    )
    start = 0
    for file, numbers in zip(files, framed_numbers, strict=True):
        left = pc.invert(known.slice(start, len(numbers)))
        start += len(numbers)
        if pc.any(left, min_count=0).as_py():
            with pq.ParquetFile(file) as parquet:
                pq.write_table(parquet.read().filter(left), out / file.name, compression="lz4")


def _addresses(file: Path) -> pa.Table:
    with pq.ParquetFile(file) as parquet:
        return parquet.read(columns=_ADDRESS)


def _numbers(rows: pa.Table, paths: pa.Array) -> pa.Array:
    places = pc.index_in(rows["file_path"], value_set=paths).cast(pa.int64())
    numbers = pc.add(pc.multiply(places, _INDEXES), rows["record_index"].cast(pa.int64()))
    return numbers.combine_chunks()
