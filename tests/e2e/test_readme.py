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


def test_your_own_files(tmp_path: Path, environ: dict[str, str]) -> None:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    (shell,) = blocks(README, "bash", "Your own files")
    said = run_shell(shell, tmp_path, environ)
    for table in ("tmdb_movies", "tmdb_series", "local_movies", "local_series"):
        assert f"{table}  published" in said, said
    assert pq.read_metadata(next((tmp_path / "lake/Trusted/Local/Parquet/Movies").iterdir())).num_rows > 0


def test_films_from_the_offline_tmdb(tmp_path: Path, environ: dict[str, str]) -> None:
    (shell,) = [code for code in blocks(README, "bash") if "http://127.0.0.1:8900/3" in code]
    with TmdbSimulator(films=100, token="offline") as sim:
        said = run_shell(with_values(shell, {"http://127.0.0.1:8900/3": sim.url}), tmp_path, environ)
    assert "tmdb_movies  published" in said
