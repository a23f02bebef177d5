"""Links in a lake: nothing is written, moved or removed through a link, wherever and whenever it appears."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.disk import TEMPORARY
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.local.nofollow import LinkError, Spot
from trustedlake.errors import RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

STAGED = "_trustedlake/staging/run1/tmdb_movies/trusted/part"
PUBLISHED = "Trusted/Movies/ano=2025/part"
LEDGER = "_trustedlake/ledger/tmdb_movies.json"
KEYS = (LEDGER, STAGED, PUBLISHED)
SPOTS = [
    "_trustedlake",
    "_trustedlake/ledger",
    "_trustedlake/staging",
    "_trustedlake/staging/run1",
    "_trustedlake/staging/run1/tmdb_movies",
    "Trusted",
    "Trusted/Movies",
    "Trusted/Movies/ano=2025",
    LEDGER,
    STAGED,
    PUBLISHED,
]
"""Where a link is put in place of a folder or file."""


def _all(*calls: Callable[[], object]) -> None:
    """Call each, also after one that is refused."""
    for call in calls:
        with suppress(TrustedLakeError, FileNotFoundError):
            call()


ACTIONS: Mapping[str, Callable[[LocalStore], object]] = {
    "put": lambda store: _all(*(partial(store.put, key, b"mine") for key in KEYS)),
    "put a file beside it": lambda store: store.put(f"{PUBLISHED}2", b"mine"),
    "put over a version": lambda store: store.put(LEDGER, b"mine", if_match=_tag(store, LEDGER)),
    "create": lambda store: _all(*(partial(store.put, f"{key}-new", b"mine", if_absent=True) for key in KEYS)),
    "move over": lambda store: store.move(STAGED, PUBLISHED, replaces=_tag(store, PUBLISHED)),
    "move to a new name": lambda store: store.move(STAGED, f"{PUBLISHED}-new", replaces=None),
    "move away": lambda store: store.move(PUBLISHED, f"{STAGED}-new", replaces=None),
    "delete": lambda store: _all(*(partial(store.delete, key) for key in KEYS)),
    "delete a version": lambda store: store.delete(PUBLISHED, if_match=_tag(store, PUBLISHED)),
    "discard": lambda store: _all(*(partial(store.discard, key.rpartition("/")[0]) for key in KEYS)),
    "discard what holds it": lambda store: _all(*(partial(store.discard, key.partition("/")[0]) for key in KEYS)),
    "tidy": lambda store: _tidy(store, ("", "Trusted", "_trustedlake")),
    "work": lambda store: _work(store, "_trustedlake/staging/run1/tmdb_movies"),
}


def _tidy(store: LocalStore, prefixes: Sequence[str]) -> None:
    for prefix in prefixes:
        store.tidy(prefix, older_than=timedelta(days=-1), folders=True)


def _tag(store: LocalStore, key: str) -> str:
    found = store.head(key)
    return found.tag if found else "none"


def _work(store: LocalStore, prefix: str) -> None:
    with store.workspace(prefix) as folder:
        (folder / "new").write_bytes(b"mine")


def contents(folder: Path) -> dict[str, bytes | None]:
    """Everything below the folder; None stands for a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    store = store_of(folder)
    for key in (LEDGER, STAGED, PUBLISHED):
        store.put(key, b"old")
    return folder


def store_of(folder: Path) -> LocalStore:
    return LocalStore(folder, SystemClock(), published=["Trusted"], wait_s=0.05)


