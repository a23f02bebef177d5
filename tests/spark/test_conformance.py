"""Every engine in every version gives the same rows: the digests recorded in the fixtures.

The raw material is every shape of every table in `data/fixtures/shapes`, each on a day of its own. When a contract
changes on purpose, the failing test shows the new digest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.fixture_files import FIXTURES, frame, shapes
from tests.support.schema_cases import MOVIE_CASES, framed_cases
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT, SailEngine
from trustedlake.core.judging.digest import digest
from trustedlake.core.judging.schema import framed_ddl, to_columns, trusted_ddl
from trustedlake.core.judging.verdict import judge
from trustedlake.models.built_in import CONTRACTS
from trustedlake.ports import Batch

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import DataFrame, SparkSession

    from trustedlake.adapters.spark.spark_engine import SparkEngine

DIGESTS = json.loads((FIXTURES / "expected" / "digests.json").read_bytes())


@pytest.fixture(scope="session")
def framed_fixtures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Batch]:
    folder = tmp_path_factory.mktemp("framed")
    return {table: _frame_fixtures(folder / table, table) for table in CONTRACTS}


def _frame_fixtures(folder: Path, table: str) -> Batch:
    days = {f"{day:02}": files for day, files in enumerate(shapes(table).values(), start=1)}
    batches = [batch for dia, files in days.items() for file in files for batch in frame(file, table, dia=dia)[0]]
    framed = pa.Table.from_batches(batches)
    folder.mkdir()
    pq.write_table(framed, folder / "0.parquet", compression="lz4")
    return Batch(folder, records=framed.num_rows, size=framed.nbytes, partitions=len(days))


def values(table: DataFrame, table_name: str) -> dict[str, int]:
    row = digest(table, CONTRACTS[table_name]).collect()[0]
    return {"rows": row["rows"], "total": int(row["total"]), "bits": row["bits"]}


@pytest.mark.parametrize("table", CONTRACTS)
def test_the_plan_gives_the_recorded_digest(
    session: SparkSession, framed_fixtures: dict[str, Batch], table: str
) -> None:
    framed = session.read.schema(framed_ddl(CONTRACTS[table])).parquet(str(framed_fixtures[table].framed))

    trusted = judge(to_columns(framed, CONTRACTS[table]), CONTRACTS[table]).trusted

    assert values(trusted, table) == DIGESTS[table]


@pytest.mark.parametrize("table", CONTRACTS)
def test_files_written_by_spark_give_the_recorded_digest(
    spark_engine: SparkEngine, framed_fixtures: dict[str, Batch], table: str, tmp_path: Path
) -> None:
    assert _written(spark_engine, framed_fixtures[table], table, tmp_path) == DIGESTS[table]


@pytest.mark.parametrize("table", CONTRACTS)
def test_files_written_by_pysail_give_the_recorded_digest(
    sail_engine: SailEngine, framed_fixtures: dict[str, Batch], table: str, tmp_path: Path
) -> None:
    assert _written(sail_engine, framed_fixtures[table], table, tmp_path) == DIGESTS[table]


def _written(engine: SparkEngine | SailEngine, batch: Batch, table: str, folder: Path) -> dict[str, int]:
    trusted, quarantine = folder / "t", folder / "q"
    engine.judge(batch, CONTRACTS[table], run_id="r1", trusted=trusted, quarantine=quarantine)
    with environment(CONNECT if isinstance(engine, SailEngine) else {}):
        return values(engine.session.read.schema(trusted_ddl(CONTRACTS[table])).parquet(str(trusted)), table)


def test_both_engines_refuse_the_same_records_for_the_same_reasons(
    spark: SparkSession, sail_engine: SailEngine, framed_fixtures: dict[str, Batch]
) -> None:
    lines, movies = CONTRACTS["local_movies"], CONTRACTS["tmdb_movies"]

    def refused(session: SparkSession) -> list[list[Any]]:
        framed = session.read.schema(framed_ddl(lines)).parquet(str(framed_fixtures["local_movies"].framed))
        odd = framed_cases(session, movies, [({"id": str(n), **case}, {}) for n, (case, _) in enumerate(MOVIE_CASES)])
        quarantined = [judge(to_columns(rows, of), of).quarantined for rows, of in ((framed, lines), (odd, movies))]
        return [sorted(map(tuple, frame.collect()), key=str) for frame in quarantined]

    by_spark = refused(spark)
    with environment(CONNECT):
        by_sail = refused(sail_engine.session)

    assert by_sail == by_spark
    assert {row[2] for row in by_spark[0]} == {"duplicate"}
    assert {row[2] for row in by_spark[1]} == {"duplicate", "rejected"}
