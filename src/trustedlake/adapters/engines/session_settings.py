"""Settings of a session that are changed for a while and put back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyspark.sql import SparkSession

WRITING = {
    "spark.sql.parquet.datetimeRebaseModeInWrite": "CORRECTED",  # 3.5 refuses dates before 1582 without it
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",  # else INT96, which has no order and no zone
}
"""What dates and moments need to be written as every reader takes them."""

_HADOOP = "spark.hadoop."


@contextmanager
def changed(session: SparkSession, settings: Mapping[str, str]) -> Iterator[None]:
    """Let the session have these settings in the block.

    What Hadoop is told (`fs.s3a.…`) gives way to what the session was started with (`spark.hadoop.fs.s3a.…`).
    """
    wanted = {name: value for name, value in settings.items() if session.conf.get(_HADOOP + name, None) is None}
    before: dict[str, str | None] = {name: session.conf.get(name, None) for name in wanted}
    for name, wants in wanted.items():
        session.conf.set(name, wants)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                session.conf.unset(name)
            else:
                session.conf.set(name, value)
