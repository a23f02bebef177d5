"""`deploy/glue_job.py` in each version of Glue: from Raw in a bucket to Trusted, and how bad runs end.

Nothing here is AWS: each version is an environment with Glue's Spark, Python, boto3 and urllib3, the wheel as
`--additional-python-modules` installs it, a stand-in for awsglue, and MinIO behind `s3://`. The first runs have the
arguments of the jobs in `deploy/template.yaml`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.support.buckets import bucket_of, store_in
from tests.support.fixture_files import expected, shapes
from tests.support.glue_home import LINEAGE, REPO, SCRIPT, GlueHome, JobRun
from tests.support.openlineage import check, receiving, short
from tests.support.stack import Stack
from tests.support.trials import films
from trustedlake.adapters.spark.process_environment import environment
from trustedlake.adapters.spark.sail_engine import CONNECT
from trustedlake.core.judging.digest import digest
from trustedlake.core.judging.schema import trusted_ddl
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

VERSIONS = ("5.0", "5.1", "6.0")
DAY = "2025/06/17"
RAW = {
    "tmdb_movies": "Raw/TMDB/JSON/Movies",
    "tmdb_series": "Raw/TMDB/JSON/Series",
    "local_movies": "Raw/Local/CSV/Movies",
    "local_series": "Raw/Local/CSV/Series",
}
DEAD = "http://127.0.0.1:9"
GLUES_OWN = ["true", "--job-bookmark-option", "job-bookmark-disable", "--JOB_ID", "j_1", "--JOB_RUN_ID", "jr_1"]


@pytest.fixture(scope="module", params=VERSIONS)
def glue(request: pytest.FixtureRequest) -> GlueHome:
    home = GlueHome(request.param, REPO / f".venv-glue{request.param.replace('.', '')}")
    if not (home.folder / ".ready").exists():
        pytest.skip(f"there is no Glue {request.param} here: make test-glue makes it where its Python is")
    return home


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def bucket(glue: GlueHome, request: pytest.FixtureRequest, patch: pytest.MonkeyPatch, moto_url: str) -> str:
    """A bucket of a MinIO with the lakes of the runs; the catalog is moto's."""
    name = bucket_of("minio", request, patch)
    patch.setenv("AWS_ENDPOINT_URL_GLUE", moto_url)
    catalog = boto3.client("glue")
    for database in catalog.get_databases()["DatabaseList"]:
        catalog.delete_database(Name=database["Name"])
    store = store_in(name)
    for table, folder in RAW.items():
        for day, (shape, files) in enumerate(shapes(table).items(), start=1):
            for file in files:
                key = f"{folder}/2025/06/{day:02}/{shape}/{file.name}".replace(f"/{file.name}/", "/")
                store.put(f"lake/{key}", file.read_bytes())
    store.put(f"empty/{RAW['tmdb_movies']}/{DAY}/_SUCCESS", b"")
    bad = [*films(10), *({"id": number, "title": ""} for number in range(100, 105))]
    store.put(f"bad/RAW/movies/{DAY}/filmes_001.json", json.dumps(bad).encode())
    store.put("bad/RAW/movies/2025/06/18/filmes_001.json", json.dumps(films(3, 50)).encode())
    for lake in ("good", "told"):
        store.put(f"{lake}/{RAW['tmdb_movies']}/{DAY}/filmes_001.json", json.dumps(films(3)).encode())
    store.put(f"told/{RAW['tmdb_movies']}/2025/06/18/filmes_001.json", json.dumps(bad).encode())
    store.close()
    return name


