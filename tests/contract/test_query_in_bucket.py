"""What boto3 finds by itself pyarrow finds too: a bucket in another region, a private certificate authority."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
import duckdb
import pytest

from tests.support.bucket_https import self_signed
from tests.support.buckets import credentials, lead_by, store_in
from tests.support.minio import USER, running_minio
from tests.support.published_lake import publish_rows
from trustedlake.adapters.duckdb.query_errors import query_error
from trustedlake.adapters.parquet.parquet_columns import ParquetColumns
from trustedlake.entrypoints.wiring.lake_query import querying
from trustedlake.errors import FatalRemoteError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from pathlib import Path

DAY = "ano=2025/mes=06/dia=17"


def publish_and_ask() -> None:
    """A film is published where the environment leads, and read by both that read with pyarrow."""
    ledger = publish_rows(store_in("lake"), {DAY: [{"movie_id": 1, "title": "One"}]})
    with querying("s3://lake") as query:
        assert list(query.ask("SELECT movie_id, title FROM tmdb_movies").rows) == [(1, "One")]
    (file,) = ledger.partitions[DAY].trusted
    assert ParquetColumns()(f"s3://lake/{file.key}")["movie_id"] == "bigint"


def test_a_query_reads_a_bucket_in_another_region_than_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_minio(tmp_path / "data", region="sa-east-1") as url:
        lead_by(credentials(url, USER, USER), monkeypatch)
        where = {"LocationConstraint": "sa-east-1"}
        boto3.session.Session(region_name="sa-east-1").client("s3").create_bucket(
            Bucket="lake", CreateBucketConfiguration=where
        )
        publish_and_ask()
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        publish_and_ask()


def test_a_query_trusts_a_certificate_from_aws_ca_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    self_signed(tmp_path)
    (tmp_path / "certs").mkdir()
    for name in ("private.key", "public.crt"):
        (tmp_path / "certs" / name).write_bytes((tmp_path / name).read_bytes())
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "public.crt"))
    with running_minio(tmp_path / "data", certificates=tmp_path / "certs") as url:
        lead_by(credentials(url, USER, USER), monkeypatch)
        boto3.client("s3").create_bucket(Bucket="lake")
        publish_and_ask()


@pytest.mark.parametrize(
    ("code", "kind"), [("NETWORK_CONNECTION", RetriableError), ("ACCESS_DENIED", FatalRemoteError)]
)
def test_a_refusal_by_the_store_is_not_reported_as_a_wrong_query(code: str, kind: type[TrustedLakeError]) -> None:
    """DuckDB passes on the error of pyarrow; this one came from an untrusted certificate."""
    said = (
        "Invalid Input Error: reading the stream registered as 'tmdb_movies' failed: IOError: When reading information"
        f" for key 'a.parquet' in bucket 'lake': AWS Error {code} during HeadObject operation: curlCode: 60,\n more"
    )
    error = query_error(duckdb.InvalidInputException(said), ["tmdb_movies"])
    assert type(error) is kind
    assert error.message.startswith("a published file can't be read: When reading information for key 'a.parquet'")
    assert "doctor --lake" in error.hint
