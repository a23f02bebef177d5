"""How much is transferred at once: at most eight files, and parts for files from 64 MB."""

from __future__ import annotations

import re
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_faults import front_of
from tests.support.buckets import store_in
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.s3.client import make_client
from trustedlake.adapters.s3.direct_store import DirectStore
from trustedlake.adapters.s3.transfer import Transfers

if TYPE_CHECKING:
    from pathlib import Path

AT_ONCE = 8
LARGE = 64 << 20
STAGING = "_trustedlake/staging/run/tmdb_movies"


class Meeting:
    """Holds the first of the requests it is about for a while, or until more than may be there at once have come.

    Attributes:
        most: how many were there at once.
    """

    def __init__(self, about: str) -> None:
        self.most = 0
        self._about = about
        self._now = 0
        self._lock = threading.Lock()
        self._too_many = threading.Barrier(AT_ONCE + 1, timeout=2)

    def fault_of(self, request: str) -> None:
        """None."""
        if not re.match(self._about, request):
            return
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        with suppress(threading.BrokenBarrierError):
            self._too_many.wait()
        with self._lock:
            self._now -= 1


def test_eight_files_of_a_workspace_are_sent_concurrently(
    bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(r"PUT /[^?]*part-")
    with front_of(moto_url, weather=meeting) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
        with closing(store_in(bucket)) as store:
            with store.workspace(STAGING) as folder:
                write(folder, 2 * AT_ONCE)
            assert len(store.list(STAGING)) == 2 * AT_ONCE
    assert meeting.most == AT_ONCE


def test_eight_files_of_an_engine_are_fetched_concurrently(
    bucket: str, moto_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(r"GET /[^?]*part-")
    with front_of(moto_url, weather=meeting) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", front.url)
        with closing(DirectStore(Transfers(make_client(), bucket), "", SystemClock())) as store:
            for number in range(2 * AT_ONCE):
                store.put(f"{STAGING}/trusted/part-{number:05}.parquet", b"1")
            with store.workspace(STAGING) as folder:
                store.fetch_parquet(folder / "trusted")
                assert len(list(folder.rglob("*.parquet"))) == 2 * AT_ONCE
    assert meeting.most == AT_ONCE


def write(folder: Path, files: int) -> None:
    for number in range(files):
        (folder / f"part-{number:05}.parquet").write_bytes(b"1")


@pytest.mark.parametrize(("size", "parts"), [(LARGE - 1, 0), (LARGE, 4), (LARGE + 1, 5)])
def test_files_from_64_mb_are_sent_in_parts_of_16_mb(minio_bucket: str, size: int, parts: int, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(size))
    with closing(store_in(minio_bucket)) as store:
        with store.workspace(STAGING) as folder:
            (tmp_path / "large").rename(folder / "large")
        (found,) = store.list(STAGING)
    assert found.size == size
    assert found.tag.rpartition("-")[2] == str(parts) if parts else "-" not in found.tag
