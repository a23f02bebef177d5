"""What every object store promises (`trustedlake.ports.ObjectStore`), tested on each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.buckets import STORES, bucket_of, store_in
from trustedlake.adapters.local.clock import ManualClock, SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.ports import ObjectStore

CLOCK = ManualClock()
THREADS = 8
RACES = 20


@pytest.fixture(params=["local", "memory", *STORES])
def store(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ObjectStore:
    if request.param == "local":
        return LocalStore(tmp_path / "lake", CLOCK)
    if request.param == "memory":
        return MemoryStore(CLOCK)
    return store_in(bucket_of(request.param, request, monkeypatch), "a lake/é")


def counts_writes(store: ObjectStore) -> bool:
    """Whether the same bytes written again get another tag; a bucket's tag is a checksum."""
    return isinstance(store, LocalStore | MemoryStore)


def keys(store: ObjectStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


def succeeds(action: Callable[[], object]) -> bool:
    try:
        action()
    except ConflictError:
        return False
    return True


def test_an_object_is_read_back_as_it_was_put(store: ObjectStore) -> None:
    for key, data in [("a/b/c.json", b"{}"), ("empty", b""), ("Séries/ação 1.json", b"\x00\xff" * 100_000)]:
        tag = store.put(key, data)
        found = store.head(key)
        assert found is not None
        assert (found.key, found.size, found.tag) == (key, len(data), tag)
        assert store.read(key) == data
        with store.open(key) as stream:
            stream.seek(1)
            assert stream.read() == data[1:]
        with store.local_file(key) as path:
            assert path.read_bytes() == data


def test_a_missing_key_has_no_head_and_cannot_be_read(store: ObjectStore) -> None:
    store.put("folder/file", b"x")
    for key in ("none", "no/such/folder", "folder", "folder/file/below"):
        assert store.head(key) is None
        with pytest.raises(FileNotFoundError):
            store.read(key)
        with pytest.raises(FileNotFoundError):
            store.open(key)
        with pytest.raises(FileNotFoundError), store.local_file(key):
            pass
        with pytest.raises(FileNotFoundError):
            store.move(key, "target", replaces=None)
        assert not store.list("nothing/here")
        store.delete(key)
        store.delete(key, if_match="any")
    assert keys(store) == ["folder/file"]


def test_list_is_recursive_in_byte_order_and_ends_at_the_folder(store: ObjectStore) -> None:
    names = [
        "a/z",
        "a/b/c",
        "a/b-c",
        "a/b.c",
        "ab/x",
        "a/B",
        "a/é",
        "a/\U0001f3ac",
        "a/_hidden",
        "a/.hidden",
        "a/\uffee",
    ]
    for name in names:
        store.put(name, b"1")
    assert keys(store, "a") == sorted((name for name in names if name.startswith("a/")), key=str.encode)
    assert keys(store) == sorted(names, key=str.encode)
    assert keys(store, "a/b") == ["a/b/c"]
    assert not keys(store, "a/z")
    assert [store.head(info.key) for info in store.list("")] == list(store.list(""))


def test_files_are_only_those_directly_in_the_folder(store: ObjectStore) -> None:
    for key in ("a/z", "a/b", "a/c/d", "a.b", "ab/x", "top", "é"):
        store.put(key, key.encode())
    cases = {"": ["a.b", "top", "é"], "a": ["a/b", "a/z"], "a/c": ["a/c/d"], "nothing": []}
    assert {folder: [info.key for info in store.files(folder)] for folder in cases} == cases
    assert list(store.files("a")) == [info for info in store.list("a") if info.key in cases["a"]]


def test_an_object_has_the_time_of_its_last_write(store: ObjectStore) -> None:
    store.put("a/b", b"1")
    (listed,), (direct,), head = store.list("a"), store.files("a"), store.head("a/b")
    now = SystemClock().now() if isinstance(store, LocalStore) else store.now()
    assert head is not None
    for info in (listed, direct, head):
        assert abs(info.modified - now.timestamp()) < 60


def test_a_tag_changes_with_each_content(store: ObjectStore) -> None:
    tags = [store.put("k", str(number).encode()) for number in range(50)]
    assert len(set(tags)) == len(tags)


def test_a_tag_changes_with_each_write_where_the_store_can_tell(store: ObjectStore) -> None:
    if not counts_writes(store):
        pytest.skip("a bucket's tag is a checksum of the content")
    tags = [store.put("k", b"same") for _ in range(50)]
    assert len(set(tags)) == len(tags)


def test_a_tag_is_not_reused_after_a_delete(store: ObjectStore) -> None:
    if not counts_writes(store):
        pytest.skip("a bucket's tag is a checksum of the content")
    tags = []
    for _ in range(50):
        tags.append(store.put("k", b"same", if_absent=True))
        store.delete("k")
    assert len(set(tags)) == len(tags)


def test_put_if_absent_refuses_to_replace_an_object(store: ObjectStore) -> None:
    first = store.put("a/k", b"first", if_absent=True)
    with pytest.raises(ConflictError):
        store.put("a/k", b"second", if_absent=True)
    assert store.read("a/k") == b"first"
    found = store.head("a/k")
    assert found is not None
    assert found.tag == first


def test_put_if_match_replaces_only_the_expected_version(store: ObjectStore) -> None:
    first = store.put("k", b"first")
    second = store.put("k", b"second", if_match=first)
    for stale in (first, "no-such-tag"):
        with pytest.raises(ConflictError):
            store.put("k", b"third", if_match=stale)
    assert store.read("k") == b"second"
    store.delete("k")
    with pytest.raises(ConflictError):
        store.put("k", b"third", if_match=second)
    assert not keys(store)


def test_a_move_replaces_only_the_expected_version(store: ObjectStore) -> None:
    store.put("staging/new", b"1")
    tag = store.move("staging/new", "deep/er/final", replaces=None)
    found = store.head("deep/er/final")
    assert found is not None
    assert found.version == tag
    assert keys(store) == ["deep/er/final"]
    store.put("staging/new", b"2")
    for wrong in (None, "no-such-tag"):
        with pytest.raises(ConflictError):
            store.move("staging/new", "deep/er/final", replaces=wrong)
    assert store.read("deep/er/final") == b"1"
    assert store.read("staging/new") == b"2"
    replaced = store.move("staging/new", "deep/er/final", replaces=tag)
    assert replaced != tag
    assert store.read("deep/er/final") == b"2"
    assert keys(store) == ["deep/er/final"]


def test_a_move_that_should_replace_a_vanished_target_is_a_conflict(store: ObjectStore) -> None:
    tag = store.put("final", b"1")
    store.delete("final")
    store.put("staging/new", b"2")
    with pytest.raises(ConflictError):
        store.move("staging/new", "final", replaces=tag)
    assert keys(store) == ["staging/new"]


def test_a_conditional_delete_removes_only_the_expected_version(store: ObjectStore) -> None:
    first = store.put("a/b/k", b"1")
    second = store.put("a/b/k", b"2")
    with pytest.raises(ConflictError):
        store.delete("a/b/k", if_match=first)
    assert keys(store) == ["a/b/k"]
    store.delete("a/b/k", if_match=second)
    assert not keys(store)
    store.put("a/b/k", b"3")
    store.delete("a/b/k")
    assert not keys(store)


def test_discard_removes_everything_below_a_folder_and_nothing_else(store: ObjectStore) -> None:
    for key in ("s/run1/owner.json", "s/run1/t/part", "s/run10/owner.json", "s/run1.json"):
        store.put(key, b"x")
    store.discard("s/run1")
    assert keys(store) == ["s/run1.json", "s/run10/owner.json"]
    store.discard("s/run1")
    store.discard("none")


def test_any_folder_can_be_synced_even_a_missing_one(store: ObjectStore) -> None:
    store.put("a/b/k", b"1")
    store.sync(["a/b", "a", "", "none/here"])
    assert keys(store) == ["a/b/k"]


def test_the_files_of_a_workspace_become_objects(store: ObjectStore) -> None:
    with store.workspace("staging/run") as folder:
        (folder / "ano=2025").mkdir()
        (folder / "ano=2025" / "part").write_bytes(b"1")
        (folder / "top").write_bytes(b"2")
    assert keys(store) == ["staging/run/ano=2025/part", "staging/run/top"]
    assert store.read("staging/run/top") == b"2"


def test_a_failing_workspace_raises_its_error_and_can_be_discarded(store: ObjectStore) -> None:
    with pytest.raises(OSError, match="the engine's own"), store.workspace("staging/run") as folder:  # noqa: PT012 - the body is what fails
        (folder / "half").write_bytes(b"1")
        raise OSError("the engine's own")
    store.discard("staging/run")
    assert not keys(store)


def test_a_store_has_an_address_and_a_current_time(store: ObjectStore) -> None:
    assert store.address("a/b").endswith("/a/b")
    if counts_writes(store):
        assert store.now() == CLOCK.now()
    else:
        assert abs(store.now() - datetime.now(UTC)) < timedelta(seconds=3)  # noqa: TID251 - moto's clock is ours


def race(contenders: list[Callable[[], object]]) -> int:
    with ThreadPoolExecutor(len(contenders)) as pool:
        return sum(pool.map(succeeds, contenders))


def test_only_one_of_many_concurrent_creates_succeeds(store: ObjectStore) -> None:
    def create(key: str, value: int) -> Callable[[], object]:
        return lambda: store.put(key, str(value).encode(), if_absent=True)

    for round_ in range(RACES):
        key = f"race/{round_}"
        assert race([create(key, value) for value in range(THREADS)]) == 1
        assert store.read(key).decode() in set(map(str, range(THREADS)))


def test_only_one_of_many_concurrent_replaces_succeeds(store: ObjectStore) -> None:
    tag = store.put("k", b"start")

    def replace(value: str, tag: str) -> Callable[[], object]:
        return lambda: store.put("k", value.encode(), if_match=tag)

    for round_ in range(RACES):
        assert race([replace(f"{round_}/{value}", tag) for value in range(THREADS)]) == 1
        found = store.head("k")
        assert found is not None
        tag = found.tag


def test_only_one_of_many_concurrent_moves_succeeds(store: ObjectStore) -> None:
    tag: str | None = None

    def move(source: str, tag: str | None) -> Callable[[], object]:
        return lambda: store.move(source, "final", replaces=tag)

    for round_ in range(RACES):
        sources = [f"staging/{round_}/{number}" for number in range(THREADS)]
        for source in sources:
            store.put(source, source.encode())
        assert race([move(source, tag) for source in sources]) == 1
        found = store.head("final")
        assert found is not None
        tag = found.tag
        left = keys(store, f"staging/{round_}")
        assert {*left, store.read("final").decode()} == set(sources)


def test_no_increment_of_many_concurrent_writers_is_lost(store: ObjectStore) -> None:
    store.put("count", b"100")

    def increment() -> bool:
        found = store.head("count")
        assert found is not None
        value = int(store.read("count"))
        return succeeds(lambda: store.put("count", str(value + 1).encode(), if_match=found.tag))

    def increments(times: int) -> int:
        return sum(increment() for _ in range(times))

    with ThreadPoolExecutor(THREADS) as pool:
        counted = sum(pool.map(increments, [RACES] * THREADS))
    assert counted > 0
    assert int(store.read("count")) == 100 + counted


def test_concurrent_puts_and_deletes_in_one_folder_all_succeed(store: ObjectStore) -> None:
    """One writer removes an empty folder while another needs it."""

    def churn(number: int) -> None:
        for _ in range(RACES):
            store.put(f"a/b/{number}", b"1")
            store.move(f"a/b/{number}", f"c/d/{number}", replaces=None)
            store.delete(f"c/d/{number}")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(churn, range(THREADS)))
    assert not keys(store)
