"""The installed command on a lake in a bucket: what it finds and refuses, and what it never loads for a folder."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.buckets import store_in
from tests.support.trials import FIXTURES

if TYPE_CHECKING:
    from trustedlake.adapters.s3.store import S3Store

COMMAND = (str(Path(sys.executable).parent / "trustedlake"),)
LOADED = """
import sys
from trustedlake.entrypoints.cli.main import _exit_code
_exit_code(sys.argv[1:])
print(sorted({"boto3", "botocore"} & sys.modules.keys()))
"""


def run(*arguments: str, command: tuple[str, ...] = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def lake(bucket: str) -> str:
    """The fixture lake's raw films, not yet taken by a run."""
    store: S3Store = store_in(bucket, "lake")
    for file in (FIXTURES / "lake/Raw/TMDB").rglob("*.json"):
        store.put(file.relative_to(FIXTURES / "lake").as_posix(), file.read_bytes())
    store.close()
    return f"s3://{bucket}/lake"


def test_the_doctor_tries_the_bucket_and_leaves_nothing_behind(lake: str, bucket: str) -> None:
    store = store_in(bucket)
    before = store.list("")
    done = run("doctor", "--lake", lake, "--json")
    report = json.loads(done.stdout)
    found = {check["name"]: check for check in report["checks"]}
    assert (done.returncode, done.stderr) == (0, "")
    assert {
        name: found[name]["state"] for name in ("lake", "writable", "clock", "ledgers", "publish")
    } == dict.fromkeys(("lake", "writable", "clock", "ledgers", "publish"), "ok")
    assert "publishing takes up to" in found["temporary disk"]["says"]
    assert store.list("") == before


def test_a_dry_run_reads_the_bucket_and_writes_nothing(lake: str, bucket: str) -> None:
    store = store_in(bucket)
    before = store.list("")
    done = run("to-trusted", "--source", "tmdb", "--lake", lake, "--dry-run", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    tables = json.loads(done.stdout)["tables"]
    assert {table["table"] for table in tables} == {"tmdb_movies", "tmdb_series"}
    assert {table["target"].startswith(f"{lake}/Trusted/") for table in tables} == {True}
    assert store.list("") == before


def on_a_terminal(*arguments: str) -> str:
    """What the command says to a terminal on stderr."""
    ours, its = pty.openpty()
    environ = dict(os.environ) | {"TERM": "xterm", "COLUMNS": "160"}  # noqa: TID251 - handed to a child
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL, stderr=its, env=environ) as process:
        os.close(its)
        said = b""
        with suppress(OSError):  # Linux reports the end of a terminal as an error
            while block := os.read(ours, 1 << 16):
                said += block
    os.close(ours)
    assert process.returncode == 0, said
    return said.decode()


def test_a_run_reports_the_bytes_it_fetched_and_sent(lake: str, bucket: str) -> None:
    store = store_in(bucket, "lake")
    raw = sum(info.size for info in store.list("Raw"))
    said = on_a_terminal("to-trusted", "--source", "tmdb", "--engine", "sail", "--lake", lake)
    assert re.search(r"[0-9.]+ kB fetched, [0-9.]+ kB sent", said), said
    report = json.loads(run("report", "--lake", lake, "--json").stdout)
    published = sum(info.size for zone in ("Trusted", "Quarantine") for info in store.list(zone))
    assert raw <= report["traffic"]["fetched"] <= raw + 2 * published, "each raw byte once, and what is moved"
    assert report["traffic"]["sent"] >= published
    assert "this machine fetched " in run("report", "--lake", lake).stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (
            ["to-trusted", "--source", "tmdb", "--lake", "{bucket}/nothing"],
            1,
            "no such lake: there is nothing below s3://",
        ),
        (["to-trusted", "--source", "tmdb", "--lake", "{bucket}-not"], 1, "there is no such bucket"),
        (["to-trusted", "--source", "csv", "--lake", "{bucket}/lake"], 1, "no raw file of local_movies in s3://"),
        (
            [
                "to-trusted",
                "--source",
                "tmdb",
                "--entity",
                "movies",
                "--input",
                "{bucket}/x",
                "--lake",
                "{bucket}/lake",
            ],
            1,
            "no such input: there is nothing below s3://",
        ),
        (["to-trusted", "--source", "tmdb", "--input", "s3://other/x", "--lake", "{bucket}/lake"], 2, "are 2 buckets"),
        (["quarantine", "--lake", "{bucket}-not"], 1, "there is no such bucket"),
        (["report", "--lake", "{bucket}/lake"], 1, "no run yet in s3://"),
        (["audit", "--lake", "{bucket}/lake"], 1, "there is nothing to audit"),
        (["doctor", "--lake", "{bucket}-not"], 1, "there is no such bucket"),
        (["doctor", "--lake", "gs://bucket"], 1, "gs://bucket is not an address of a bucket"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_missing_bucket_or_lake_is_reported(
    arguments: list[str], code: int, says: str, lake: str, bucket: str
) -> None:
    done = run(*(argument.format(bucket=f"s3://{bucket}") for argument in arguments))
    assert done.returncode == code, done.stderr
    assert says in (done.stdout if arguments[0] == "doctor" else done.stderr)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"TRUSTEDLAKE_S3_SSE": "rot13"}, "TRUSTEDLAKE_S3_SSE: Input should be 'AES256'"),
        ({"TRUSTEDLAKE_S3_SSE": "AES256", "TRUSTEDLAKE_S3_KMS_KEY": "k"}, "AES256, which takes no key"),
        ({"TRUSTEDLAKE_WORKERS": "many"}, "TRUSTEDLAKE_WORKERS: Input should be a valid integer"),
    ],
)
def test_a_wrong_bucket_setting_is_reported(
    variables: dict[str, str], says: str, lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    done = run("report", "--lake", lake)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert says in done.stderr


def test_written_files_are_encrypted_with_the_given_key(
    lake: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "arn:aws:kms:us-east-1:1:key/k"
    monkeypatch.setenv("TRUSTEDLAKE_S3_KMS_KEY", key)
    assert run("to-trusted", "--source", "csv", "--entity", "movies", "--lake", lake).returncode == 1
    store = store_in(bucket)
    (report,) = store.list("lake/_trustedlake/runs")
    found = store._client.head_object(Bucket=bucket, Key=report.key)
    assert (found["ServerSideEncryption"], found["SSEKMSKeyId"]) == ("aws:kms", key)


def test_without_boto3_the_error_names_the_extra(bare: tuple[str, ...]) -> None:
    done = run("report", "--lake", "s3://bucket/lake", command=bare)
    assert done.returncode == 2
    assert "boto3, which s3://bucket/lake needs, is not installed" in done.stderr
    assert 'pip install "trustedlake[s3]"' in done.stderr
    assert "boto3" in run("doctor", "--lake", "s3://bucket/lake", command=bare).stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["to-trusted", "--help"],
        ["to-trusted", "--source", "tmdb", "--lake", str(FIXTURES / "lake"), "--dry-run"],
        ["report", "--lake", str(FIXTURES / "lake")],
    ],
    ids=lambda value: value[0],
)
def test_a_folder_never_loads_boto3(arguments: list[str]) -> None:
    done = run("-c", LOADED, *arguments, command=(sys.executable,))
    assert done.stdout.splitlines()[-1] == "[]"
