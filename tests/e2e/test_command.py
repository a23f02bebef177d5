"""The installed command with a real Spark: what a user types, sees and finds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.page_stage import FEW_FILMS
from tests.support.trials import FIXTURES, MOVIES, Trial, films
from trustedlake.adapters.spark.sail_engine import SailEngine
from trustedlake.entrypoints.cli.main import COMMANDS

COMMAND = str(Path(sys.executable).parent / "trustedlake")
CLI_PY = str(Path(__file__).parents[2] / "cli.py")
NO_JAVA = {"PATH": "/nonexistent", "JAVA_HOME": "/nonexistent"}


def run(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ) | {"TRUSTEDLAKE_ENGINE": "spark"} | variables  # noqa: TID251 - handed to a child
    return subprocess.run(arguments, cwd=cwd, env=environ, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command")
    shutil.copytree(FIXTURES / "lake", folder / "lake")
    return folder


def test_to_trusted_prints_one_json_document_and_no_noise_of_spark(lake: Path) -> None:
    done = run(COMMAND, "to-trusted", "--source", "tmdb", "--json", cwd=lake)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert done.stderr == ""
    assert [table["table"] for table in report["tables"]] == ["tmdb_movies", "tmdb_series"]
    expected = json.loads((FIXTURES / "expected" / "lake.json").read_text())["tmdb_movies"]
    counts = {name: {**told, "elsewhere": 0} for name, told in expected.items()}
    assert {p["partition"]: p["counts"] for p in report["tables"][0]["partitions"]} == counts
    stored = lake / "lake/_trustedlake/runs" / f"{report['run_id']}.json"
    assert json.loads(stored.read_text()) == report
    file = lake / "lake/Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=16/part-00000.parquet"
    assert pq.ParquetFile(file).read().num_rows == 12
    assert not list((lake / "lake/_trustedlake/staging").rglob("*.parquet"))


def test_a_second_run_says_that_nothing_changed_and_needs_no_java(lake: Path) -> None:
    done = run(COMMAND, "to-trusted", "--source", "tmdb", cwd=lake, **NO_JAVA)
    assert done.returncode == 0, done.stderr
    assert "nothing changed" in done.stdout


def test_the_engine_without_java_publishes_the_same(lake: Path, tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    done = run(
        COMMAND, "to-trusted", "--source", "tmdb", "--verbose", cwd=tmp_path, TRUSTEDLAKE_ENGINE="auto", **NO_JAVA
    )
    assert done.returncode == 0, done.stderr
    assert "engine: pysail" in done.stderr
    assert "since it is installed and 0 MB of raw files are few enough for it" in done.stderr
    here, there = Trial(tmp_path / "lake", SailEngine()), Trial(lake / "lake", SailEngine())
    for zone in ("Trusted", "Quarantine"):
        rows = [[{**row, "run_id": ""} for row in one.rows(f"{zone}/TMDB/Parquet/Movies")] for one in (here, there)]
        assert rows[0] == rows[1]
        assert rows[0]


def test_quarantine_and_report_show_the_run(lake: Path) -> None:
    shown = run(COMMAND, "quarantine", "--json", cwd=lake)
    records = json.loads(shown.stdout)
    assert len(records) == 6
    first = next(record for record in records if record["verdict"] == "rejected")
    address = f"{first['file_path']}#{first['record_index']}"
    raw = run(COMMAND, "quarantine", "--raw", address, cwd=lake)
    assert raw.stdout == first["raw"] + "\n"
    counted = run(COMMAND, "quarantine", "--count", "--source", "tmdb", cwd=lake)
    assert "title|blank" in counted.stdout
    assert "tmdb_movies" in run(COMMAND, "report", cwd=lake).stdout
    assert len(json.loads(run(COMMAND, "report", "--list", "--json", cwd=lake).stdout)) >= 1


@pytest.mark.rest
def test_spark_submit_runs_the_main_job_from_a_checkout(tmp_path: Path) -> None:
    if shutil.which("java") is None:
        pytest.skip("spark-submit itself needs a Java on the PATH")
    shutil.copytree(FIXTURES / "lake", tmp_path / "lake")
    bin_folder = Path(sys.executable).parent
    path = os.pathsep.join([str(bin_folder), os.environ["PATH"]])  # noqa: TID251 - handed to a child
    command = [str(bin_folder / "spark-submit"), CLI_PY, "to-trusted", "--source", "csv", "--lake", "lake", "--json"]
    done = run(*command, cwd=tmp_path, PATH=path, SPARK_SUBMIT_OPTS=FEW_FILMS)
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout)
    assert {table["table"]: table["counts"]["trusted"] for table in report["tables"]} == {
        "local_movies": 22,
        "local_series": 7,
    }


def test_ctrl_c_before_publishing_sweeps_the_staging_and_exits_130(tmp_path: Path) -> None:
    trial = Trial(tmp_path / "lake", SailEngine())
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(50))
    process = subprocess.Popen(
        [COMMAND, "to-trusted", "--source", "tmdb", "--lanes", "off", "--lake", str(trial.lake)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(trial.lake / "_trustedlake/staging")
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert "interrupted" in said
    left = [path for path in trial.snapshot() if not path.startswith("Raw/")]
    assert left == []


def wait_for(path: Path, *, timeout_s: float = 60) -> None:
    deadline = time.monotonic() + timeout_s
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not appear"
        time.sleep(0.02)


def test_the_demo_runs_to_the_end_without_java_on_the_machine(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in (tool for folder in (Path("/usr/bin"), Path("/bin")) for tool in folder.iterdir()):
        if not tool.name.startswith("java") and not (tools / tool.name).is_symlink():
            (tools / tool.name).symlink_to(tool)
    assert shutil.which("java", path=str(tools)) is None
    without_java = {"PATH": str(tools), "JAVA_HOME": "", "TRUSTEDLAKE_ENGINE": "auto"}
    done = run(COMMAND, "demo", cwd=tmp_path, **without_java)
    assert done.returncode == 0, done.stderr
    for said in ("$ trustedlake to-trusted --source tmdb", "$ trustedlake quarantine", "nothing changed"):
        assert said in done.stdout
    lines = [line for line in done.stdout.split("# Try next")[1].splitlines() if line.startswith("    ")]
    assert len(lines) == 4
    for line in lines:
        pasted = run("bash", "-c", line, cwd=tmp_path, **without_java)
        assert pasted.returncode == 0, line + pasted.stderr
    assert "tmdb_series" in (tmp_path / "demo.html").read_text(encoding="utf-8")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").touch()
    refused = run(COMMAND, "demo", "mine", cwd=tmp_path)
    assert (refused.returncode, (tmp_path / "mine/file").exists()) == (2, True)
    assert "is not empty" in refused.stderr


def test_every_command_has_help_with_an_example(tmp_path: Path) -> None:
    for name in COMMANDS:
        shown = run(COMMAND, name, "--help", cwd=tmp_path)
        assert shown.returncode == 0
        assert "Example" in shown.stdout, name


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    code = "import sys; from trustedlake.entrypoints.cli.main import _exit_code; _exit_code(['--help']);" + (
        "print(sorted({'pyspark', 'pyarrow', 'pydantic', 'rich', 'requests', 'duckdb', 'boto3'} & sys.modules.keys()))"
    )
    assert run(sys.executable, "-c", code, cwd=tmp_path).stdout.endswith("[]\n")


def test_a_clean_day_loads_neither_an_engine_nor_pandas(tmp_path: Path) -> None:
    day = tmp_path / "lake/Raw/TMDB/JSON/Movies/2025/06/17"
    day.mkdir(parents=True)
    (day / "filmes_001.json").write_text('[{"id": 11, "title": "Harbour", "genres": ["Drama"], "vote_count": 7}]')
    code = "import sys; from trustedlake.entrypoints.cli.main import _exit_code; code = _exit_code(sys.argv[1:]);" + (
        "print(code, sorted({'pyspark', 'pandas', 'grpc', 'boto3', 'orjson', 'duckdb'} & sys.modules.keys()))"
    )
    arguments = ["to-trusted", "--lake", "lake", "--table", "tmdb_movies"]
    assert run(sys.executable, "-c", code, *arguments, cwd=tmp_path).stdout.endswith("0 []\n")
    after = (
        "from trustedlake.adapters.local.without_pandas import without_pandas; without_pandas(); import pyarrow as pa;"
    )
    after += "pa.array([1]); import pandas; print(pa.table({'a': [1, 2]}).to_pandas().shape)"
    assert run(sys.executable, "-c", after, cwd=tmp_path).stdout == "(2, 1)\n"
