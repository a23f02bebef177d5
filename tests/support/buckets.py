"""Buckets for tests: one moto and one MinIO for all of them, a fresh bucket for each."""

from __future__ import annotations

import logging
import os
import uuid
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.minio import USER, running_minio
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustedlake.adapters.s3.store import S3Store
    from trustedlake.ports import ObjectStore

STORES = ("moto", "minio")


def credentials(endpoint: str, key: str = "testing", secret: str = "testing") -> dict[str, str]:
    """What the environment must say for boto3 to work there, and nowhere else."""
    return {
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="session")
def moto_url() -> Iterator[str]:
    """Address of the simulated AWS."""
    from moto.s3.responses import S3Response  # noqa: PLC0415 - two seconds, for those who need it
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # it tells of each request
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    put, putting = S3Response.put_object, Lock()

    def put_one_at_a_time(response: S3Response) -> Any:
        with putting:
            return put(response)

    with pytest.MonkeyPatch.context() as patch:
        # In S3 a condition and its write are one step. In moto another thread's write may come between them.
        patch.setattr(S3Response, "put_object", put_one_at_a_time)
        server.start()
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(scope="session")
def minio_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a real S3 server."""
    with running_minio(tmp_path_factory.mktemp("minio") / "data") as url:
        yield url


@pytest.fixture
def bucket(moto_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a fresh bucket in the simulated AWS; the environment leads there."""
    return fresh_bucket(credentials(moto_url), monkeypatch)


@pytest.fixture(params=STORES)
def any_bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a fresh bucket in each store there is."""
    return bucket_of(request.param, request, monkeypatch)


@pytest.fixture
def minio_bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a fresh bucket in the real S3 server; the environment leads there."""
    return bucket_of("minio", request, monkeypatch)


def bucket_of(store: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Name of a fresh bucket in one of `STORES`."""
    if store == "moto":
        return fresh_bucket(credentials(request.getfixturevalue("moto_url")), monkeypatch)
    return fresh_bucket(credentials(request.getfixturevalue("minio_url"), USER, USER), monkeypatch)


def fresh_bucket(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a bucket where this environment leads, and let the test's environment lead there."""
    from trustedlake.adapters.s3.client import make_client  # noqa: PLC0415 - unit tests run without boto3

    lead_by(environ, monkeypatch)
    name = f"lake-{uuid.uuid4().hex[:12]}"
    client = make_client()
    client.create_bucket(Bucket=name)
    client.close()
    return name


def lead_to(endpoint: str, monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    """Let the test's environment lead to this address, and nowhere else."""
    lead_by(credentials(endpoint) | more, monkeypatch)


def lead_by(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the test's environment be this one, as far as AWS is concerned."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)


def store_in(bucket: str, prefix: str = "", **settings: Any) -> S3Store:
    """The store of a prefix, where the environment leads."""
    from trustedlake.adapters.s3.client import make_client  # noqa: PLC0415 - unit tests run without boto3
    from trustedlake.adapters.s3.store import S3Store  # noqa: PLC0415
    from trustedlake.adapters.s3.transfer import Transfers  # noqa: PLC0415

    return S3Store(Transfers(make_client(), bucket, **settings), prefix, SystemClock())


def store_at(place: str) -> ObjectStore:
    """The store of a folder, or of `s3://bucket/prefix`."""
    if place.startswith("s3://"):
        return store_in(*place.removeprefix("s3://").split("/", 1))
    return LocalStore(Path(place), SystemClock())
