"""The store whose staging an engine fills itself: what it accepts, what it fetches, and the settings for S3A."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.s3.client import make_client
from trustedlake.adapters.s3.direct_store import DirectStore
from trustedlake.adapters.s3.transfer import Transfers
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STAGING = "_trustedlake/staging/run/tmdb_movies"


@pytest.fixture
def store(bucket: str) -> Iterator[DirectStore]:
    opened = DirectStore(Transfers(make_client(), bucket), "um lago", SystemClock())
    yield opened
    opened.close()


def written_by_an_engine(store: DirectStore) -> None:
    names = ("trusted/ano=2025/part-0.zstd.parquet", "trusted/_SUCCESS", "trusted/_temporary/0/part-1.parquet")
    for name in (*names, "trusted/.part-2.parquet.crc", "quarantine/part-0.parquet"):
        store.put(f"{STAGING}/{name}", name.encode())


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def test_only_the_parquet_of_the_folder_is_fetched_and_nothing_is_sent(store: DirectStore) -> None:
    written_by_an_engine(store)
    before = store.list("")
    with store.workspace(STAGING) as folder:
        assert store.staged_key(folder / "trusted") == f"{STAGING}/trusted"
        store.fetch_parquet(folder / "trusted")
        name = "trusted/ano=2025/part-0.zstd.parquet"
        assert files(folder) == {name: name.encode()}
        store.fetch_parquet(folder / "nothing there")
    assert store.list("") == before
    assert not folder.exists()


@pytest.mark.parametrize("name", ["/{out}/a.parquet", "x//{out}/a.parquet", "../../a.parquet", "x/../a.parquet"])
def test_a_key_that_leads_out_of_the_folder_is_not_fetched(store: DirectStore, name: str, tmp_path: Path) -> None:
    store.put(f"{STAGING}/trusted/{name.format(out=str(tmp_path).lstrip('/'))}", b"planted")
    with store.workspace(STAGING) as folder:
        store.fetch_parquet(folder / "trusted")
        assert files(folder) == {}
    assert files(tmp_path) == {}


def test_parquet_written_on_this_machine_is_sent_beside_the_engines(store: DirectStore) -> None:
    with store.workspace(STAGING) as folder:
        store.put(f"{STAGING}/framed/part-0.parquet", b"the engine's")
        (folder / "framed/day").mkdir(parents=True)
        for name, content in (("part-1.parquet", b"ours"), ("day/part-2.parquet", b"too"), ("part.crc", b"")):
            (folder / "framed" / name).write_bytes(content)
        store.send_parquet(folder / "framed")
        assert files(folder) == {"framed/part.crc": b""}
        (folder / "framed/part.crc").unlink()
    staged = {info.key.removeprefix(f"{STAGING}/framed/"): store.read(info.key) for info in store.list(STAGING)}
    assert staged == {"part-0.parquet": b"the engine's", "part-1.parquet": b"ours", "day/part-2.parquet": b"too"}


def test_folder_markers_are_deleted_with_the_staging(store: DirectStore) -> None:
    written_by_an_engine(store)
    others = ["_trustedlake/staging_$folder$", "_trustedlake/staging/other/tmdb_movies/a"]
    for name in (f"{STAGING}_$folder$", f"{STAGING}/trusted_$folder$", "_trustedlake/staging/run_$folder$", *others):
        store.put(name, b"")
    store.discard(STAGING)
    assert sorted(info.key for info in store.list("")) == sorted(others)


@pytest.mark.parametrize("change", ["gone", "longer", "never there"])
def test_a_file_that_changed_after_the_proof_is_refused(store: DirectStore, change: str) -> None:
    written_by_an_engine(store)
    key = f"{STAGING}/quarantine/part-0.parquet"

    def in_the_meantime(folder: Path) -> None:
        store.fetch_parquet(folder / "quarantine")
        if change == "gone":
            store.delete(key)
        elif change == "longer":
            store.put(key, b"another's")
        else:
            (folder / "new").write_bytes(b"local only")

    with pytest.raises(RetriableError, match="changed after it was verified"), store.workspace(STAGING) as folder:
        in_the_meantime(folder)


def test_an_error_inside_the_workspace_is_raised_unchanged(store: DirectStore) -> None:
    def fail(folder: Path) -> None:
        (folder / "new").write_bytes(b"")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.workspace(STAGING) as folder:
        fail(folder)


@pytest.mark.parametrize(
    ("endpoint", "encryption", "settings"),
    [
        (None, {}, {"fs.s3a.endpoint.region": "us-east-1"}),
        (
            "http://127.0.0.1:9000",
            {},
            {
                "fs.s3a.endpoint.region": "us-east-1",
                "fs.s3a.endpoint": "http://127.0.0.1:9000",
                "fs.s3a.path.style.access": "true",
                "fs.s3a.connection.ssl.enabled": "false",
            },
        ),
        (
            "https://user:secret@s3.example/gate",
            {},
            {
                "fs.s3a.endpoint.region": "us-east-1",
                "fs.s3a.endpoint": "https://s3.example/gate",
                "fs.s3a.path.style.access": "true",
                "fs.s3a.connection.ssl.enabled": "true",
            },
        ),
        (
            "https://s3.example",
            {"ServerSideEncryption": "AES256"},
            {
                "fs.s3a.endpoint.region": "us-east-1",
                "fs.s3a.endpoint": "https://s3.example",
                "fs.s3a.path.style.access": "true",
                "fs.s3a.connection.ssl.enabled": "true",
                "fs.s3a.encryption.algorithm": "AES256",
            },
        ),
        (
            None,
            {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:k"},
            {
                "fs.s3a.endpoint.region": "us-east-1",
                "fs.s3a.encryption.algorithm": "SSE-KMS",
                "fs.s3a.encryption.key": "arn:k",
            },
        ),
    ],
)
def test_the_s3a_settings_name_the_endpoint_and_hold_no_credentials(
    endpoint: str | None,
    encryption: dict[str, str],
    settings: dict[str, str],
    bucket: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if endpoint is None:
        monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    else:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
    store = DirectStore(Transfers(make_client(), bucket, writes=encryption), "", SystemClock())
    assert store.s3a_settings() == settings
    store.close()
