"""The commands of the how-to of buckets run as they stand there, on MinIO and on a simulated AWS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import boto3

from tests.support.buckets import credentials
from tests.support.minio import USER
from tests.support.pages import HOW_TO, blocks, run_shell, with_values
from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustedlake.adapters.stores.s3_client import S3Client

PAGE = HOW_TO / "buckets.md"
CLEAN = "clean: every record of Raw is where the ledger says, once"
PROFILE = """
[profile films]
region = sa-east-1
services = here

[services here]
s3 =
  endpoint_url = {url}
"""
SECRETS = """
[films]
aws_access_key_id = AKIATESTING
aws_secret_access_key = testing
"""


def nothing_of_aws(home: Path) -> dict[str, str]:
    """The environment of someone who has just signed in."""
    inherited = os.environ.items()  # noqa: TID251 - handed to a child
    kept = {name: value for name, value in inherited if not name.startswith(("AWS_", "TRUSTEDLAKE_", "TMDB_"))}
    return kept | {"HOME": str(home)}


def has_films(client: S3Client, bucket: str, prefix: str = "") -> bool:
    listed = client.list_objects_v2(Bucket=bucket, Prefix=f"{prefix}Trusted/TMDB/Parquet/Movies/ano=")
    return any(one["Key"].endswith("part-00000.parquet") for one in listed.get("Contents", []))


def test_the_part_on_minio(minio_url: str, tmp_path: Path) -> None:
    (shell,) = [code for code in blocks(PAGE, "bash", "Try it without an account") if "export" in code]
    keys = {"aws_access_key_id": USER, "aws_secret_access_key": USER}
    client = boto3.client("s3", endpoint_url=minio_url, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="lake")
    with TmdbSimulator(films=100, token="offline") as sim:
        real = {"http://127.0.0.1:9000": minio_url, "http://127.0.0.1:8900/3": sim.url}
        said = run_shell(with_values(shell, real), tmp_path, nothing_of_aws(tmp_path))
    assert has_films(client, "lake")
    for sign in ("complete", "tmdb_movies  published", "this machine fetched", "vote_average", CLEAN):
        assert sign in said, said
    client.close()


def test_the_part_on_aws(moto_url: str, tmp_path: Path) -> None:
    (shell,) = blocks(PAGE, "bash", "On AWS")
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(PROFILE.format(url=moto_url))
    (tmp_path / ".aws" / "credentials").write_text(SECRETS)
    client = boto3.client("s3", endpoint_url=moto_url, region_name="sa-east-1", **_keys())
    client.create_bucket(Bucket="my-bucket", CreateBucketConfiguration={"LocationConstraint": "sa-east-1"})
    with TmdbSimulator(films=100) as sim:
        environ = nothing_of_aws(tmp_path) | {"TRUSTEDLAKE_TMDB_URL": sim.url, "TMDB_TOKEN": sim.token}
        said = run_shell(shell, tmp_path, environ)
    assert has_films(client, "my-bucket", "lake/")
    for sign in ("s3://my-bucket/lake/Raw/TMDB/JSON/Movies/", "tmdb_movies  published", CLEAN):
        assert sign in said, said
    client.close()


def _keys() -> Mapping[str, str]:
    environ = credentials("")
    return {name.lower(): environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
