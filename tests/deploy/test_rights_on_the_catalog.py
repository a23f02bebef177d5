"""The job's rights on the catalog, enforced by moto: without any one of them registering names the missing one.

moto looks at a right's action alone; that the resources are the right ones is what `test_rights_used` shows.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

from tests.support.buckets import store_in
from tests.support.published_lake import publish_rows
from tests.support.role_rights import DATABASE, change_what_is_registered, rights, statements_for
from tests.support.stack import BUCKET, REGION
from trustedlake.entrypoints.wiring import lake_catalog
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST, LATER = "ano=2025/mes=06/dia=16", "ano=2025/mes=06/dia=17"
TO_REGISTER = ("GetDatabase", "GetTable", "CreateTable", "GetPartitions", "BatchCreatePartition")
TO_MEND = ("UpdateTable", "BatchUpdatePartition", "BatchDeletePartition")
OF_S3 = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with a user, a published lake and the stack's database."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_GLUE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        boto3.client("glue").create_database(DatabaseInput={"Name": DATABASE})
        boto3.client("iam").create_user(UserName="job")
        key = boto3.client("iam").create_access_key(UserName="job")["AccessKey"]
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        publish(FIRST, LATER)
        yield


def publish(*days: str) -> None:
    with closing(store_in(BUCKET)) as store:
        publish_rows(store, {day: [{"movie_id": 1, "title": "One"}] for day in days})


def actions() -> list[str]:
    """What the role may do with the catalog."""
    return sorted({one.action for one in rights(statements_for("JobRole")) if one.action.startswith("glue:")})


def register(allowed: list[str]) -> TrustedLakeError | None:
    """How registering failed, if it did, for who may do this."""
    statements = [OF_S3, {"Effect": "Allow", "Action": allowed, "Resource": "*"}]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    boto3.client("iam").put_user_policy(UserName="job", PolicyName="job", PolicyDocument=policy)

    @set_initial_no_auth_action_count(0)
    def act() -> None:
        lake_catalog.apply(f"s3://{BUCKET}", DATABASE, ["tmdb_movies"], projection=None)

    try:
        act()
    except TrustedLakeError as error:
        return error
    return None


def assert_each_is_missed(operations: tuple[str, ...]) -> None:
    for operation in operations:
        error = register([one for one in actions() if one != f"glue:{operation}"])
        assert error is not None, f"nothing broke without glue:{operation}"
        assert error.exit_code == 1
        assert error.message.startswith(f"{DATABASE}")
        # moto refuses in XML, Glue in JSON; tests/contract/test_catalog.py has the messages about that.
        assert f"{operation} is refused: 403" in error.message


def test_registering_names_each_missing_right(aws: None) -> None:
    assert actions() == sorted(f"glue:{one}" for one in TO_REGISTER + TO_MEND)
    assert_each_is_missed(TO_REGISTER)
    assert register(actions()) is None
    publish(LATER)
    change_what_is_registered()
    assert_each_is_missed(TO_MEND)
    assert register(actions()) is None
