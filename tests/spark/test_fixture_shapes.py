"""Whatever the shape of the raw file, the Trusted rows are those recorded in `expected/`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.fixture_files import expected, frame, shapes
from trustedlake.core.judging.schema import to_columns
from trustedlake.core.judging.verdict import judge
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.column import LINEAGE

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

    from trustedlake.core.judging.verdict import Judged

PARTITION = CONTRACTS["tmdb_movies"].partition
NOT_COMPARED = {*(name for name, _ in LINEAGE), *PARTITION}


@pytest.mark.parametrize("table", ["tmdb_movies", "tmdb_series"])
def test_each_json_shape_gives_the_expected_rows(spark: SparkSession, tmp_path: Path, table: str) -> None:
    judged = judge_shapes(spark, tmp_path, table)
    rows = judged.trusted.orderBy(*PARTITION, "file_path", "record_index").collect()
    by_shape = {shape: [plain(row.asDict()) for row in rows if row["dia"] == day] for day, shape in days(table).items()}
    assert by_shape == dict.fromkeys(shapes(table), expected(table))
    assert judged.quarantined.count() == 0


@pytest.mark.parametrize("table", ["local_movies", "local_series"])
def test_rows_of_the_other_csv_shapes_are_duplicates_of_the_first(
    spark: SparkSession, tmp_path: Path, table: str
) -> None:
    judged = judge_shapes(spark, tmp_path, table)
    rows = judged.trusted.orderBy("record_index").collect()
    assert [plain(row.asDict()) for row in rows] == expected(table)
    verdicts = judged.quarantined.groupBy("verdict").count().collect()
    assert [tuple(row) for row in verdicts] == [("duplicate", len(expected(table)) * (len(shapes(table)) - 1))]


def days(table: str) -> dict[str, str]:
    """Day of June -> the shape of the files of that day."""
    return {f"{day:02}": shape for day, shape in enumerate(shapes(table), start=1)}


def judge_shapes(spark: SparkSession, folder: Path, table: str) -> Judged:
    """All shapes of a table judged together: one job costs far less than one for each."""
    contract = CONTRACTS[table]
    batches = [
        batch
        for day, shape in days(table).items()
        for file in shapes(table)[shape]
        for batch in frame(file, table, dia=day)[0]
    ]
    pq.write_table(pa.Table.from_batches(batches), folder / "framed.parquet")
    return judge(to_columns(spark.read.parquet(str(folder / "framed.parquet")), contract), contract)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """The row as JSON would hold it, without its lineage."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if name not in NOT_COMPARED
    }
