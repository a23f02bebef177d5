"""What only a bucket can do wrong: odd keys, pages, parts, lost answers, damaged bytes, and a different clock."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_faults import Fault, front_of, said
from tests.support.buckets import store_in
from trustedlake.adapters.s3 import client as s3_client
from trustedlake.adapters.s3.meter import Meter
from trustedlake.errors import ConflictError, RetriableError
from trustedlake.models.report import Traffic

if TYPE_CHECKING:
    from trustedlake.adapters.s3.store import S3Store

ODD = [
    "a b",
    "a+b",
    "a%20b",
    "100%",
    "ção/é",
    "ano=2025/x",
    "a//b",
    "../above",
    "x/../y",
    "./z",
    "q?a=b&c",
    "#1",
    "~'\"<>",
]
LARGE = 5 << 20


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """boto3 waits before it repeats; once is enough here."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")


def uploads(store: S3Store, bucket: str) -> list[str]:
    return [one["Key"] for one in store._client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())]


def test_keys_are_taken_literally_and_stay_below_the_prefix(any_bucket: str, request: pytest.FixtureRequest) -> None:
    # MinIO keeps objects as files, and refuses keys that are not paths.
    minio = request.node.callspec.params["any_bucket"] == "minio"
    odd = [key for key in ODD if not (minio and {"", ".", ".."} & set(key.split("/")))]
    whole, store = store_in(any_bucket), store_in(any_bucket, "lake + 1/%41")
    for key in odd:
        store.put(key, key.encode())
        store.move(key, f"moved/{key}", replaces=None)
    assert {info.key for info in store.list("")} == {f"moved/{key}" for key in odd}
    assert {info.key for info in whole.list("")} == {f"lake + 1/%41/moved/{key}" for key in odd}
    for key in odd:
        with store.local_file(f"moved/{key}") as path:
            assert path.read_bytes() == key.encode()
    store.discard("moved")
    assert not whole.list("")


def test_a_prefix_ends_at_a_slash_and_folder_markers_are_not_listed(bucket: str) -> None:
    whole = store_in(bucket)
    for key in ("lake/", "lake/a/", "lake2/x", "lake"):
        whole._client.put_object(Bucket=bucket, Key=key, Body=b"")
    store = store_in(bucket, "lake")
    assert not store.list("")
    store.put("a/b", b"1")
    assert [info.key for info in store.list("")] == ["a/b"]
    store.discard("a")
    assert [info.key for info in whole.list("")] == ["lake", "lake2/x"]


def test_a_listing_returns_more_objects_than_one_page_holds(any_bucket: str) -> None:
    store = store_in(any_bucket, "p")
    keys = [f"many/{number}" for number in range(1001)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: store.put(key, b"x"), keys))
    assert [info.key for info in store.list("many")] == sorted(keys)
    store.discard("many")
    assert not store.has_any("")


def test_large_files_are_uploaded_in_parts_and_moved_within_the_store(any_bucket: str) -> None:
    store = store_in(any_bucket, "lake", multipart_bytes=LARGE)
    content = bytes(range(256)) * (17 << 12)
    with store.workspace("staging/run") as folder:
        (folder / "large").write_bytes(content)
        (folder / "small").write_bytes(b"s")
    large, small = store.list("staging/run")
    assert ("-" in large.tag, "-" in small.tag) == (True, False)
    store.put("final", b"other")
    with pytest.raises(ConflictError):
        store.move("staging/run/large", "final", replaces=None)
    with pytest.raises(ConflictError):
        store.move("staging/run/large", "final", replaces="no-such-tag")
    assert store.read("final") == b"other"
    tag = store.move("staging/run/large", "final", replaces=store.put("final", b"expected"))
    found = store.head("final")
    assert found is not None
    assert (found.tag, found.size, store.read("final") == content) == (tag, len(content), True)
    assert [info.key for info in store.list("staging")] == ["staging/run/small"]
    assert uploads(store, any_bucket) == []


def test_a_workspace_that_fails_leaves_nothing_in_the_bucket(bucket: str) -> None:
    store = store_in(bucket)
    with pytest.raises(OSError, match="the engine's own"), store.workspace("staging") as folder:  # noqa: PT012 - the body is what fails
        (folder / "half").write_bytes(b"1")
        raise OSError("the engine's own")
    assert not store.has_any("")


def test_discard_drops_only_unfinished_uploads_below_its_folder(bucket: str) -> None:
    store = store_in(bucket, "lake")
    for key in ("lake/staging/run1/t", "lake/staging/run10/t"):
        store._client.create_multipart_upload(Bucket=bucket, Key=key)
    store.discard("staging/run1")
    assert uploads(store, bucket) == ["lake/staging/run10/t"]