def put_link(lake: Path, spot: str, elsewhere: Path) -> None:
    """Move what is there to another place, put something precious beside it, and leave a link."""
    path = lake / spot
    path.rename(elsewhere)
    path.symlink_to(elsewhere)
    if elsewhere.is_dir():
        (elsewhere / "precious").write_bytes(b"hers")
        (elsewhere / f"{TEMPORARY}0").write_bytes(b"hers too")
        (elsewhere / "empty").mkdir()


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("spot", SPOTS)
def test_a_link_at_any_level_is_not_followed(lake: Path, tmp_path: Path, spot: str, action: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    put_link(lake, spot, elsewhere)
    before = contents(elsewhere) or elsewhere.read_bytes()
    with suppress(TrustedLakeError, FileNotFoundError):
        ACTIONS[action](store_of(lake))
    assert (contents(elsewhere) or elsewhere.read_bytes()) == before


@pytest.mark.parametrize("spot", [one for one in SPOTS if "part" not in one])
def test_the_error_names_the_link_and_its_target(lake: Path, tmp_path: Path, spot: str) -> None:
    put_link(lake, spot, tmp_path / "elsewhere")
    key = next(key for key in (LEDGER, STAGED, PUBLISHED) if f"{key}/".startswith(f"{spot}/"))
    store = store_of(lake)
    actions: list[Callable[[], object]] = [
        lambda: store.put(key, b"mine"),
        lambda: store.delete(key),
        lambda: store.list(spot),
        lambda: store.list(key.partition("/")[0]),
        lambda: store.read(key),
        lambda: store.head(key),
    ]
    for action in actions:
        with pytest.raises(LinkError, match=f"{spot} is a link .to {tmp_path}/elsewhere") as refused:
            action()
        assert refused.value.exit_code == 1


@pytest.mark.parametrize("spot", ["_trustedlake", "_trustedlake/staging", "Trusted", "Trusted/Movies/ano=2025"])
def test_a_link_created_between_the_check_and_the_action_is_not_followed(
    lake: Path, tmp_path: Path, spot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder is swapped for a link at each system call of an operation in turn."""
    spare = tmp_path / "spare"
    lake.rename(spare)
    for action in ("put", "move over", "delete", "discard", "create"):
        reached = True
        number = 0
        while reached:
            place = tmp_path / f"{action} {number}"
            _copy(spare, place / "lake")
            elsewhere = place / "elsewhere"
            _copy(spare / spot, elsewhere)
            (elsewhere / "precious").write_bytes(b"hers")
            before = contents(elsewhere)
            with monkeypatch.context() as patched:
                swap = partial(_swap, place / "lake" / spot, elsewhere)
                reached = _acted(patched, store_of(place / "lake"), action, swap, before_call=number)
            assert contents(elsewhere) == before, f"{action}, swapped before system call {number}"
            number += 1
        assert number > 3


def _swap(folder: Path, elsewhere: Path) -> None:
    folder.rename(folder.parent.parent / f"aside-{folder.name}")
    folder.symlink_to(elsewhere)


def _acted(
    patched: pytest.MonkeyPatch, store: LocalStore, action: str, swap: Callable[[], None], *, before_call: int
) -> bool:
    """Do the action, and swap before the system call of that number; whether there was such a call."""
    left = [before_call]

    def counted(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **options: object) -> object:
            left[0] -= 1
            if left[0] == -1:
                swap()
            return real(*args, **options)

        return call

    for name in ("open", "stat", "mkdir", "unlink", "rmdir", "link", "rename", "replace", "scandir"):
        patched.setattr(os, name, counted(getattr(os, name)))
    with suppress(TrustedLakeError, FileNotFoundError):
        ACTIONS[action](store)
    return left[0] < 0


def _copy(source: Path, target: Path) -> None:
    for path in (source, *sorted(source.rglob("*"))):
        there = target / path.relative_to(source)
        if path.is_dir():
            there.mkdir(parents=True, exist_ok=True)
        else:
            there.write_bytes(path.read_bytes())


def test_a_workspace_swapped_while_in_use_is_noticed(lake: Path, tmp_path: Path) -> None:
    store = store_of(lake)
    staging = "_trustedlake/staging/run2/tmdb_movies"

    def work(swap: Callable[[Path], object]) -> None:
        with store.workspace(staging) as folder:
            folder.rename(tmp_path / "aside")
            swap(folder)

    with pytest.raises(RetriableError, match="put another folder in its place"):
        work(lambda folder: folder.mkdir())
    (tmp_path / "aside").rmdir()
    with pytest.raises(LinkError):
        work(lambda folder: folder.symlink_to(tmp_path / "aside"))


def test_discard_removes_links_and_keeps_their_targets(lake: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_bytes(b"hers")
    (lake / "_trustedlake/staging/run1/to_folder").symlink_to(elsewhere)
    (lake / "_trustedlake/staging/run1/to_file").symlink_to(elsewhere / "precious")
    store_of(lake).discard("_trustedlake/staging/run1")
    assert not (lake / "_trustedlake/staging/run1").exists()
    assert contents(elsewhere) == {"precious": b"hers"}


def test_the_lake_and_the_folders_above_it_may_be_links(tmp_path: Path) -> None:
    (tmp_path / "disk/deep").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "disk")
    (tmp_path / "home/lake").symlink_to(tmp_path / "disk/deep")
    for store, prefix in (
        (store_of(tmp_path / "home/lake"), ""),
        (LocalStore(tmp_path, SystemClock(), state=tmp_path / "home/lake/_trustedlake"), "home/lake/"),
    ):
        store.put(f"{prefix}{STAGED}", b"1")
        store.move(f"{prefix}{STAGED}", f"{prefix}{PUBLISHED}", replaces=None)
        assert (tmp_path / "disk/deep" / PUBLISHED).read_bytes() == b"1"
        store.discard(f"{prefix}Trusted")
        assert not (tmp_path / "disk/deep/Trusted").exists()


def test_links_in_raw_are_followed_and_those_leading_out_of_the_lake_are_reported(lake: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (disk / "2024").mkdir(parents=True)
    for name in ("2024/a.json", "b.json", "c.json"):
        (disk / name).write_bytes(b"[]")
    raw = lake / "Raw/Movies"
    (raw / "inside").mkdir(parents=True)
    (raw / "2024").symlink_to(disk / "2024")
    (raw / "b.json").symlink_to(disk / "b.json")
    (raw / "inside/own.json").write_bytes(b"[]")
    (raw / "other").symlink_to(raw / "inside")
    told = {info.key: info.link for info in store_of(lake).list("Raw")}
    assert told == {
        "Raw/Movies/2024/a.json": f"{raw}/2024 (to {disk}/2024)",
        "Raw/Movies/b.json": f"{raw}/b.json (to {disk}/b.json)",
        "Raw/Movies/inside/own.json": "",
        "Raw/Movies/other/own.json": "",
    }
    (lake / "More").symlink_to(disk)
    assert {info.link for info in store_of(lake).list("More/2024")} == {f"{lake}/More (to {disk})"}
    assert store_of(lake).read("More/b.json") == b"[]"


def test_a_spot_creates_its_folders_again_after_they_were_removed(tmp_path: Path) -> None:
    spot = Spot(tmp_path / "new", ("a", "b"))
    spot.make()
    spot.make()
    spot.prune()
    assert [path.name for path in tmp_path.rglob("*")] == ["new"]
    (tmp_path / "new/a").write_bytes(b"")
    with pytest.raises(FileExistsError):
        spot.make()
