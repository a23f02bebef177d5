"""SQL and the catalog check on a lake in a real S3: both find what was published."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.strict_glue import glue_environment
from tests.support.trials import FIXTURES
from trustedlake.adapters.aws.glue_catalog import glue_client

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
FILE = "Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet"


@pytest.fixture
def trial(minio_bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch, sail_engine: SailEngine) -> BucketTrial:
    """The fixture lake, published in MinIO; the catalog is a simulated one."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_GLUE", glue_environment(moto_url)["AWS_ENDPOINT_URL_GLUE"])
    client = glue_client()
    for database in client.get_databases()["DatabaseList"]:
        client.delete_database(Name=database["Name"])
    lake = BucketTrial(minio_bucket, "um lago + 1", sail_engine)
    lake.put_folder(FIXTURES / "lake")
    for source in ("tmdb", "csv"):
        assert lake.run(source).exit_code == 0
    return lake


def run(*arguments: str, trial: BucketTrial) -> subprocess.CompletedProcess[str]:
    environ = dict(os.environ)  # noqa: TID251 - handed to a child
    command = [COMMAND, *arguments, "--lake", trial.lake]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def test_sql_finds_every_published_row(trial: BucketTrial) -> None:
    with trial.store() as store:
        ledgers = {
            info.key: json.loads(store.read(info.key))["partitions"] for info in store.list("_trustedlake/ledger")
        }
    rows = {}
    for table in ("tmdb_movies", "tmdb_series", "local_movies", "local_series"):
        published = ledgers[f"_trustedlake/ledger/{table}.json"]
        rows[table] = sum(file["rows"] for entry in published.values() for file in entry["trusted"])
        assert rows[table] > 0
    counts = ", ".join(f"(SELECT count(*) FROM {table}) AS {table}" for table in rows)
    asked = run("query", f"SELECT {counts}", "--format", "json", trial=trial)
    assert (asked.returncode, json.loads(asked.stdout)) == (0, [rows]), asked.stderr
    sql = "SELECT DISTINCT ano || mes || dia AS day FROM tmdb_movies WHERE mes = '06' ORDER BY 1"
    days = json.loads(run("query", sql, "--format", "json", trial=trial).stdout)
    named = {name for name in ledgers["_trustedlake/ledger/tmdb_movies.json"] if "mes=06" in name}
    assert [one["day"] for one in days] == sorted("".join(p.split("=")[1] for p in name.split("/")) for name in named)
    joined = "SELECT m.title FROM tmdb_movies_current AS m JOIN local_movies AS l ON l.id = m.imdb_id"
    assert json.loads(run("query", joined, "--format", "json", trial=trial).stdout)


def test_the_catalog_agrees_with_the_files_until_one_is_removed(trial: BucketTrial) -> None:
    unregistered = run("catalog", "--check", trial=trial)
    assert (unregistered.returncode, unregistered.stdout.count("table missing  ")) == (3, 4), unregistered.stdout
    assert run("catalog", "--apply", trial=trial).returncode == 0
    agreed = run("catalog", "--check", trial=trial)
    assert (agreed.returncode, "contract, catalog and files agree" in agreed.stdout) == (0, True), agreed.stdout
    with trial.store() as store:
        assert store.head(FILE) is not None
        store.delete(FILE)
    gone = run("catalog", "--check", trial=trial)
    assert gone.returncode == 3
    assert "file missing" in gone.stdout
    assert trial.run("tmdb").exit_code == 0
    assert run("catalog", "--check", trial=trial).returncode == 0
