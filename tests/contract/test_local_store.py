"""What a local folder adds to the promises of a store: other processes, links, full disks, other users' tools."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.disk import TEMPORARY, locked
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.errors import ConfigError, InputError, RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY_DISK = Path("/dev/shm")
PROCESSES = 4
INCREMENTS = 25

INCREMENT = """
import sys
from pathlib import Path
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.errors import ConflictError
store = LocalStore(Path(sys.argv[1]), SystemClock())
done = 0
while done < int(sys.argv[2]):
    tag = store.head("count").tag
    value = int(store.read("count"))
    try:
        store.put("count", str(value + 1).encode(), if_match=tag)
        done += 1
    except ConflictError:
        pass
created = 0
for number in range(int(sys.argv[2])):
    try:
        store.put(f"made/{number}", sys.argv[3].encode(), if_absent=True)
        created += 1
    except ConflictError:
        pass
print(created)
"""

HOLD = """
import sys, time
from pathlib import Path
from trustedlake.adapters.local.disk import locked
with locked(Path(sys.argv[1]), 1):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root, ManualClock(), wait_s=0.05)


def keys(store: LocalStore, prefix: str = "") -> list[str]:
    return [info.key for info in store.list(prefix)]


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)


def test_processes_exclude_each_other(store: LocalStore, root: Path) -> None:
    store.put("count", b"1000")
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", INCREMENT, str(root), str(INCREMENTS), str(number)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    created = [int(run.communicate(timeout=60)[0]) for run in runs]
    assert [run.returncode for run in runs] == [0] * PROCESSES
    assert int(store.read("count")) == 1000 + PROCESSES * INCREMENTS
    assert sum(created) == INCREMENTS


def test_a_put_waits_for_a_lock_then_fails_and_the_lock_ends_with_its_process(store: LocalStore, root: Path) -> None:
    tag = store.put("k", b"1")
    lock = root / "_trustedlake" / ".lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(lock)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RetriableError, match=r"\.lock: another process has held this lock"):
            store.put("k", b"2", if_match=tag)
        assert store.read("k") == b"1"
        holder.kill()
    store.put("k", b"2", if_match=tag)
    assert keys(store) == ["k"], "neither the lock nor a temporary file is listed"
    assert files(root) == ["_trustedlake", "_trustedlake/.lock", "k"]


def test_the_lock_file_lies_in_the_state_folder(tmp_path: Path) -> None:
    store = LocalStore(tmp_path, ManualClock(), state=tmp_path / "lake" / "_trustedlake")
    store.put("k", b"2", if_match=store.put("k", b"1"))
    assert files(tmp_path) == ["k", "lake", "lake/_trustedlake", "lake/_trustedlake/.lock"]
    assert keys(store) == ["k"]


def test_reading_creates_no_files_or_folders(store: LocalStore, root: Path) -> None:
    assert not store.list("")
    assert store.head("k") is None
    store.delete("k", if_match="any")
    store.discard("k")
    store.sync(["", "a"])
    assert not root.exists()


def test_the_remains_of_a_killed_put_are_not_listed_and_are_removed_with_their_folder(
    store: LocalStore, root: Path
) -> None:
    store.put("a/k", b"1")
    (root / "a" / f"{TEMPORARY}0123").write_bytes(b"hal")
    (root / "a" / ".tmp-of-someone-else").write_bytes(b"kept")
    assert keys(store) == ["a/.tmp-of-someone-else", "a/k"]
    store.discard("a")
    assert files(root) == []


def test_empty_folders_disappear_as_in_a_bucket(store: LocalStore, root: Path) -> None:
    store.put("staging/run/table/ano=2025/part", b"1")
    (root / "staging" / "run" / "_temporary" / "0").mkdir(parents=True)
    store.move("staging/run/table/ano=2025/part", "Trusted/ano=2025/part", replaces=None)
    assert not (root / "staging/run/table").exists()
    store.discard("staging/run")
    store.delete("Trusted/ano=2025/part")
    assert files(root) == ["_trustedlake", "_trustedlake/.lock"]


