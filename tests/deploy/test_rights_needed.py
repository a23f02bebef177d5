"""The rights of the roles on a real S3: with all of them everything works, and a missing one is named in the error."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from tests.support.buckets import store_in
from tests.support.ingesting import CRIME_OR_WAR, Context, raw_ids
from tests.support.minio_user import Owned
from tests.support.role_rights import failure, fill, lose_a_day, run, statements_for, without
from tests.support.stack import BUCKET, as_list
from trustedlake.entrypoints.lambda_ingest import handler
from trustedlake.errors import TrustedLakeError
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

OPERATIONS = {
    "s3:ListBucket": ("ListObjectsV2 is denied",),
    "s3:GetObject": ("GetObject is denied", "HeadObject is denied"),
    "s3:PutObject": ("PutObject is denied",),
    "s3:DeleteObject": ("DeleteObject is denied", "it can't be deleted: AccessDenied"),
}


FIRST = [
    ("s3:ListBucket", ""),
    ("s3:GetObject", "Raw"),
    ("s3:GetObject", "_trustedlake"),
    ("s3:PutObject", "_trustedlake"),
    ("s3:DeleteObject", "_trustedlake"),
    ("s3:PutObject", "Trusted"),
    ("s3:PutObject", "Quarantine"),
]
"""Rights that the first publish needs, in the order in which it finds out."""

AFTER_A_DAY_VANISHED = [
    ("s3:GetObject", "Quarantine"),
    ("s3:DeleteObject", "Quarantine"),
    ("s3:GetObject", "Trusted"),
    ("s3:DeleteObject", "Trusted"),
]
"""Rights that taking a day out of the tables needs, in the order of its journal, which the failures leave behind."""


def test_the_job_runs_with_its_rights_and_names_each_missing_one(minio_url: str, sail_engine: SailEngine) -> None:
    lake = Owned(minio_url, "JobRole")
    assert set(lake.rights) == {lake.right(*one) for one in FIRST + AFTER_A_DAY_VANISHED}
    with lake.as_owner():
        fill(lake.bucket)
    for action, zone in FIRST:
        with lake.acting(without(lake.statements, lake.right(action, zone))):
            assert_denied(failure(lake.bucket, sail_engine), lake.bucket, action, zone)
    with lake.acting(lake.statements):
        report = run(lake.bucket, sail_engine)
    (table,) = report.tables
    assert (table.counts.framed, table.counts.trusted, table.counts.rejected) == (8, 6, 2)
    with lake.as_owner():
        lose_a_day(lake.bucket)
    for action, zone in AFTER_A_DAY_VANISHED:
        with lake.acting(without(lake.statements, lake.right(action, zone))):
            assert_denied(failure(lake.bucket, sail_engine, vanished="drop"), lake.bucket, action, zone)
    with lake.acting(lake.statements):
        run(lake.bucket, sail_engine, vanished="drop")
        with closing(store_in(lake.bucket)) as store:
            left = {zone: len(store.list(zone)) for zone in ("Trusted", "Quarantine")}
            assert left == {"Trusted": 1, "Quarantine": 1}
            assert store.list("_trustedlake/staging") == []


def assert_denied(error: TrustedLakeError | None, bucket: str, action: str, zone: str) -> None:
    """Hold an error to what a user needs: where, what, and what to do."""
    assert error is not None, f"nothing broke without {action} on {zone or 'the bucket'}"
    assert error.exit_code == 1
    assert error.message.startswith(f"s3://{bucket}/{zone}".rstrip("/"))
    assert any(operation in error.message for operation in OPERATIONS[action]), error.message
    assert action in error.hint


INGEST = [
    ("s3:ListBucket", "", 20),
    ("s3:GetObject", "_trustedlake/ingest", 21),
    ("s3:PutObject", "_trustedlake/ingest", 22),
    ("s3:DeleteObject", "_trustedlake/ingest", 23),
    ("s3:PutObject", "Raw/TMDB/JSON", 24),
    ("s3:GetObject", "Raw/TMDB/JSON", 24),
]
"""Right, and how many films are asked for: another number is another window. The last goes on where the former was
refused, and looks whether its file is there."""


def test_the_extraction_runs_with_its_rights_and_names_each_missing_one(
    minio_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Owned(minio_url, "IngestRole")
    assert set(lake.rights) == {lake.right(*one) for *one, _ in INGEST}

    def extract(limit: int | str) -> TrustedLakeError | None:
        try:
            answer = handler({"bucket": lake.bucket, "rate": 0, "batch": 10, "limit": limit}, Context())
        except TrustedLakeError as error:
            return error
        assert answer["statusCode"] == 200
        return None

    with TmdbSimulator(films=60) as sim:
        monkeypatch.setenv("TRUSTEDLAKE_TMDB_URL", sim.url)
        monkeypatch.setenv("TMDB_TOKEN", sim.token)
        for action, zone, limit in INGEST:
            with lake.acting(without(lake.statements, lake.right(action, zone))):
                assert_denied(extract(limit), lake.bucket, action, zone)
        with lake.acting(lake.statements):
            assert extract("all") is None
        truth = sim.movie_ids(genres=CRIME_OR_WAR)
    with lake.as_owner(), closing(store_in(lake.bucket)) as store:
        assert set(raw_ids(store)) == truth
        assert [info.key for info in store.list("_trustedlake") if "/ingest/" not in info.key] == []


@pytest.mark.parametrize("missing", [None, "s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload"])
def test_without_rights_on_uploads_the_unfinished_uploads_of_dead_runs_stay(missing: str | None) -> None:
    """On moto, because MinIO finds unfinished uploads only by their whole key."""
    staging = "_trustedlake/staging/dead/tmdb_movies"
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"):
            patch.delenv(name, raising=False)
        owner, iam = boto3.client("s3", region_name="us-east-1"), boto3.client("iam", region_name="us-east-1")
        owner.create_bucket(Bucket=BUCKET)
        owner.create_multipart_upload(Bucket=BUCKET, Key=f"{staging}/part-00000.parquet")
        kept = [one for one in statements_for("JobRole") if str(one["Action"]).find("s3:") >= 0]
        for one in kept:
            one["Action"] = [action for action in as_list(one["Action"]) if action != missing]
        policy = {"Version": "2012-10-17", "Statement": [one for one in kept if one["Action"]]}
        iam.create_user(UserName="job")
        iam.put_user_policy(UserName="job", PolicyName="job", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="job")["AccessKey"]
        patch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        patch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

        @set_initial_no_auth_action_count(0)
        def sweep() -> None:
            with closing(store_in(BUCKET)) as store:
                store.discard(staging)

        sweep()
        left = owner.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
        assert len(left) == (0 if missing is None else 1)
