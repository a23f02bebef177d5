"""The rights of the job where Spark itself reads and writes the bucket, as in Glue."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.buckets import store_in
from tests.support.cluster import submit_environment
from tests.support.minio_user import Owned
from tests.support.role_rights import Right, fill, without

COMMAND = [str(Path(sys.executable).parent / "trustedlake"), "to-trusted", "--source", "tmdb", "--storage", "direct"]


def direct(lake: Owned, *more: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "--lake", f"s3://{lake.bucket}", *more]
    return subprocess.run(command, env=submit_environment(), capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.slow
def test_spark_runs_with_the_rights_of_the_job_and_names_a_missing_one(minio_url: str) -> None:
    lake = Owned(minio_url, "JobRole")
    with lake.as_owner():
        fill(lake.bucket)
    raw = Right("s3:GetObject", f"arn:aws:s3:::{lake.bucket}/Raw/*")
    with lake.acting(without(lake.statements, raw)):
        denied = direct(lake)
    assert denied.returncode == 1, denied.stdout + denied.stderr
    assert f"s3a://{lake.bucket}/Raw/" in denied.stderr
    assert "Spark's credentials don't allow this" in denied.stderr
    with lake.acting(lake.statements):
        done = direct(lake)
        assert done.returncode == 0, done.stdout + done.stderr
        with closing(store_in(lake.bucket)) as store:
            assert {zone: len(store.list(zone)) for zone in ("Trusted", "Quarantine")} == {
                "Trusted": 2,
                "Quarantine": 2,
            }
            assert store.list("_trustedlake/staging") == []
