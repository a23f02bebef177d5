"""A list of 100,000 keys: it is read page by page, and memory holds only what is kept of each key."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.benchmarks import stopwatch
from tests.support.bucket_keys import PAGE, listing_server, many_keys
from tests.support.buckets import lead_to, store_in

COMMAND = str(Path(sys.executable).parent / "trustedlake")
KEYS = 100_000
A_KEY_MOST = 350
"""Bytes that may be kept of a key: its name, size and tag."""

PAGES_MOST, SORTED_MOST = 5 << 20, 120
"""Bytes that may be held beside that: pages on their way, and what sorting takes of a key."""

PROCESS_MOST = 400 << 20

CALLS_MOST = 80
"""Calls of Python's functions that a key may take; where dateutil reads its time it takes 190."""


@pytest.mark.parametrize("count", [12_000, pytest.param(KEYS, marks=pytest.mark.slow)])
def test_a_listing_needs_memory_only_for_one_page_and_the_kept_keys(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = many_keys(count, "lake")
    with listing_server(keys) as url:
        lead_to(url, monkeypatch)
        store = store_in("bucket", "lake")
        store.has_any("")  # loads what boto3 needs for its first request
        tracemalloc.start()
        try:
            found = store.list("")
            kept, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        store.close()
    assert [f"lake/{info.key}" for info in found] == list(keys)
    assert kept <= count * A_KEY_MOST
    assert most - kept <= PAGES_MOST + count * SORTED_MOST


def test_a_listing_takes_few_function_calls_per_key(monkeypatch: pytest.MonkeyPatch) -> None:
    count, calls = 3000, 0

    def called(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    with listing_server(many_keys(count, "lake")) as url:
        lead_to(url, monkeypatch)
        store = store_in("bucket", "lake")
        store.has_any("")
        sys.setprofile(called)
        try:
            found = store.list("")
        finally:
            sys.setprofile(None)
        store.close()
    assert len(found) == count
    assert calls <= count * CALLS_MOST


def test_removing_keys_holds_one_page_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []
    with listing_server(many_keys(12_345, "lake"), asked) as url:
        lead_to(url, monkeypatch)
        store = store_in("bucket", "lake")
        store.discard("Raw")
        store.close()
    pages = [*[1000] * 12, 345]
    assert asked == [one for keys in pages for one in (("listed", keys), ("deleted", keys))]


def test_a_plan_for_100_000_keys_takes_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["to-trusted", "--source", "tmdb", "--entity", "movies", "--lake", "s3://bucket/lake"]
    said, used = tmp_path / "said.json", tmp_path / "used.json"
    asked: list[tuple[str, int]] = []
    with listing_server(many_keys(KEYS, "lake"), asked) as url, said.open("wb") as out:
        lead_to(url, monkeypatch)
        # By a small process: a child's peak has its parent's in it, and pytest is large.
        command = [sys.executable, stopwatch.__file__, str(used), COMMAND, *arguments, "--dry-run", "--json"]
        subprocess.run(command, stdout=out, check=True)
    code, _, _, peak = json.loads(used.read_text())
    assert code == 0
    (table,) = json.loads(said.read_text())["tables"]
    assert sum(part["files"] for part in table["partitions"]) == KEYS
    assert peak <= PROCESS_MOST
    assert sum(keys for kind, keys in asked if kind == "listed") <= KEYS + PAGE, "each key is listed once"
