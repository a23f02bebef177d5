"""The installed `trustedlake catalog`, on a lake in a bucket and with the simulated Glue."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest
import sqlglot

from tests.support.buckets import store_in
from tests.support.published_lake import publish_rows
from tests.support.strict_glue import glue_environment
from tests.support.trials import Trial, films
from trustedlake.adapters.aws.glue_catalog import glue_client
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
DAY = "ano=2025/mes=06/dia=17"
PAGE = Path(__file__).parents[2] / "docs/how-to/catalog.md"


def run(*arguments: str, lake: str | Path) -> subprocess.CompletedProcess[str]:
    command = [COMMAND, "catalog", *arguments, "--lake", str(lake)]
    environ = dict(os.environ)  # noqa: TID251 - handed to a child
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def lake(bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in glue_environment(moto_url).items():
        monkeypatch.setenv(name, value)
    client = glue_client()
    for database in client.get_databases()["DatabaseList"]:
        client.delete_database(Name=database["Name"])
    publish_rows(store_in(bucket, "lake"), {DAY: [{"movie_id": 1, "title": "One"}]})
    return f"s3://{bucket}/lake"


def test_check_finds_differences_until_apply_removes_them(lake: str) -> None:
    before = run("--check", lake=lake)
    assert before.returncode == 3, before.stderr
    assert before.stdout.splitlines()[0].split() == ["difference", "table", "where", "what"]
    assert "table missing  tmdb_movies" in before.stdout
    applied = run("--apply", "--json", lake=lake)
    assert (applied.returncode, applied.stderr) == (0, "")
    table, view = json.loads(applied.stdout)["tables"]
    assert (table["table"], table["status"], table["added"]) == ("tmdb_movies", "created", 1)
    assert (view["table"], view["status"]) == ("tmdb_movies_current", "created")
    after = run("--check", lake=lake)
    assert (after.returncode, after.stdout) == (0, "contract, catalog and files agree: tmdb_movies\n")
    again = run("--apply", lake=lake)
    assert again.stdout.splitlines()[1].split()[:3] == ["tmdb_movies", "unchanged", "0"]
    found = glue_client().get_tables(DatabaseName="filmes-db")["TableList"]
    assert [one["Name"] for one in found] == ["tmdb_movies", "tmdb_movies_current"]


def test_to_trusted_registers_what_it_published(
    lake: str, bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = store_in(bucket, "raw")
    for day in ("16", "17"):
        store.put(f"Raw/TMDB/JSON/Movies/2025/06/{day}/filmes_001.json", json.dumps(films(3)).encode())
    store.close()
    monkeypatch.setenv("TRUSTEDLAKE_ENGINE", "sail")

    def to_trusted(*more: str, lake: str = f"s3://{bucket}/raw") -> subprocess.CompletedProcess[str]:
        command = [COMMAND, "to-trusted", "--source", "tmdb", "--catalog", "--lake", lake, *more]
        environ = dict(os.environ)  # noqa: TID251 - handed to a child
        return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)

    assert to_trusted("--dry-run").returncode == 0
    assert glue_client().get_databases()["DatabaseList"] == []
    done = to_trusted()
    assert done.returncode == 0, done.stderr
    assert "catalog: filmes-db.tmdb_movies created, 2 partition(s) added" in done.stdout
    assert "catalog: filmes-db.tmdb_movies_current created, a view" in done.stdout
    again = to_trusted("--json")
    assert json.loads(again.stdout)["tables"][0]["status"] == "unchanged"
    assert run("--check", lake=f"s3://{bucket}/raw").returncode == 0
    (tmp_path / "lake/Raw/TMDB/JSON/Movies").mkdir(parents=True)
    refused = to_trusted(lake=str(tmp_path / "lake"))
    assert refused.returncode == 2
    assert "Glue reads buckets" in refused.stderr
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    failed = to_trusted()
    assert failed.returncode == 4
    assert "published, but not registered" in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--apply", "--check"), 2, "exclude each other"),
        (("--ddl", "spark", "--projection"), 2, "spark has no projection"),
        (("--apply", "--table", "tmdb_series"), 1, "nothing of tmdb_series is published"),
    ],
)
def test_a_wrong_call_is_explained(lake: str, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = run(*arguments, lake=lake)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_printing_statements_for_a_bucket_needs_no_credentials(tmp_path: Path) -> None:
    for arguments, dialect in ((("athena", "--projection"), "athena"), (("spark",), "spark"), (("duckdb",), "duckdb")):
        done = run("--ddl", *arguments, lake="s3://nobodys-bucket/lake")
        assert done.returncode == 0, done.stderr
        statements = sqlglot.parse(done.stdout, dialect=dialect)
        assert len([one for one in statements if one is not None and one.key == "create"]) >= 7
        assert ("filmes_db" if dialect == "spark" else "filmes-db") in done.stdout
    refused = run("--ddl", "athena", lake=tmp_path)
    assert refused.returncode == 2
    assert "Athena reads buckets" in refused.stderr


def test_duckdb_executes_the_printed_statements_and_the_query_on_the_page(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, SystemClock())
    assert run("--ddl", "duckdb", lake=tmp_path).returncode == 1
    publish_rows(store, {DAY: [{"movie_id": 1, "title": "One", "imdb_id": "tt1"}]})
    publish_rows(store, {"": [{"id": "tt1", "nomeArtista": "A"}]}, table="local_movies")
    printed = run("--ddl", "duckdb", lake=tmp_path)
    assert printed.returncode == 0, printed.stderr
    sql = PAGE.read_text(encoding="utf-8").split("```sql\n")[1].split("```")[0]
    with duckdb.connect(":memory:") as connection:
        connection.execute(printed.stdout)
        assert connection.execute(sql).fetchall() == [("One", "A", None)]


def test_a_table_published_to_another_folder_is_found_by_its_ledger(tmp_path: Path, sail_engine: SailEngine) -> None:
    lake = Trial(tmp_path / "lake", sail_engine)
    lake.put("raw/2025/06/17/a.json", films(2))
    assert lake.run(entity="movies", inputs=("raw",), target="trusted/my films").exit_code == 0
    printed = run("--ddl", "duckdb", lake=lake.lake)
    assert printed.returncode == 0, printed.stderr
    with duckdb.connect(":memory:") as connection:
        connection.execute(printed.stdout)
        assert connection.execute('SELECT count(*), min(mes) FROM "filmes-db".tmdb_movies').fetchall() == [(2, "06")]


def test_without_a_mode_the_command_lists_the_tables(tmp_path: Path) -> None:
    shown = json.loads(run("--json", "--table", "local_series", lake=tmp_path).stdout)
    assert [table["name"] for table in shown] == ["local_series"]
    assert shown[0]["location"] == f"{tmp_path}/Trusted/Local/Parquet/Series/"
    assert "anoTermino" in [column["name"] for column in shown[0]["columns"]]
    assert run(lake=tmp_path).stdout.splitlines()[1].split()[:5] == ["tmdb_movies", "22", "ano,", "mes,", "dia"]
