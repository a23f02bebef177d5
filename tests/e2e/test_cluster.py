"""spark-submit from a checkout: on this machine, and on a real cluster whose executors lack this package."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from tests.benchmarks import generator
from tests.support.bucket_trials import BucketTrial
from tests.support.buckets import bucket_of
from tests.support.cluster import (
    WORKERS,
    Cluster,
    executors_work,
    free_ports,
    running_cluster,
    submit,
    submit_command,
    submit_environment,
)
from tests.support.minio import USER
from tests.support.pages import HOW_TO, blocks, run_shell, with_values
from tests.support.trials import FIXTURES, MOVIES, REPO, Trial, films
from trustedlake.adapters.spark.hadoop_aws import installed_jars

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustedlake.adapters.spark.sail_engine import SailEngine

PAGE = HOW_TO / "cluster.md"
FILES, IN_A_FILE = 8, 50
ARGUMENTS = ("to-trusted", "--source", "tmdb", "--entity", "movies", "--lake")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def trial(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, sail_engine: SailEngine) -> BucketTrial:
    return BucketTrial(bucket_of("minio", request, monkeypatch), "lake", sail_engine)


def put_films(trial: BucketTrial, files: int = FILES, in_a_file: int = IN_A_FILE) -> None:
    with trial.store() as store:
        for number in range(files):
            taken = films(in_a_file, 1 + number * in_a_file)
            store.put(f"{MOVIES}/2025/06/{17 + number % 2}/filmes_{number:03}.json", json.dumps(taken).encode())


def staged_keys(trial: BucketTrial) -> list[str]:
    """Keys below the folders that Spark writes to, the markers that Hadoop makes for folders too."""
    client = boto3.client("s3")
    listed = client.list_objects_v2(Bucket=trial.bucket, Prefix=f"{trial.prefix}/_trustedlake/staging/")
    client.close()
    return [one["Key"] for one in listed.get("Contents", []) if "/framed/" in one["Key"]]


def test_spark_submit_keeps_its_local_master(tmp_path: Path, sail_engine: SailEngine) -> None:
    here = Trial(tmp_path / "lake", sail_engine)
    here.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(5))
    done = submit("local[1]", *ARGUMENTS, str(here.lake), "--json", "--lanes", "off", folder=tmp_path, with_jars=False)
    assert done.returncode == 0, done.stdout + done.stderr
    table = json.loads(done.stdout)["tables"][0]
    assert (table["engine_reason"], len(here.rows())) == ("since spark-submit started this", 5)
    (log,) = (tmp_path / "events").iterdir()
    assert log.name.startswith("local-")
    assert '"spark.master":"local[1]"' in log.read_text()


def checkout(folder: Path) -> Path:
    """A folder with what the page's lines find in a checkout."""
    for name, target in (("cli.py", REPO / "cli.py"), ("src", REPO / "src"), (".venv", Path(sys.prefix))):
        (folder / name).symlink_to(target)
    return folder


def submitted_on_a_cluster() -> str:
    (line,) = [code for code in blocks(PAGE, "bash", "A standalone cluster") if "spark-submit" in code]
    return line


def test_the_command_on_the_page_runs_on_a_standalone_cluster(
    cluster: Cluster, trial: BucketTrial, tmp_path: Path
) -> None:
    """Executors without the package read and write the bucket; a refused day's exit code reaches the shell."""
    put_films(trial)
    with trial.store() as store:
        store.put(f"{MOVIES}/2025/06/19/bad.json", b"<html>")
    real = {
        "spark://master:7077": cluster.master,
        "/opt/executors/bin/python": str(cluster.python),
        "s3://my-bucket/lake": trial.lake,
    }
    line = with_values(submitted_on_a_cluster(), real)
    said = run_shell(f"set +e\n{line}", checkout(tmp_path), submit_environment(tmp_path))
    assert said.splitlines()[-1] == "3", "the exit code, as the page shows it"
    assert "400" in said
    assert "reading and writing the bucket itself, since it runs on spark://" in last_report(trial)
    assert [record.verdict for record, _ in trial.refused()] == ["unreadable"]
    assert [part.status for part in trial.run(entity="movies").tables[0].partitions] == [
        "unchanged",
        "unchanged",
        "refused",
    ]
    assert trial.audit().exit_code == 0

    work = executors_work(tmp_path)
    assert set(work) == {str(number) for number in range(WORKERS)}, "the driver has no tasks of its own"
    for one in work.values():
        assert one.records_read > 0
        assert one.records_written >= IN_A_FILE
    # Each record, and the file that can't be read, is written once as framed and once as judged; each file has a row
    # with its facts.
    written = sum(one.records_written for one in work.values())
    assert written == 2 * (FILES * IN_A_FILE + 1) + FILES + 1
    (log,) = (tmp_path / "events").iterdir()
    for told in (said, log.read_text()):
        assert f'secret.key","{USER}' not in told
        assert f'secret.key":"{USER}' not in told


def test_a_folder_that_executors_cannot_see_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    done = cluster.submit(*ARGUMENTS, str(FIXTURES / "lake"), folder=tmp_path, with_jars=False)
    # spark-submit sends what a Python program says on stderr to stdout.
    assert (done.returncode, "the executors of spark://" in done.stdout) == (2, True), done.stdout