@pytest.fixture(scope="module")
def runs(glue: GlueHome, bucket: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, JobRun]:
    """What each run of the job came to, in the order in which they were done."""

    def job(*arguments: str) -> list[str]:
        return [*GLUES_OWN, "--JOB_NAME", "films", *arguments]

    stack = Stack(physical={"LakeBucket": f"{bucket}/lake"})
    tmdb, csv = (stack.properties(name)["DefaultArguments"].items() for name in ("TmdbJob", "CsvJob"))
    lake, bad = f"s3://{bucket}/lake", f"s3://{bucket}/bad"
    paths = ["--S3_INPUT_PATH", f"{bad}/RAW/movies/", "--S3_TARGET_PATH", f"{bad}/Trusted/tmdb/movies/"]
    asked = {
        "tmdb": job(*(part for pair in tmdb for part in pair)),
        "again": job("--LAKE", lake, "--DATABASE", "filmes-db"),
        "csv": job(*(f"{name}={value}" for name, value in csv)),
        "empty": job("--LAKE", f"s3://{bucket}/empty", "--ENTITY", "movies"),
        "refused": job(*paths),
        "accepted": job(*paths, "--MAX_REJECTED", "0.5"),
        "nothing": job("--LAKE", f"s3://{bucket}/nowhere"),
        "slip": job("--LAKE", lake, "--DATABSE", "filmes-db"),
        "no client": job("--LAKE", lake, "--OPENLINEAGE", DEAD),
    }
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]  # noqa: TID251 - the fixture's
    return glue.runs(asked, folder=tmp_path_factory.mktemp("glue"), endpoint=endpoint)


def only(lines: list[dict[str, Any]]) -> dict[str, Any]:
    assert len(lines) == 1, lines
    return lines[0]


def test_the_environment_has_the_versions_of_this_glue(glue: GlueHome) -> None:
    code = "import boto3, json, pyarrow, pyspark, sys, urllib3; print(json.dumps([sys.version_info[:2],"
    code += " pyspark.__version__, boto3.__version__, urllib3.__version__]))"
    has = {
        "5.0": [[3, 11], "3.5.4", "1.34.131", "1.25.10"],
        "5.1": [[3, 11], "3.5.6", "1.40.61", "1.26.20"],
        "6.0": [[3, 13], "4.1.1", "1.42.84", "2.5.0"],
    }
    assert json.loads(glue.execute(code)) == has[glue.version]


def test_all_four_tables_are_published_with_the_digest_of_a_local_run(
    runs: dict[str, JobRun], bucket: str, tmp_path: Path, sail_engine: SailEngine
) -> None:
    assert (runs["tmdb"].error, runs["csv"].error) == ("", "")
    found = {}
    with environment(CONNECT):
        for table, contract in CONTRACTS.items():
            folder = tmp_path / table
            store = store_in(bucket, f"lake/{default_paths(contract).trusted}")
            for info in store.list(""):
                (folder / info.key).parent.mkdir(parents=True, exist_ok=True)
                (folder / info.key).write_bytes(store.read(info.key))
            store.close()
            read = sail_engine.session.read.schema(trusted_ddl(contract)).parquet(str(folder))
            row = digest(read, contract).collect()[0]
            found[table] = {"rows": row["rows"], "total": int(row["total"]), "bits": row["bits"]}
    assert found == expected("digests")


def test_a_rerun_changes_nothing_and_succeeds(runs: dict[str, JobRun], bucket: str) -> None:
    again = runs["again"]
    assert again.error == ""
    assert [line["status"] for line in again.events("table_finished")] == ["unchanged", "unchanged"]
    assert {line["status"] for line in again.events("registered")} == {"unchanged"}
    assert again.events("framed") == []


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("empty", "JobFailedError: exit code 1: .*no raw file.*hint: "),
        ("nothing", "JobFailedError: exit code 1: no such lake.*hint: "),
        ("refused", "JobFailedError: exit code 3: .*dia=17.*5 of 15 records.*hint: "),
        ("slip", "JobFailedError: exit code 2: --DATABSE is not an argument.*--DATABASE"),
        ("no client", "JobFailedError: exit code 2: openlineage-python, which sends .*hint: "),
    ],
    ids=["empty", "nothing", "refused", "slip", "no client"],
)
def test_a_bad_run_fails_the_job_with_a_cause_and_a_hint(runs: dict[str, JobRun], name: str, error: str) -> None:
    run = runs[name]
    assert re.search(error, run.error), run.error
    assert run.events("glue_commit") == []
    failed = only(run.events("job_failed"))
    assert failed["level"] == "ERROR"
    assert run.error.endswith(failed["message"])
    assert [failed.get("run_id")] == [line["run_id"] for line in run.events("run_started")] or "run_id" not in failed
    assert ("run_id" in failed) == (name in {"empty", "refused"})


