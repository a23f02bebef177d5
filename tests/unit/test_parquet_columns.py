"""The columns of a Parquet file have the names of types that contracts and catalogs have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

from trustedlake.adapters.parquet.parquet_columns import ParquetColumns
from trustedlake.types import column_type

if TYPE_CHECKING:
    from pathlib import Path

SCALARS = (
    "string",
    "int",
    "bigint",
    "double",
    "boolean",
    "date",
    "timestamp",
    "json",
    "decimal(10,2)",
    "decimal(38,0)",
)


@pytest.mark.parametrize("name", [*SCALARS, *(f"array<{one}>" for one in SCALARS)])
def test_a_written_file_has_the_types_of_its_contract(name: str, tmp_path: Path) -> None:
    kind = column_type(name)
    parquet.write_table(pa.table({"one": pa.array([], kind.arrow)}), tmp_path / "one.parquet")
    assert ParquetColumns()(str(tmp_path / "one.parquet")) == {"one": kind.spark}


def test_a_timestamp_without_a_zone_is_another_type(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"one": pa.array([], pa.timestamp("us"))}), tmp_path / "one.parquet")
    assert ParquetColumns()(str(tmp_path / "one.parquet")) == {"one": "timestamp_ntz"}
