"""The scenarios: what is run, and what it should cost at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.benchmarks.scenarios import buckets, defects, extraction, growth, sizes, start

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.benchmarks.bench import Bench, Measured

SCENARIOS: dict[str, Callable[[Bench], Measured]] = {
    "clean": sizes.clean,
    "small": sizes.small,
    "movies": sizes.movies,
    "csv": sizes.csv,
    "defects": defects.defects,
    "tenfold": growth.tenfold,
    "idle": growth.idle,
    "new-day": growth.new_day,
    "bucket": buckets.bucket,
    "bucket-idle": buckets.bucket_idle,
    "spark-start": start.spark_start,
    "tenfold-spark": growth.tenfold_spark,
    "ingest": extraction.ingest,
    "ingest-many": extraction.ingest_many,
}
"""In the order in which they are run and shown: what says most comes first."""
