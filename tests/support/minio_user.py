"""A MinIO user with exactly the rights in the statements of an IAM policy."""

from __future__ import annotations

import uuid
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
from minio import MinioAdmin
from minio.credentials.providers import StaticProvider

from tests.support.buckets import credentials, fresh_bucket
from tests.support.minio import USER
from tests.support.role_rights import Right, rights, statements_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from tests.support.role_rights import Statement

OF_UPLOADS = {"s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload"}
_STATEMENT = ("Effect", "Action", "Resource")


class MinioUser:
    """A user with a policy of its own.

    Args:
        url: of MinIO.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._url = url
        self._name = f"user-{uuid.uuid4().hex[:12]}"
        self._admin = MinioAdmin(
            endpoint=parts.netloc, credentials=StaticProvider(USER, USER), secure=parts.scheme == "https"
        )
        self._admin.user_add(self._name, self._name)
        self._attached = False

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads boto3 and Spark there as this user."""
        return credentials(self._url, self._name, self._name)

    def may(self, statements: Sequence[Mapping[str, Any]]) -> None:
        """Let the user do what the statements about S3 say, from now on."""
        kept = [
            {key: one[key] for key in _STATEMENT}
            for one in statements
            if str(one["Action"][0] if isinstance(one["Action"], list) else one["Action"]).startswith("s3:")
        ]
        self._admin.policy_add(self._name, policy={"Version": "2012-10-17", "Statement": kept})
        if not self._attached:
            self._admin.attach_policy([self._name], user=self._name)
            self._attached = True


class Owned:
    """A bucket of the owner's, versioned as the template's is, and a user who has a role's rights there."""

    def __init__(self, url: str, role: str) -> None:
        self._owner = credentials(url, USER, USER)
        with pytest.MonkeyPatch.context() as patch:
            self.bucket = fresh_bucket(self._owner, patch)
            with closing(boto3.client("s3")) as client:
                client.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": "Enabled"})
        self.statements = statements_for(role, self.bucket)
        self.user = MinioUser(url)

    @property
    def rights(self) -> list[Right]:
        """What the role may do in S3, but for what only a lack of it in S3's own listing would show."""
        return [one for one in rights(self.statements) if one.action.startswith("s3:") and one.action not in OF_UPLOADS]

    @contextmanager
    def acting(self, statements: list[Statement]) -> Iterator[None]:
        """Be the user, with these rights."""
        self.user.may(statements)
        with _environment(self.user.environment):
            yield

    def right(self, action: str, zone: str) -> Right:
        """The right to do this there; on the bucket itself where no zone is named."""
        arn = f"arn:aws:s3:::{self.bucket}"
        return Right(action, f"{arn}/{zone}/*" if zone else arn)

    def as_owner(self) -> AbstractContextManager[None]:
        """Be the owner."""
        return _environment(self._owner)


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setenv(name, value)
        yield
