"""The region comes from where the doctor and the how-tos say, and AWS's own programs look."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.buckets import lead_to
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
def test_aws_region_counts_though_boto3_alone_does_not_read_it(
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
