"""The roles have exactly the rights that our code uses, as recorded from botocore."""

from __future__ import annotations

from contextlib import closing
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from tests.support.aws_calls import listening
from tests.support.buckets import store_in
from tests.support.ingesting import Context
from tests.support.role_rights import (
    DATABASE,
    OF_THE_SERVICE,
    change_what_is_registered,
    fill,
    lose_a_day,
    rights,
    run,
    statements_for,
)
from tests.support.stack import allows
from tests.support.strict_glue import glue_environment
from trustedlake.adapters.aws.glue_catalog import glue_client
from trustedlake.entrypoints.lambda_ingest import handler
from trustedlake.errors import FatalRemoteError
from trustedlake.simulators.faults import Fault
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from tests.support.aws_calls import Need
    from tests.support.role_rights import Right
    from trustedlake.adapters.spark.sail_engine import SailEngine

TOLERATED = {
    ("IngestRole", "s3:ListBucketMultipartUploads"): "its files are too small for parts, so it finds none of its own",
}
"""Calls that may be denied: what they are for is then left to the bucket's rule for unfinished uploads."""


@pytest.fixture
def aws(bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A bucket, a database as the stack makes it, and secrets."""
    for name, value in glue_environment(moto_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", moto_url)
    with closing(glue_client()) as client:
        for database in client.get_databases()["DatabaseList"]:
            client.delete_database(Name=database["Name"])
        client.create_database(DatabaseInput={"Name": DATABASE})
    return bucket


def leave_an_upload(bucket: str) -> None:
    """What a run that was killed leaves."""
    staging = "_trustedlake/staging/dead/tmdb_movies"
    with closing(store_in(bucket)) as store, closing(boto3.client("s3")) as client:
        store.put(f"{staging}/part-00000.parquet", b"1")
        client.create_multipart_upload(Bucket=bucket, Key=f"{staging}/part-00001.parquet")


def test_the_job_has_exactly_the_rights_it_uses(aws: str, sail_engine: SailEngine) -> None:
    fill(aws)
    with listening() as first:
        run(aws, sail_engine, database=DATABASE)
    lose_a_day(aws)
    leave_an_upload(aws)
    change_what_is_registered()
    with listening() as second:
        run(aws, sail_engine, database=DATABASE, vanished="drop")
    assert_used_and_given("JobRole", aws, first + second)


def test_the_extraction_has_exactly_the_rights_it_uses(aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMDB_TOKEN", "TMDB_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    refusal = Fault(kind="401", match="/movie/", at=frozenset({25}))
    with TmdbSimulator(films=60, faults=[refusal]) as sim, closing(boto3.client("secretsmanager")) as client:
        secret = client.create_secret(Name="TmdbKey", SecretString=sim.token)["ARN"]
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", sim.url)
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_SECRET_ARN", secret)
        event: dict[str, Any] = {"bucket": aws, "batch": 2, "rate": 0}
        with listening() as needs:
            with pytest.raises(FatalRemoteError):
                handler(event, Context())
            assert handler(event, Context())["statusCode"] == 200, "it went on from the files that were there"
    assert_used_and_given("IngestRole", aws, needs, TmdbKey=secret)


def assert_used_and_given(role: str, bucket: str, needs: list[Need], **physical: str) -> None:
    statements = statements_for(role, bucket, **physical)
    assert len(needs) > 20
    ours = [one for one in statements if one["Sid"] not in OF_THE_SERVICE]
    denied = {one for one in needs if not allows(ours, one.action, one.resource)}
    assert {one for one in denied if (role, one.action) not in TOLERATED} == set()
    assert [one for one in rights(statements) if not _is_used(one, needs)] == []


def _is_used(right: Right, needs: list[Need]) -> bool:
    return any(one.action == right.action and fnmatchcase(one.resource, right.resource) for one in needs)
