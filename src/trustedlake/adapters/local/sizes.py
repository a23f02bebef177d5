"""Estimates how large Parquet files become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustedlake.ports import Batch

MAX_FILE = 128 << 20
"""Target size of a Parquet file in bytes; files should not be much larger."""

_RAW_PER_PARQUET = 2
"""Raw bytes per byte of Parquet, estimated low. Measured: 2.4 (films) to 5 (CSV)."""


def rows_per_file(batch: Batch) -> int:
    """Return the number of rows for a file of about MAX_FILE bytes."""
    return max(1, math.ceil(MAX_FILE * _RAW_PER_PARQUET * batch.records / max(batch.size, 1)))