@pytest.mark.parametrize("large", [False, True])
def test_transferred_bytes_are_counted_during_the_transfer(bucket: str, large: bool) -> None:
    heard: list[Traffic] = []
    meter = Meter(heard.append)
    store = store_in(bucket, meter=meter, multipart_bytes=LARGE if large else 64 << 20)
    content = b"0123456789" * (LARGE // 10 + 1)
    with store.workspace("s") as folder:
        (folder / "t").write_bytes(content)
    store.put("small", b"12345")
    assert meter.traffic == Traffic(fetched=0, sent=len(content) + 5)
    with store.local_file("s/t"):
        pass
    assert store.read("small") == b"12345"
    assert meter.traffic == Traffic(fetched=len(content) + 5, sent=len(content) + 5)
    assert len(heard) >= 8, "a block at a time"
    assert heard[-1] == meter.traffic


@pytest.mark.parametrize("large", [False, True])
def test_every_write_asks_for_encryption(bucket: str, large: bool) -> None:
    asked = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:us-east-1:1:key/k"}
    store = store_in(bucket, writes=asked, multipart_bytes=1 if large else LARGE)
    with store.workspace("s") as folder:
        (folder / "t").write_bytes(b"1" * (LARGE + 1))
    store.move("s/t", "final", replaces=None)
    found = store._client.head_object(Bucket=bucket, Key="final")
    assert {name: found.get(name) for name in asked} == asked


@pytest.mark.usefixtures("quick")
class TestBehindAFaultyFront:
    """Answers get lost and bytes damaged; what was asked for happens once, or is reported as not done."""

    def test_a_create_with_a_lost_answer_is_recognized_as_our_own(
        self, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with front_of(moto_url, Fault(f"PUT /{bucket}/k", "lose"), Fault(f"PUT /{bucket}/other", "lose")) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            store = store_in(bucket)
            tag = store.put("k", b"mine", if_absent=True)
            assert store.read("k") == b"mine"
            assert [request for request in front.requests if request.startswith("PUT")] == [f"PUT /{bucket}/k"] * 2
            second = store.put("k", b"second", if_match=tag)
            assert second != tag
            with pytest.raises(ConflictError):
                store.put("k", b"third", if_match=tag)

    def test_a_lost_answer_does_not_make_a_foreign_object_ours(
        self, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store_in(bucket).put("k", b"theirs")
        with front_of(moto_url, Fault(f"PUT /{bucket}/k", "lose")) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            with pytest.raises(ConflictError):
                store_in(bucket).put("k", b"mine", if_absent=True)

    def test_a_multipart_completion_with_a_lost_answer_is_recognized_as_our_own(
        self, minio_bucket: str, minio_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lost = Fault(f"POST /{minio_bucket}/.*uploadId", "lose")
        with front_of(minio_url, lost) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            store = store_in(minio_bucket, multipart_bytes=LARGE)
            content = bytes(range(256)) * (17 << 12)
            with store.workspace("staging") as folder:
                (folder / "large").write_bytes(content)
            assert (lost.times, store.read("staging/large") == content) == (0, True)
            lost.times = 1
            tag = store.put("k", content, if_absent=True)
            found = store.head("k")
            assert (lost.times, found is not None and found.tag) == (0, tag)
            lost.times = 1
            with pytest.raises(ConflictError):
                store.put("k", content + b"2", if_absent=True)

    @pytest.mark.parametrize("kind", ["cut", "flip"])
    def test_a_damaged_body_is_fetched_again(
        self, kind: str, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        content = b"0123456789" * 300_000
        store_in(bucket).put("k", content)
        with front_of(moto_url, Fault(f"GET /{bucket}/k", kind, times=2)) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            store = store_in(bucket)
            with store.local_file("k") as path:
                assert path.read_bytes() == content
            front.faults.append(Fault(f"GET /{bucket}/k", kind, times=100))
            with pytest.raises(RetriableError, match="broke"):
                store.read("k")

    def test_a_busy_store_is_asked_again_and_reported_if_it_stays_busy(
        self, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with front_of(moto_url, Fault("PUT", "say", body=said("SlowDown"))) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            store = store_in(bucket)
            store.put("k", b"1")
            front.faults.append(Fault("PUT", "say", times=2, body=said("SlowDown")))
            with pytest.raises(RetriableError, match="overloaded") as caught:
                store.put("k", b"2")
            assert caught.value.exit_code == 4
            assert store.read("k") == b"1"

    @pytest.mark.parametrize("kind", ["hang", "mute"])
    def test_an_unanswered_request_is_abandoned_and_repeated(
        self, kind: str, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(s3_client, "READ_S", 3)  # what is answered is answered within it, beside other tests too
        with front_of(moto_url, Fault(f"PUT /{bucket}/k", kind), Fault(f"GET /{bucket}/k", kind)) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            store = store_in(bucket)
            store.put("k", b"mine", if_absent=True)
            assert store.read("k") == b"mine"
            front.faults.append(Fault("HEAD", kind, times=99))
            with pytest.raises(RetriableError, match="broke: ReadTimeoutError"):
                store.head("k")

    def test_the_current_time_is_that_of_the_store(
        self, bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with front_of(moto_url) as front:
            monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
            front.date = "Tue, 17 Jun 2025 12:00:00 GMT"
            store = store_in(bucket)
            first = datetime(2025, 6, 17, 12, tzinfo=UTC)
            assert 0 <= (store.now() - first).total_seconds() < 5
            assert store.now() >= first
            asked = len(front.requests)
            store.now()
            assert len(front.requests) == asked
            front.date = "Tue, 17 Jun 2025 13:00:00 GMT"
            store.head("any")
            assert (store.now() - first).total_seconds() >= 3600, "a machine that slept sees it with its next request"