@pytest.mark.parametrize("key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "."])
def test_a_key_that_leads_out_of_the_folder_is_refused(store: LocalStore, key: str) -> None:
    with pytest.raises(ConfigError, match="is not a valid key in"):
        store.put(key, b"1")
    with pytest.raises(ConfigError):
        store.discard(key)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_an_error_with_a_hint(store: LocalStore, root: Path) -> None:
    store.put("a/k", b"1")
    with unwritable(root / "a"):
        for action in (lambda: store.put("a/k", b"2"), lambda: store.delete("a/k")):
            with pytest.raises(InputError, match="Permission denied") as refused:
                action()
            assert "read-only or not yours" in refused.value.hint
    assert store.read("a/k") == b"1"


def test_a_file_in_place_of_a_folder_is_an_error(store: LocalStore) -> None:
    store.put("a", b"1")
    with pytest.raises(InputError, match="lake/a: File exists"):
        store.put("a/b", b"2")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EROFS, "read-only")],
)
def test_a_full_or_closed_disk_keeps_the_old_object(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    store.put("a/k", b"old")

    def refuse(handle: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError, match=os.strerror(number)) as refused:
        store.put("a/k", b"new")
    assert said in refused.value.hint
    assert str(root / "a") in refused.value.message
    assert files(root) == ["a", "a/k"]
    assert store.read("a/k") == b"old"


def test_without_hard_links_creation_is_still_exclusive(store: LocalStore, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    tag = store.put("k", b"1", if_absent=True)
    with pytest.raises(RetriableError, match="someone else wrote it first"):
        store.put("k", b"2", if_absent=True)
    found = store.head("k")
    assert found is not None
    assert (store.read("k"), found.tag) == (b"1", tag)


def test_files_are_not_copied_to_another_disk(store: LocalStore, root: Path) -> None:
    if not MEMORY_DISK.is_dir() or MEMORY_DISK.stat().st_dev == root.parent.stat().st_dev:
        pytest.skip("no second file system here")
    store.put("staging/new", b"1")
    other = tempfile.mkdtemp(dir=MEMORY_DISK)
    try:
        (root / "Trusted").symlink_to(other)
        store = LocalStore(root, ManualClock(), named=[root / "Trusted"])
        with pytest.raises(ConfigError, match=r"can't rename .*staging/new to .*/Trusted/part: .*file systems"):
            store.move("staging/new", "Trusted/part", replaces=None)
        assert keys(store) == ["staging/new"]
    finally:
        shutil.rmtree(other)


def test_every_created_name_is_flushed_to_the_disk(
    store: LocalStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[str] = []
    really = os.fsync

    def record(handle: int) -> None:
        flushed.append(os.path.relpath(Path(f"/dev/fd/{handle}").resolve(), root))
        really(handle)

    monkeypatch.setattr(os, "fsync", record)
    store.put("a/b/k", b"1")
    assert [name for name in flushed if TEMPORARY not in name] == ["..", ".", "a", "a/b"]
    assert any(name.startswith(f"a/b/{TEMPORARY}") for name in flushed)
    flushed.clear()
    with store.workspace("s/run") as folder:
        (folder / "ano=2025").mkdir()
        (folder / "ano=2025" / "part").write_bytes(b"1")
    assert {"s/run/ano=2025/part", "s/run/ano=2025", "s/run", "s", "."} <= set(flushed)
    store.move("s/run/ano=2025/part", "T/ano=2025/part", replaces=None)
    flushed.clear()
    store.sync(["T/ano=2025", "gone"])
    assert sorted(flushed) == [".", "T", "T/ano=2025"]


def test_a_written_object_gets_the_permissions_that_the_umask_allows(store: LocalStore, root: Path) -> None:
    old = os.umask(0o022)
    try:
        store.put("k", b"1")
    finally:
        os.umask(old)
    assert (root / "k").stat().st_mode & 0o777 == 0o644


def test_a_hand_edit_changes_the_tag_even_at_the_same_size_and_time(store: LocalStore, root: Path) -> None:
    tag = store.put("k", b"one")
    before = (root / "k").stat()
    (root / "copy").write_bytes(b"two")
    os.utime(root / "copy", ns=(before.st_atime_ns, before.st_mtime_ns))
    (root / "copy").rename(root / "k")
    found = store.head("k")
    assert found is not None
    assert found.tag != tag


def test_an_edit_in_place_changes_the_version_even_at_the_same_size_and_time(store: LocalStore, root: Path) -> None:
    store.put("k", b"one")
    published = store.move("k", "final", replaces=None)
    before = (root / "final").stat()
    tick_of_the_disk(root / "final")
    with (root / "final").open("r+b") as file:
        file.write(b"two")
    os.utime(root / "final", ns=(before.st_atime_ns, before.st_mtime_ns))
    found = store.head("final")
    assert found is not None
    assert (found.size, found.tag) == (3, published.rpartition("-")[0])
    assert found.version != published
    assert store.list("") == [found]


def test_changed_permissions_are_no_conflict(store: LocalStore, root: Path) -> None:
    store.put("new", b"1")
    version = store.move("new", "k", replaces=None)
    store.put("new", b"2")
    (root / "k").chmod(0o600)
    again = store.move("new", "k", replaces=version)
    assert store.read("k") == b"2"
    (root / "k").chmod(0o644)
    store.delete("k", if_match=again)
    assert keys(store) == []


def tick_of_the_disk(file: Path) -> None:
    """Wait until a change of the file has another time than its last one: kernels stamp by their tick."""
    before = file.stat().st_ctime_ns
    while file.stat().st_ctime_ns == before:
        file.chmod(0o644)


def test_the_lock_also_excludes_threads_of_the_same_process(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", 0.01), pytest.raises(RetriableError), locked(tmp_path / "lock", 0.01):
        pass
