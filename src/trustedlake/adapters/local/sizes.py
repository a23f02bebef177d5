"""How large Parquet files become."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustedlake.ports import Batch

MAX_FILE = 128 << 20
"""Bytes of a Parquet file that should not be passed by much."""

_RAW_PER_PARQUET = 2
"""Raw bytes that make one byte of Parquet: measured, 2.4 (films) to 5 (CSV)."""


def rows_per_file(batch: Batch) -> int:
    """Rows that make a file of about MAX_FILE bytes."""
    return max(1, math.ceil(MAX_FILE * _RAW_PER_PARQUET * batch.records / max(batch.size, 1)))
