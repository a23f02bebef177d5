"""The whole fixture lake: every record is accounted for, other tools can read it, and a rerun changes nothing."""

from __future__ import annotations

import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.support.trials import FIXTURES, IdleEngine, Trial

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

EXPECTED = json.loads((FIXTURES / "expected" / "lake.json").read_text())


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Trial:
    trial = Trial(tmp_path_factory.mktemp("fixtures") / "lake", sail_engine)
    shutil.copytree(FIXTURES / "lake", trial.lake)
    for source in ("tmdb", "csv"):
        assert trial.run(source).exit_code == 0
    return trial


@pytest.mark.parametrize("source", ["tmdb", "csv"])
def test_partition_counts_are_as_expected_and_a_rerun_repeats_them_without_engine(lake: Trial, source: str) -> None:
    before = lake.snapshot()
    report = Trial(lake.lake, IdleEngine()).run(source)
    for table in report.tables:
        assert {p.partition: p.counts.model_dump() for p in table.partitions} == {
            name: {**counts, "elsewhere": 0} for name, counts in EXPECTED[table.table].items()
        }
        assert {str(p.status) for p in table.partitions} == {"unchanged"}
    assert lake.snapshot() == before


@pytest.mark.parametrize("table", ["tmdb_movies", "tmdb_series", "local_movies", "local_series"])
def test_the_rows_are_as_expected(lake: Trial, table: str) -> None:
    zone, entity = ("TMDB" if table.startswith("tmdb") else "Local"), table.rpartition("_")[2].capitalize()
    expected = json.loads((FIXTURES / "expected" / f"{table}.json").read_text())
    rows = lake.rows(f"Trusted/{zone}/Parquet/{entity}")
    found = [{name: plain(row[name]) for name in expected[0]} for row in rows]
    missing = [row for row in expected if row not in found]
    assert missing == []
    if zone == "Local":
        assert len(found) == len(expected)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    is_map = isinstance(value, list) and value and isinstance(value[0], tuple)
    return dict(value) if is_map else value


def test_duckdb_reads_the_table_with_declared_partitions(lake: Trial) -> None:
    found = (
        duckdb.connect()
        .execute(
            f"""
        select ano, mes, dia, count(*) from read_parquet('{lake.lake}/Trusted/TMDB/Parquet/Movies/**/*.parquet',
          hive_partitioning = true, hive_types = {{'ano': varchar, 'mes': varchar, 'dia': varchar}})
        group by all order by all
        """
        )
        .fetchall()
    )
    assert found == [("2025", "06", "16", 12), ("2025", "06", "17", 12), ("2025", "06", "18", 12)]


def test_each_partition_has_one_stable_file_and_nothing_else(lake: Trial) -> None:
    names = sorted(str(f.relative_to(lake.lake)) for f in (lake.lake / "Trusted/TMDB/Parquet/Movies").rglob("*"))
    day = "Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia="
    assert [name for name in names if "part" in name] == [f"{day}{d}/part-00000.parquet" for d in (16, 17, 18)]
    left = [name for name in lake.snapshot() if name.startswith("_trustedlake/") and "ledger" not in name]
    assert left == []


def test_quarantine_shows_the_exact_bytes_of_the_raw_file(lake: Trial) -> None:
    from trustedlake.entrypoints.lake import compose  # noqa: PLC0415

    refused = lake.refused()
    assert len(refused) == sum(c["rejected"] + c["duplicates"] for t in EXPECTED.values() for c in t.values())
    with compose.home(compose.Place(lake=str(lake.lake)), engine=lake.engine) as home:
        for record in refused:
            exact = home.raw_bytes(record.address)
            assert exact.decode(errors="replace") == record.raw
            if not record.file_path.endswith(".gz"):
                assert exact in (lake.lake / record.file_path).read_bytes()
