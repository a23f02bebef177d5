"""A store that ignores conditions on writes is detected once, and publishing to it needs `--single-writer`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_faults import Front, front_of
from tests.support.buckets import store_in
from tests.support.trials import FIXTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = str(Path(sys.executable).parent / "trustedlake")
REMEMBERED = "_trustedlake/conditions.json"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def front(bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    """The bucket with the fixture films, behind a front that the environment leads to."""
    store = store_in(bucket, "lake")
    for file in (FIXTURES / "lake/Raw/TMDB/JSON/Movies").rglob("*.json"):
        store.put(file.relative_to(FIXTURES / "lake").as_posix(), file.read_bytes())
    store.close()
    with front_of(moto_url) as between:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", between.url)
        yield between


def test_a_store_that_ignores_write_conditions_needs_single_writer(bucket: str, front: Front) -> None:
    front.deaf = True
    lake = ("--lake", f"s3://{bucket}/lake")
    refused = run("to-trusted", "--source", "tmdb", *lake)
    assert refused.returncode == 2
    assert "ignores conditions on writes" in refused.stderr
    assert "--single-writer" in refused.stderr
    store = store_in(bucket, "lake")
    assert not store.list("Trusted")
    assert json.loads(store.read(REMEMBERED)) == {"kept": False}
    doctor = run("doctor", *lake)
    assert doctor.stdout.count("the store ignored it") == 4, "of one PUT, and of uploads in parts"
    assert doctor.returncode == 0
    published = run("to-trusted", "--source", "tmdb", "--single-writer", *lake)
    assert published.returncode == 0, published.stderr
    assert store.list("Trusted")
    store.close()


def test_a_store_is_probed_once_and_never_by_a_dry_run(bucket: str, front: Front) -> None:
    lake = ("--lake", f"s3://{bucket}/lake")
    assert run("to-trusted", "--source", "tmdb", "--dry-run", *lake).returncode == 0
    assert not [request for request in front.requests if request.startswith("PUT")]
    for _ in range(2):
        assert run("to-trusted", "--source", "tmdb", *lake).returncode == 0
    probes = [request for request in front.requests if request.startswith("PUT") and "/probe-" in request]
    assert len(probes) == 4
    assert sum(request.startswith("PUT") and REMEMBERED in request for request in front.requests) == 1
