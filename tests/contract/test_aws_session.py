"""The AWS region comes from where the doctor and the how-tos say, as in AWS's own programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.utils import parse_timestamp

from tests.support.buckets import lead_to
from trustedlake.adapters.aws.aws_session import read_timestamp
from trustedlake.adapters.aws.glue_catalog import glue_client
from trustedlake.adapters.s3.client import make_client

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = "[default]\nregion = eu-west-3\n[profile other]\nregion = ca-west-1\n"


@pytest.mark.parametrize(
    ("environ", "region"),
    [
        ({"AWS_REGION": "sa-east-1"}, "sa-east-1"),
        ({"AWS_REGION": "sa-east-1", "AWS_DEFAULT_REGION": "us-west-2"}, "sa-east-1"),
        ({"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"),
        ({"AWS_REGION": "sa-east-1", "AWS_PROFILE": "other"}, "sa-east-1"),
        ({"AWS_PROFILE": "other"}, "ca-west-1"),
        ({}, "eu-west-3"),
    ],
)
def test_aws_region_is_used_although_boto3_ignores_it(
    environ: dict[str, str], region: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_to("http://127.0.0.1:9", monkeypatch)
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for client in (make_client(), glue_client()):
        assert client.meta.region_name == region
        client.close()


@pytest.mark.parametrize(
    "told",
    [
        "2025-06-17T10:11:12.000Z",
        "2025-06-17T10:11:12Z",
        "2025-06-17T10:11:12.123456Z",
        "2025-06-17T10:11:12.123456789Z",
        "2025-06-17T10:11:12+02:00",
        "20250617T101112Z",
        "Tue, 17 Jun 2025 10:11:12 GMT",
        1750155072,
        1750155072.5,
        "1750155072",
        "141112131415",
    ],
)
def test_timestamps_are_parsed_as_botocore_parses_them(told: Any) -> None:
    try:
        right: object = parse_timestamp(told)
    except (ValueError, OverflowError):
        with pytest.raises((ValueError, OverflowError)):
            read_timestamp(told)
    else:
        assert read_timestamp(told) == right


@pytest.mark.parametrize("told", ["", "yesterday", "2025-13-17T10:11:12Z", "2025-06-17Tat some time.."])
def test_an_invalid_timestamp_is_refused_as_by_botocore(told: str) -> None:
    for reads in (parse_timestamp, read_timestamp):
        with pytest.raises(ValueError, match="Invalid timestamp"):
            reads(told)
