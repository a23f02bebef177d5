"""The AWS calls of some code as the rights they need, recorded in botocore for every client that it makes."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import botocore.handlers
import pytest

from tests.support.stack import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_OF_BUCKETS = {
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
}
_OF_OBJECTS = {
    "GetObject": "s3:GetObject",
    "HeadObject": "s3:GetObject",
    "PutObject": "s3:PutObject",
    "CreateMultipartUpload": "s3:PutObject",
    "UploadPart": "s3:PutObject",
    "UploadPartCopy": "s3:PutObject",
    "CompleteMultipartUpload": "s3:PutObject",
    "AbortMultipartUpload": "s3:AbortMultipartUpload",
    "DeleteObject": "s3:DeleteObject",
    "DeleteObjects": "s3:DeleteObject",
}
"""Operations of S3 and the rights that AWS's authorization reference names for them."""


@dataclass(frozen=True, order=True)
class Need:
    """A right that a call needs."""

    action: str
    resource: str


@contextmanager
def listening() -> Iterator[list[Need]]:
    """The rights that were needed in the block, call by call.

    Clients of botocore sessions that are made in the block are listened to; others are not.
    """
    needs: list[Need] = []

    def hear(params: Mapping[str, Any], model: Any, **_: object) -> None:
        needs.extend(needs_of(model.service_model.service_name, model.name, params))

    with pytest.MonkeyPatch.context() as patch:
        known = botocore.handlers.BUILTIN_HANDLERS
        patch.setattr(botocore.handlers, "BUILTIN_HANDLERS", [*known, ("provide-client-params", hear)])
        yield needs


def needs_of(service: str, operation: str, params: Mapping[str, Any]) -> list[Need]:
    """The rights that one call needs."""
    if service == "glue":
        return _of_the_catalog(operation, params)
    if service == "secretsmanager":
        return [Need(f"secretsmanager:{operation}", params["SecretId"])]
    assert service == "s3", service
    bucket = f"arn:aws:s3:::{params['Bucket']}"
    if operation in _OF_BUCKETS:
        return [Need(_OF_BUCKETS[operation], bucket)]
    keys = [one["Key"] for one in params["Delete"]["Objects"]] if "Delete" in params else [params["Key"]]
    found = [Need(_OF_OBJECTS[operation], f"{bucket}/{key}") for key in keys]
    if source := params.get("CopySource"):
        found.append(Need("s3:GetObject", f"arn:aws:s3:::{source['Bucket']}/{source['Key']}"))
    return found


def _of_the_catalog(operation: str, params: Mapping[str, Any]) -> list[Need]:
    """A call about a table needs the right on the catalog and on the database, too."""
    root = f"arn:aws:glue:{REGION}:{ACCOUNT}"
    database = params.get("DatabaseName") or params.get("Name") or params["DatabaseInput"]["Name"]
    resources = [f"{root}:catalog", f"{root}:database/{database}"]
    if "DatabaseName" in params:
        table = params.get("TableName") or params.get("Name") or params["TableInput"]["Name"]
        resources.append(f"{root}:table/{database}/{table}")
    return [Need(f"glue:{operation}", resource) for resource in resources]
