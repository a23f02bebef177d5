"""Every engine, with the accept lane and alone, makes the same lake of the same raw files: rows and counts are equal.

`make parity LAKE=…` does it with a lake of your own; what it holds is only read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from tests.benchmarks import generator
from tests.support.trials import FIXTURES, REPO
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths, raw_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.adapters.spark.spark_engine import SparkEngine
    from trustedlake.models.choices import Lanes
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.report import RunReport
    from trustedlake.ports import Engine

    Run = Callable[[Path, str, str], dict[str, Any]]

THIS = Path(sys.executable).parent / "trustedlake"
SPARK35 = REPO / ".venv-spark35" / "bin" / "trustedlake"
GIVEN = os.environ.get("PARITY_LAKE")  # noqa: TID251 - a test's own setting
TOLD = ("partition", "status", "counts", "reasons", "message")
WAYS: dict[str, tuple[Path, str, Lanes]] = {
    "pysail": (THIS, "sail", "auto"),
    "pysail alone": (THIS, "sail", "off"),
    "spark": (THIS, "spark", "auto"),
    "spark alone": (THIS, "spark", "off"),
    "spark 3.5": (SPARK35, "spark", "off"),
}
LARGE: dict[str, Callable[[Path], None]] = {"200,000 films": generator.films, "1,000,000 lines": generator.csv_lines}
EVERY = tuple(WAYS) if (REPO / ".venv-spark35" / ".ready").exists() else tuple(WAYS)[:4]


def fixtures(lake: Path) -> None:
    """The fixture lake, and the hostile files, a few a day."""
    shutil.copytree(FIXTURES / "lake", lake)
    for number, file in enumerate(sorted((FIXTURES / "hostile" / "json").iterdir())):
        day = lake / f"Raw/TMDB/JSON/Movies/2025/07/{1 + number % 28:02}"
        day.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, day)


def test_every_engine_makes_the_same_lake_of_the_fixtures_and_hostile_files(
    tmp_path: Path, sail_engine: SailEngine, spark_engine: SparkEngine
) -> None:
    """Uses the engines of the other tests; with many records the command starts its own."""
    engines: dict[str, Engine] = {"sail": sail_engine, "spark": spark_engine}

    def run(lake: Path, way: str, source: str) -> RunReport:
        _, engine, lanes = WAYS[way]
        with compose.home(compose.Place(lake=str(lake)), engine=engines[engine], lanes=lanes) as home:
            return home.to_trusted(compose.Asked(source=source), Options())

    fixtures(tmp_path / "given")
    counts = compare(
        tmp_path / "given",
        tmp_path,
        tuple(WAYS)[:4],
        run=lambda *asked: json.loads(run(*asked).model_dump_json()),
    )
    assert len(counts["tmdb_movies"]["refused"]) > 5, "most of the hostile files must be refused"
    assert all(table["counts"]["trusted"] for table in counts.values())


@pytest.mark.slow
@pytest.mark.parametrize("size", LARGE)
def test_every_engine_makes_the_same_lake_of_many_records(size: str, tmp_path: Path) -> None:
    LARGE[size](tmp_path / "given")
    compare(tmp_path / "given", tmp_path, EVERY)


@pytest.mark.skipif(not GIVEN, reason="make parity LAKE=path/to/lake names one")
def test_every_engine_makes_the_same_lake_of_the_lake_that_was_given(tmp_path: Path) -> None:
    compare(Path(str(GIVEN)).absolute(), tmp_path, EVERY)


def by_command(lake: Path, way: str, source: str) -> dict[str, Any]:
    """The report of the installed command."""
    program, engine, lanes = WAYS[way]
    asked = ["to-trusted", "--source", source, "--engine", engine, "--lanes", lanes, "--json", "--lake", str(lake)]
    done = subprocess.run([program, *asked], capture_output=True, text=True, timeout=1200, check=False, cwd=lake)
    assert done.returncode in {0, 3}, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def compare(given: Path, work: Path, ways: tuple[str, ...], run: Run = by_command) -> dict[str, dict[str, Any]]:
    """Run the lake's tables in each way; what the first way tells of each table."""
    there = [one for one in CONTRACTS.values() if given.joinpath(*raw_prefix(one.raw.path[0])).exists()]
    tables = [default_paths(one) for one in there]
    assert tables, f"{given} has no Raw folder that trustedlake knows"
    told = {way: judged(given, work / way.replace(" ", ""), way, tables, run) for way in ways}
    one, *others = ways
    for other in others:  # what all have in common with one they have in common with each other
        for paths in tables:
            table = paths.table
            assert told[one][table] == told[other][table], f"{table}: {one} and {other} count differently"
            for folder in (paths.trusted, paths.quarantine, paths.failed):
                assert_same_rows(work, (one, other), folder, partitioned=CONTRACTS[table].partitioned)
    for table, first in told[ways[0]].items():
        print(f"{table}: {first['counts']} alike in {', '.join(ways)}")  # noqa: T201 - pytest -s shows it
    return told[ways[0]]


def judged(given: Path, lake: Path, way: str, tables: Sequence[TablePaths], run: Run) -> dict[str, dict[str, Any]]:
    """What the reports say of each table, but for what tells the runs apart."""
    lake.mkdir()
    (lake / "Raw").symlink_to(given / "Raw", target_is_directory=True)
    *_, lanes = WAYS[way]
    told = {}
    for source in sorted({"csv" if paths.table.startswith("local") else "tmdb" for paths in tables}):
        for table in run(lake, way, source)["tables"]:
            judged_by = table["engine"].split() or [way] * (lanes == "auto")
            assert judged_by[0] in way, f"{table['engine']} judged: {table['notes']} {table['message']}"
            parts = [{name: part[name] for name in TOLD} for part in table["partitions"]]
            refused = [part["partition"] for part in parts if part["status"] == "refused"]
            told[table["table"]] = {"counts": table["counts"], "refused": refused, "partitions": parts}
    return told


def assert_same_rows(work: Path, ways: tuple[str, str], folder: str, *, partitioned: bool) -> None:
    """Not one row more or less on either side, lineage, verdicts and reasons included."""
    folders = [work / way.replace(" ", "") / folder for way in ways]
    there = [any(one.rglob("*.parquet")) for one in folders]
    assert there[0] == there[1], f"{folder}: one of {ways} wrote nothing"
    if not there[0]:
        return
    hive = (
        "hive_types = {'ano': VARCHAR, 'mes': VARCHAR, 'dia': VARCHAR}" if partitioned else "hive_partitioning = false"
    )
    one, other = (f"FROM read_parquet('{lake}/**/*.parquet', {hive})" for lake in folders)
    database = duckdb.connect()
    columns = [name for name, *_ in database.execute(f"SELECT * {one} LIMIT 0").description]
    run = "* EXCLUDE (run_id)" if "run_id" in columns else "*"
    for here, there_ in ((one, other), (other, one)):
        different = database.execute(f"SELECT {run} {here} EXCEPT ALL SELECT {run} {there_} LIMIT 3").fetchall()
        assert not different, f"{folder}: {ways} differ in {different}"
