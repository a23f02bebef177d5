"""Listing a folder: links are followed, odd names are reported, many files are quick."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root, ManualClock(), wait_s=0.05)


def keys(store: LocalStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


def test_links_to_files_and_folders_are_followed(store: LocalStore, root: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "disk2"
    elsewhere.mkdir()
    (elsewhere / "a.json").write_bytes(b"12")
    root.mkdir()
    (root / "Raw").symlink_to(elsewhere)
    (root / "one.json").symlink_to(elsewhere / "a.json")
    assert [(info.key, info.size) for info in store.list("")] == [("Raw/a.json", 2), ("one.json", 2)]
    assert keys(store, "Raw") == ["Raw/a.json"]
    assert [store.head(info.key) for info in store.list("")] == list(store.list(""))


@pytest.mark.parametrize(
    ("links", "named"),
    [
        ({"a/up": ".."}, "a/up: this link points to"),
        ({"a/self": "."}, "a/self: this link points to"),
        ({"a/to_b": "../b", "b/to_a": "../a"}, "to_a: this link points to"),
        ({"a/gone": "/no/such/file"}, "a/gone: this link is broken"),
    ],
)
def test_broken_links_are_named(store: LocalStore, root: Path, links: dict[str, str], named: str) -> None:
    for link, target in links.items():
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    (root / "b").mkdir(exist_ok=True)
    with pytest.raises(InputError, match=named) as refused:
        store.list("")
    assert refused.value.hint


def test_a_name_that_is_not_utf8_is_named(store: LocalStore, root: Path) -> None:
    root.mkdir()
    (root / os.fsdecode(b"fil\xe9.json")).write_bytes(b"1")
    with pytest.raises(InputError, match=r"fil\\xe9\.json': the name is not UTF-8"):
        store.list("")


def test_ten_thousand_files_are_listed_quickly(store: LocalStore, root: Path) -> None:
    for day in range(100):
        folder = root / f"Raw/2025/{day // 28 + 1:02}/{day % 28 + 1:02}"
        folder.mkdir(parents=True)
        for number in range(100):
            (folder / f"filmes_{number:03}.json").touch()
    best = min(_seconds(lambda: store.list("Raw")) for _ in range(3))
    assert len(store.list("Raw")) == 10_000
    assert best < 0.5, f"{best:.3f} s"


def _seconds(action: object) -> float:
    begin = time.process_time()
    assert callable(action)
    action()
    return time.process_time() - begin
