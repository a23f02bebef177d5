"""The commands and the Python of the README run as they stand there, in processes of their own."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from tests.support.pages import README, blocks, run_shell, with_values
from tests.support.trials import FIXTURES
from trustedlake.adapters.engines.java import find_java
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ() -> dict[str, str]:
    """What someone has who follows the README: no settings of trustedlake's."""
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    return {name: value for name, value in inherited if not name.startswith(("TRUSTEDLAKE_", "TMDB_"))}


def test_the_jobs_of_the_readme_run(tmp_path: Path, environ: dict[str, str]) -> None:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    jobs = blocks(README, "python")
    assert len(jobs) == 2
    assert all(len(job.splitlines()) <= 12 for job in jobs)
    (tmp_path / "job.py").write_text("\n".join(jobs), encoding="utf-8")
    java = find_java(environ, cache=tmp_path / "java")
    variables = {"JAVA_HOME": str(java.home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    said = run_shell("python job.py", tmp_path, environ | variables, timeout_s=300)
    assert "trusted=36" in said
    for folder, rows in (("trusted", 36), ("quarantine", 4)):
        files = (tmp_path / "out" / folder).rglob("*.parquet")
        assert sum(pq.read_metadata(file).num_rows for file in files) == rows


TRIPS = """id_viagem;partida;chegada;distancia_km;valor;motorista
1;2025-06-17 08:00:00;2025-06-17 09:30:00;71,5;120,00;Ana
2;2025-06-17 10:15:00;2025-06-17 10:40:00;9,25;33,90;Bruno
3;2025-06-17 11:00:00;;8,00;30,00;Ana
"""


def test_your_own_table(tmp_path: Path, environ: dict[str, str]) -> None:
    for day in ("17", "18"):
        folder = tmp_path / f"lake/Raw/trips/2025/06/{day}"
        folder.mkdir(parents=True)
        (folder / "trips.csv").write_text(TRIPS.replace("-17 ", f"-{day} "), encoding="utf-8")
    (shell,) = blocks(README, "bash", "Your own table")
    said = run_shell(shell, tmp_path, environ)
    assert "trips  published" in said, said
    assert "trips: 2 partition(s), 6 rows, 0 rejected (0.0%)" in said, said
    kilometres = [
        value
        for file in sorted((tmp_path / "lake/Trusted").rglob("*.parquet"))
        for value in pq.ParquetFile(file).read(["distancia_km"]).column(0).to_pylist()
    ]
    assert sorted(float(value) for value in kilometres) == [8.0, 8.0, 9.25, 9.25, 71.5, 71.5]


def test_films_and_series(tmp_path: Path, environ: dict[str, str]) -> None:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    (shell,) = blocks(README, "bash", "Films and series")
    said = run_shell(shell, tmp_path, environ)
    for table in ("tmdb_movies", "tmdb_series", "local_movies", "local_series"):
        assert f"{table}  published" in said, said
    assert pq.read_metadata(next((tmp_path / "lake/Trusted/Local/Parquet/Movies").iterdir())).num_rows > 0


def test_films_from_the_offline_tmdb(tmp_path: Path, environ: dict[str, str]) -> None:
    (shell,) = [code for code in blocks(README, "bash") if "http://127.0.0.1:8900/3" in code]
    with TmdbSimulator(films=100, token="offline") as sim:
        said = run_shell(with_values(shell, {"http://127.0.0.1:8900/3": sim.url}), tmp_path, environ)
    assert "tmdb_movies  published" in said