def test_the_process_of_a_bad_run_exits_1_with_the_cause(glue: GlueHome, tmp_path: Path) -> None:
    command = [str(glue.python), str(SCRIPT), "--JOB_NAME", "films"]
    done = subprocess.run(command, env=glue.environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    said = "JobFailedError: exit code 2: no lake given (hint: give --LAKE s3://bucket/prefix"
    assert said in done.stderr.splitlines()[-1]
    assert json.loads(done.stdout)["event"] == "job_failed"


def test_a_good_run_is_initialized_and_committed_as_glue_expects(runs: dict[str, JobRun]) -> None:
    for name in ("tmdb", "again", "csv", "accepted"):
        init, commit = only(runs[name].events("glue_init")), only(runs[name].events("glue_commit"))
        assert (init["job"], commit["job"]) == ("films", "films")
        assert init["args"]["JOB_RUN_ID"] == "jr_1"


def test_other_days_are_published_beside_a_refused_day(runs: dict[str, JobRun], bucket: str) -> None:
    refused, published = only(runs["refused"].events("refused")), only(runs["refused"].events("published"))
    assert (refused["partition"], published["partition"]) == ("ano=2025/mes=06/dia=17", "ano=2025/mes=06/dia=18")
    assert refused["counts"]["rejected"] == 5
    assert (runs["accepted"].error, len(runs["accepted"].events("published"))) == ("", 1)
    with closing(store_in(bucket, "bad")) as store:
        keys = [info.key for info in store.list("Trusted")]
    assert keys == [f"Trusted/tmdb/movies/ano=2025/mes=06/dia={day}/part-00000.parquet" for day in ("17", "18")]


def test_the_log_has_each_step_of_a_run_as_a_line_of_json(runs: dict[str, JobRun], bucket: str) -> None:
    lines = runs["tmdb"].lines
    names = [line["event"] for line in lines if not line["event"].startswith("glue_")]
    assert names[:4] == ["job_started", "run_started", "planned", "framed"]
    assert list(dict.fromkeys(names))[4:] == [
        "judged",
        "published",
        "table_finished",
        "run_finished",
        "registered",
        "job_finished",
    ]
    told = [line for line in lines if "table" in line and line["event"] != "registered"]
    assert len({line["run_id"] for line in told}) == 1
    assert {line["table"] for line in told} == {"tmdb_movies", "tmdb_series"}
    framed = {line["table"]: line["records"] for line in runs["tmdb"].events("framed")}
    published = [line for line in runs["tmdb"].events("published") if line["table"] == "tmdb_movies"]
    assert sum(line["counts"]["framed"] for line in published) == framed["tmdb_movies"] == 132
    assert "minioadmin" not in json.dumps(lines)
    with closing(store_in(bucket, "lake")) as store:
        report = json.loads(store.read(f"_trustedlake/runs/{told[0]['run_id']}.json"))
    assert report["command"].startswith(f"glue_job.py --JOB_NAME films --LAKE s3://{bucket}/lake --SOURCE tmdb")
    assert "j_1" not in report["command"], "what is Glue's, or another's, may be a secret"


def test_published_tables_are_in_the_catalog(runs: dict[str, JobRun], bucket: str) -> None:
    registered = {line["table"] for name in ("tmdb", "csv") for line in runs[name].events("registered")}
    tables = boto3.client("glue").get_tables(DatabaseName="filmes-db")["TableList"]
    kinds = {table["Name"]: table["TableType"] for table in tables}
    assert kinds.keys() == registered
    views = {f"{name}_current": "VIRTUAL_VIEW" for name in ("tmdb_movies", "tmdb_series")}
    assert kinds == dict.fromkeys(RAW, "EXTERNAL_TABLE") | views
    days = boto3.client("glue").get_partitions(DatabaseName="filmes-db", TableName="tmdb_movies")["Partitions"]
    assert len(days) == len(shapes("tmdb_movies"))


@pytest.fixture(scope="module")
def telling(glue: GlueHome, tmp_path_factory: pytest.TempPathFactory) -> GlueHome:
    """Glue with the modules that the page names for lineage events."""
    return glue.with_modules(LINEAGE, tmp_path_factory.mktemp("modules"))


@pytest.fixture(scope="module")
def told(
    telling: GlueHome, bucket: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, JobRun], list[dict[str, Any]]]:
    """Runs of a job with `--OPENLINEAGE`, and the events that its server got."""
    endpoint = os.environ["AWS_ENDPOINT_URL_S3"]  # noqa: TID251 - the fixture's

    def job(lake: str, receiver: str) -> list[str]:
        return [*GLUES_OWN, "--JOB_NAME", "films", "--LAKE", f"s3://{bucket}/{lake}", "--OPENLINEAGE", receiver]

    with receiving() as heard:
        asked = {
            "published": job("good", heard.url),
            "again": job("good", heard.url),
            "refused": job("told", heard.url),
            "nobody": job("good", DEAD),
        }
        runs = telling.runs(asked, folder=tmp_path_factory.mktemp("told"), endpoint=endpoint)
    return runs, heard.events


