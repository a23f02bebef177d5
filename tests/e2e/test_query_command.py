"""The installed `trustedlake query`: what it prints, how it ends, and what it does without DuckDB."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.buckets import store_in
from tests.support.published_lake import publish_rows
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DAYS = {
    "ano=2025/mes=06/dia=16": [{"movie_id": 1, "title": "One; as it\nwas", "genres": ["Crime", "War"]}],
    "ano=2025/mes=06/dia=17": [
        {"movie_id": 1, "title": "One"},
        {"movie_id": 2, "title": "Última 🎬", "popularity": 1.5},
    ],
}
NO_JAVA = {"PATH": "/nonexistent", "JAVA_HOME": "/nonexistent"}


def run(*arguments: str, lake: Path | str, given: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ) | NO_JAVA | variables  # noqa: TID251 - handed to a child
    command = [COMMAND, "query", *arguments, "--lake", str(lake)]
    return subprocess.run(command, env=environ, input=given, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query") / "lake"
    publish_rows(LocalStore(folder, SystemClock()), DAYS)
    return folder


def test_each_output_format_has_the_same_rows(lake: Path) -> None:
    sql = "SELECT movie_id, title, genres, popularity, mes FROM tmdb_movies ORDER BY dia, movie_id"
    shown = {form: run(sql, "--format", form, lake=lake) for form in ("table", "csv", "json", "ndjson")}
    assert {form: done.returncode for form, done in shown.items()} == dict.fromkeys(shown, 0)
    expected = [
        {"movie_id": 1, "title": "One; as it\nwas", "genres": ["Crime", "War"], "popularity": None, "mes": "06"},
        {"movie_id": 1, "title": "One", "genres": None, "popularity": None, "mes": "06"},
        {"movie_id": 2, "title": "Última 🎬", "genres": None, "popularity": 1.5, "mes": "06"},
    ]
    assert json.loads(shown["json"].stdout) == expected
    assert [json.loads(line) for line in shown["ndjson"].stdout.splitlines()] == expected
    assert list(csv.reader(io.StringIO(shown["csv"].stdout))) == [
        ["movie_id", "title", "genres", "popularity", "mes"],
        ["1", "One; as it\nwas", '["Crime", "War"]', "", "06"],
        ["1", "One", "", "", "06"],
        ["2", "Última 🎬", "", "1.5", "06"],
    ]
    assert shown["table"].stdout.splitlines()[1].split() == [
        "1",
        "One;",
        "as",
        "it",
        "was",
        '["Crime",',
        '"War"]',
        "06",
    ]
    assert shown["table"].stderr == "3 row(s)\n"


@pytest.mark.parametrize(
    ("form", "nothing"), [("table", "movie_id\n"), ("csv", "movie_id\n"), ("json", "[]\n"), ("ndjson", "")]
)
def test_a_query_without_result_rows_succeeds(lake: Path, form: str, nothing: str) -> None:
    done = run("SELECT movie_id FROM tmdb_movies WHERE ano = '1999'", "--format", form, lake=lake)
    assert (done.returncode, done.stdout) == (0, nothing)
    assert done.stderr == ("0 row(s)\n" if form == "table" else "")


def test_a_note_says_that_the_limit_left_rows_out(lake: Path) -> None:
    done = run("FROM range(7)", "--format", "csv", "--limit", "2", lake=lake)
    assert done.stdout == "range\n0\n1\n"
    assert "only the first 2 rows" in done.stderr
    assert run("FROM range(2)", "--format", "csv", "--limit", "2", lake=lake).stderr == ""
    assert len(run("FROM range(70)", lake=lake).stdout.splitlines()) == 51
    assert "columns that did not fit: " in run("FROM tmdb_movies", lake=lake).stderr


def test_the_query_may_come_from_stdin(lake: Path) -> None:
    done = run("-", "--format", "ndjson", lake=lake, given="SELECT count(*) AS n\nFROM tmdb_movies_current;\n")
    assert done.stdout == '{"n": 2}\n'


@pytest.mark.parametrize(
    ("sql", "code", "said"),
    [
        ("SELEC 1", 2, "  LINE 1: SELEC 1\n          ^^^^^"),
        ("FROM tmdb_movie", 2, "did you mean tmdb_movies?"),
        ("DROP VIEW tmdb_movies", 2, "DROP is refused"),
        ("FROM local_series", 1, "nothing of local_series is published"),
    ],
)
def test_a_refused_query_exits_with_its_code(lake: Path, sql: str, code: int, said: str) -> None:
    done = run(sql, lake=lake)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "nanobind" not in done.stderr


def test_a_query_on_an_empty_lake_says_how_to_publish_a_table(tmp_path: Path) -> None:
    done = run("SELECT 1", lake=tmp_path)
    assert done.returncode == 1
    assert f"error: nothing is published in {tmp_path}" in done.stderr
    assert "hint: trustedlake to-trusted" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_long_query_ends_on_a_signal(lake: Path, number: signal.Signals) -> None:
    program = (
        "import sys; from trustedlake.adapters.duckdb.query import DuckDBQuery as Q; ask = Q.ask\n"
        "Q.ask = lambda *given: print('asking', flush=True) or ask(*given)\n"
        "from trustedlake.entrypoints.cli.main import run; run(sys.argv[1:])"
    )
    endless = "SELECT sum(a.range * b.range) FROM range(1000000000) a, range(1000000) b"
    command = [sys.executable, "-c", program, "query", endless, "--lake", str(lake)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "asking\n"
        time.sleep(0.3)
        child.send_signal(number)
        _, said = child.communicate(timeout=30)
    assert child.returncode == 130
    assert "interrupted" in said


def test_without_duckdb_the_error_says_what_to_install(lake: Path) -> None:
    program = (
        "import sys; sys.modules['duckdb'] = None\nfrom trustedlake.entrypoints.cli.main import run; run(sys.argv[1:])"
    )
    command = [sys.executable, "-c", program, "query", "SELECT 1", "--lake", str(lake)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert 'pip install "trustedlake[query]"' in done.stderr


def test_a_query_on_a_bucket_returns_the_same_rows_as_on_a_folder(bucket: str, lake: Path) -> None:
    store = store_in(bucket, "my lake/ção")
    publish_rows(store, DAYS)
    store.put("Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00001.parquet", b"from elsewhere")
    store.close()
    sql = "SELECT movie_id, title, genres, ano, mes, dia FROM tmdb_movies_current ORDER BY 1"
    there = run(sql, "--format", "json", lake=f"s3://{bucket}/my lake/ção")
    assert there.returncode == 0, there.stderr
    assert there.stdout == run(sql, "--format", "json", lake=lake).stdout
    absent = run(sql, lake=f"s3://{bucket}-not/lake")
    assert absent.returncode == 1
    assert "there is no such bucket" in absent.stderr