@pytest.mark.slow
def test_the_commands_on_the_page_run_on_one_machine(
    trial: BucketTrial, tmp_path: Path, sail_engine: SailEngine
) -> None:
    put_films(trial)
    here = Trial(tmp_path / "lake", sail_engine)
    here.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(5))
    shell = with_values(blocks(PAGE, "bash")[0], {"s3://my-bucket/lake": trial.lake})
    run_shell(shell, checkout(tmp_path), submit_environment())
    assert len(here.rows()) == 5
    assert "reading and writing the bucket itself" in last_report(trial)


@pytest.mark.slow
def test_a_cluster_started_as_on_the_page_runs_the_job(trial: BucketTrial, tmp_path: Path) -> None:
    put_films(trial)
    (start,) = [code for code in blocks(PAGE, "bash", "A standalone cluster") if "spark-class" in code]
    master = f"127.0.0.1:{free_ports(1)[0]}"
    started = with_values(start, {"--port 7077": f"--port {master.partition(':')[2]}", "127.0.0.1:7077": master})
    real = {
        "spark://master:7077": f"spark://{master}",
        "/opt/executors/bin/python": sys.executable,
        "s3://my-bucket/lake": trial.lake,
    }
    shell = f"trap 'kill $(jobs -p)' EXIT\n{started}\n{with_values(submitted_on_a_cluster(), real)}"
    run_shell(shell, checkout(tmp_path), submit_environment())
    assert f"since it runs on spark://{master}" in last_report(trial)


def last_report(trial: BucketTrial) -> str:
    (report,) = [data for key, data in trial.snapshot(reports=True).items() if "/runs/" in key]
    return report.decode()


@pytest.mark.slow
def test_without_hadoop_aws_the_error_shows_the_option_that_adds_it(trial: BucketTrial, tmp_path: Path) -> None:
    put_films(trial)
    done = submit("local[1]", *ARGUMENTS, trial.lake, "--storage", "direct", folder=tmp_path, with_jars=False)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "it was started without hadoop-aws" in done.stderr + done.stdout
    assert installed_jars().submit_line in " ".join((done.stderr + done.stdout).split())
    assert not staged_keys(trial)


@pytest.mark.slow
def test_a_killed_executor_does_not_change_the_result(cluster: Cluster, trial: BucketTrial, tmp_path: Path) -> None:
    put_films(trial, files=60, in_a_file=5000)
    command = submit_command(cluster.master, *ARGUMENTS, trial.lake, folder=tmp_path, python=cluster.python)
    with (tmp_path / "out").open("wb") as out:
        running = subprocess.Popen(command, env=submit_environment(), stdout=out, stderr=out)
        while not staged_keys(trial):
            assert running.poll() is None, (tmp_path / "out").read_text()
            time.sleep(0.1)
        time.sleep(1)  # both executors frame by now, for some ten seconds
        assert not any(key.endswith(".parquet") for key in staged_keys(trial)), "framing is done already"
        assert cluster.kill_an_executor()
        assert running.wait(timeout=240) == 0, (tmp_path / "out").read_text()
    assert any(one.lost for one in executors_work(tmp_path).values()), "it was not killed in the middle"
    assert trial.audit().exit_code == 0
    with trial.store() as store:
        keys = [info.key for info in store.list("Trusted")]
    assert len(keys) == 2
    snapshot = trial.snapshot()
    ledger = json.loads(snapshot["_trustedlake/ledger/tmdb_movies.json"])
    assert sum(file["rows"] for entry in ledger["partitions"].values() for file in entry["trusted"]) == 300_000


@pytest.mark.slow
def test_a_cluster_publishes_two_million_films(cluster: Cluster, trial: BucketTrial, tmp_path: Path) -> None:
    generator.films(tmp_path / "given", movies=2_000_000, files=2_000, days=30)
    with trial.store() as store, ThreadPoolExecutor(8) as threads:
        raw = sorted((tmp_path / "given" / "Raw").rglob("*.json"))
        keys = [file.relative_to(tmp_path / "given").as_posix() for file in raw]
        list(threads.map(lambda key, file: store.put(key, file.read_bytes()), keys, raw))

    done = cluster.submit(*ARGUMENTS, trial.lake, "--json", "--timings", folder=tmp_path, longest_s=1800)

    assert done.returncode == 0, done.stdout + done.stderr
    print(done.stdout)  # noqa: T201 - where its time went, for pytest -s
    (table,) = json.loads(done.stdout)["tables"]
    assert table["counts"] == {
        "framed": 2_000_000,
        "trusted": 1_980_000,
        "rejected": 10_000,
        "duplicates": 10_000,
        "elsewhere": 0,
    }
    assert len(table["partitions"]) == 30
    work = executors_work(tmp_path)
    assert set(work) == {str(number) for number in range(WORKERS)}
    assert all(one.records_written > 500_000 for one in work.values()), "one executor did it nearly alone"
    assert trial.run(entity="movies").tables[0].partitions[0].status == "unchanged"