def test_the_modules_of_the_page_replace_only_requests_and_idna_of_glue(glue: GlueHome, telling: GlueHome) -> None:
    assert telling.modules is not None
    (glues,) = glue.folder.glob("lib/python*/site-packages")
    has, added = ({path.name.partition("-")[0] for path in one.glob("*.dist-info")} for one in (glues, telling.modules))
    assert {"requests"} <= has & added <= {"requests", "idna"}


def test_a_job_with_the_modules_of_the_page_sends_its_events(
    told: tuple[dict[str, JobRun], list[dict[str, Any]]], bucket: str
) -> None:
    runs, events = told
    assert {name: run.error.partition(": ano=")[0] for name, run in runs.items()} == {
        "published": "",
        "again": "",
        "refused": "JobFailedError: exit code 3",
        "nobody": "",
    }
    check(events)
    states = ["START", "COMPLETE", "START", "COMPLETE", "START", "FAIL"]
    assert short(events) == [(state, "to_trusted.tmdb_movies") for state in states]
    ends = events[1::2]
    rows = [only(event["outputs"])["outputFacets"]["outputStatistics"]["rowCount"] for event in ends]
    assert rows == [3, 0, 3]
    places = [(only(event["inputs"])["namespace"], only(event["inputs"])["name"]) for event in ends[::2]]
    assert places == [(f"s3://{bucket}", f"{lake}/{RAW['tmdb_movies']}") for lake in ("good", "told")]
    message = ends[-1]["run"]["facets"]["errorMessage"]["message"]
    assert message.startswith("ano=2025/mes=06/dia=18: 5 of 15 records rejected")
    assert "minioadmin" not in json.dumps(events)


def test_a_job_succeeds_although_its_event_server_is_down(
    told: tuple[dict[str, JobRun], list[dict[str, Any]]],
) -> None:
    warned = only(told[0]["nobody"].events("openlineage"))
    assert (warned["level"], "2 of 2 event(s) did not arrive" in warned["message"]) == ("WARNING", True)


CONDITIONS = """
import sys
from concurrent.futures import ThreadPoolExecutor
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.s3.client import make_client
from trustedlake.adapters.s3.probes import try_conditions
from trustedlake.adapters.s3.store import S3Store
from trustedlake.adapters.s3.transfer import Transfers
from trustedlake.errors import ConflictError
store = S3Store(Transfers(make_client(), sys.argv[1]), "race", SystemClock())
assert all(try_conditions(store, "state").values()), "the store does not keep conditions"
def create(number):
    try:
        return bool(store.put(f"key-{number // 8}", str(number).encode(), if_absent=True))
    except ConflictError:
        return False
with ThreadPoolExecutor(8) as pool:
    won = list(pool.map(create, range(160)))
print([sum(won[start : start + 8]) for start in range(0, 160, 8)])
"""


def test_one_of_eight_concurrent_writers_wins_with_the_boto3_of_glue(glue: GlueHome, bucket: str) -> None:
    assert json.loads(glue.execute(CONDITIONS, bucket)) == [1] * 20
