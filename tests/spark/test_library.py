"""The library on a session of the caller, and a job built from its functions."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.trials import FIXTURES
from trustedlake import CONTRACTS, judge, read_records, to_columns, to_trusted
from trustedlake.errors import ConfigError, InputError, QualityGateError

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    return tmp_path / "lake"


def test_to_trusted_runs_on_the_session_of_the_caller_and_leaves_it_open(spark: SparkSession, lake: Path) -> None:
    settings = {row.key: row.value for row in spark.sql("SET").collect()}
    report = to_trusted(
        spark,
        source="tmdb",
        input=f"{lake}/Raw/TMDB/JSON/Movies/",
        target=f"{lake}/Trusted/TMDB/Parquet/Movies/",
    )
    assert report.exit_code == 0
    assert report.tables[0].counts.trusted == 36
    schema = "movie_id bigint, title string, ano string, mes string, dia string"
    published = spark.read.schema(schema).parquet(f"{lake}/Trusted/TMDB/Parquet/Movies")
    assert published.where("mes = '06'").count() == 36
    assert {row.key: row.value for row in spark.sql("SET").collect()} == settings


def test_a_refused_partition_raises_unless_check_is_off(spark: SparkSession, lake: Path) -> None:
    (lake / "Raw/TMDB/JSON/Series/2025/06/17/broken.json").write_text('[{"id": 1, "name": "cut')
    with pytest.raises(QualityGateError, match=r"broken\.json"):
        to_trusted(spark, source="tmdb", entity="series", lake=str(lake))
    report = to_trusted(spark, source="tmdb", entity="series", lake=str(lake), check=False)
    assert report.exit_code == 3
    shown = report._repr_html_()
    assert "refused: ano=2025/mes=06/dia=17: refused before" in shown
    assert "unreadable: Raw/TMDB/JSON/Series/2025/06/17/broken.json" in shown
    assert f"next: trustedlake quarantine --lake {lake}" in shown


def test_a_missing_lake_raises(spark: SparkSession, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such lake"):
        to_trusted(spark, source="tmdb", lake=str(tmp_path / "nowhere"))


@pytest.mark.parametrize(
    ("changed", "choices"),
    [
        ({"source": "tmdbx"}, "'tmdb', 'csv'"),
        ({"entity": "movie"}, "None, 'movies', 'series'"),
        ({"vanished": "leave"}, "'fail', 'keep', 'drop'"),
        ({"storage": "s3a"}, "'auto', 'staged', 'direct'"),
        ({"max_rejected": 5}, "0 to 1"),
        ({"max_rejected": float("nan")}, "0 to 1"),
    ],
)
def test_an_unknown_value_is_a_config_error_that_names_the_choices(
    spark: SparkSession, lake: Path, changed: dict[str, Any], choices: str
) -> None:
    given: dict[str, Any] = {"source": "tmdb", "lake": str(lake)} | changed
    with pytest.raises(ConfigError) as error:
        to_trusted(spark, **given)
    assert choices in error.value.hint


def test_a_custom_job_can_use_the_library_functions(spark: SparkSession, lake: Path) -> None:
    contract = CONTRACTS["tmdb_movies"]
    records = read_records(spark, f"{lake}/Raw/TMDB/JSON/Movies", contract)
    judged = judge(to_columns(records, contract), contract)
    assert judged.trusted.count() == 36
    assert judged.quarantined.groupBy("verdict").count().collect()
    assert {row.verdict: row["count"] for row in judged.quarantined.groupBy("verdict").count().collect()} == {
        "rejected": 2,
        "duplicate": 2,
    }
