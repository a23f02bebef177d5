"""Staging folders: claimed first, swept when nobody needs them, never before."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, Operation, crash_before
from tests.support.publishing import PATHS, Run
from trustedlake.adapters.local import disk
from trustedlake.adapters.local.clock import ManualClock, SystemClock
from trustedlake.adapters.local.disk import TEMPORARY
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.local.nofollow import Spot
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.sweep import STAGING_DEADLINE, keep_staging, staging_of, sweep
from trustedlake.entrypoints.interrupt import deferred
from trustedlake.errors import ConflictError, RetriableError
from trustedlake.models.built_in import CONTRACTS
from trustedlake.models.lake import default_paths

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.ports import ObjectStore

DAY_S = STAGING_DEADLINE.total_seconds()
STAGING = PATHS.staging("run1")
SERIES = default_paths(CONTRACTS["tmdb_series"])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[ObjectStore]:
    yield LocalStore(tmp_path, clock) if request.param == "local" else MemoryStore(clock)
    if request.param == "local":
        assert not list(tmp_path.rglob(".tmp-*"))


def killed(store: ObjectStore, machine: Machine, run_id: str = "run1") -> None:
    """A run that was killed after it staged something."""
    process = machine.start()
    dying = FaultyStore(store, after=crash_before(1))
    with pytest.raises(Crash), staging_of(Run(dying, process, run_id)):
        dying.put(f"{PATHS.staging(run_id)}/trusted/part", b"1")
    process.kill()


def keys(store: ObjectStore) -> list[str]:
    return [info.key for info in store.list("")]


def test_a_claim_lasts_as_long_as_the_work(store: ObjectStore) -> None:
    with staging_of(Run(store, Machine().start(), "run1")):
        assert keys(store) == [f"{STAGING}.json"]
        store.put(f"{STAGING}/trusted/part", b"1")
    assert keys(store) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_failing_run_removes_its_own_staging(store: ObjectStore, error: type[BaseException]) -> None:

    def fail() -> None:
        store.put(f"{STAGING}/trusted/part", b"1")
        raise error

    with pytest.raises(error), staging_of(Run(store, Machine().start(), "run1")):
        fail()
    assert keys(store) == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_interrupt_while_the_claim_is_written_leaves_no_claim(store: ObjectStore, when: str) -> None:
    def interrupt(operation: Operation) -> None:
        if operation.name == "put":
            signal.raise_signal(signal.SIGINT)

    interrupted = FaultyStore(store, **{when: interrupt})
    reached = []
    with pytest.raises(KeyboardInterrupt), staging_of(Run(interrupted, Machine().start(), "run1", shield=deferred)):
        reached.append("the work")
    assert (reached, keys(store)) == ([], [])
    assert [operation.name for operation in interrupted.operations].count("put") == 1, "it was written"


@pytest.mark.parametrize(
    ("passed_s", "owner", "swept"),
    [
        (0, "killed", True),
        (0, "alive", False),
        (0, "elsewhere", False),
        (DAY_S - 1, "elsewhere", False),
        (DAY_S, "elsewhere", True),
        (DAY_S, "alive", True),
    ],
)
def test_staging_is_swept_only_if_its_run_is_dead_or_past_its_deadline(
    store: ObjectStore, clock: ManualClock, passed_s: float, owner: str, swept: bool
) -> None:
    machine = Machine()
    killed(store, machine)
    if owner == "alive":
        machine.pids.add(101)
    clock.advance(passed_s)
    other = (machine if owner != "elsewhere" else Machine("server")).start()
    assert sweep(Run(store, other, "run2")) == ([STAGING] if swept else [])
    assert keys(store) == ([] if swept else [f"{STAGING}.json", f"{STAGING}/trusted/part"])


def test_staging_of_other_tables_and_runs_is_swept_too(store: ObjectStore) -> None:
    machine = Machine()
    for run_id in ("run1", "run2"):
        killed(store, machine, run_id)
    store.put("_trustedlake/runs/run1.json", b"{}")
    writer = Run(store, machine.start(), "run3", paths=SERIES)
    with staging_of(writer):
        assert sweep(writer) == [PATHS.staging("run1"), PATHS.staging("run2")]
        assert keys(store) == ["_trustedlake/runs/run1.json", f"{SERIES.staging('run3')}.json"]


def test_a_staging_folder_without_a_claim_is_swept(store: ObjectStore) -> None:
    """A claim is created first and removed last, so a folder without one is the rest of a sweep."""
    store.put(f"{STAGING}/trusted/part", b"1")
    assert sweep(Run(store, Machine().start(), "run2")) == [STAGING]
    assert keys(store) == []


def test_an_empty_folder_of_a_killed_engine_is_removed_with_its_claim(tmp_path: Path, clock: ManualClock) -> None:
    store, machine = LocalStore(tmp_path, clock), Machine()
    killed(store, machine)
    (tmp_path / STAGING / "trusted" / "_temporary" / "0").mkdir(parents=True)
    sweep(Run(store, machine.start(), "run2"))
    assert not (tmp_path / "_trustedlake" / "staging").exists()


class TestHalfWritten:
    """What a killed writer leaves in a folder that no listing shows."""

    def aged(self, store: LocalStore, path: Path, age_s: float) -> None:
        then = store.now().timestamp() - age_s
        os.utime(path, (then, then))

    @pytest.mark.parametrize(("age_s", "gone"), [(0, False), (DAY_S - 1, False), (DAY_S + 1, True)])
    def test_a_half_written_file_is_removed_once_it_is_older_than_a_claim_may_be(
        self, tmp_path: Path, clock: ManualClock, age_s: float, gone: bool
    ) -> None:
        store = LocalStore(tmp_path, clock)
        state = tmp_path / "_trustedlake"
        half, empty = state / "runs" / f"{TEMPORARY}0a", state / "staging" / "run1" / "tmdb_movies"
        stays = [state / "runs" / "run1.json", state / "runs" / ".tmp-of-someone-else", tmp_path / f"{TEMPORARY}0b"]
        for place in (half, *stays):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(b"hal")
        empty.mkdir(parents=True)
        for place in sorted(tmp_path.rglob("*"), reverse=True):
            self.aged(store, place, age_s)
        assert sweep(Run(store, Machine().start(), "run2")) == []
        assert half.exists() is not gone
        assert (state / "staging").exists() is not gone
        assert all(place.exists() for place in stays), "other files stay, and everything outside of the state"

    def test_a_file_that_is_being_written_is_left_alone(self, tmp_path: Path) -> None:
        store = LocalStore(tmp_path, SystemClock())
        other = Run(store, Machine("server").start(), "run2")
        folder = tmp_path / STAGING
        ledgers = Spot(tmp_path, ("_trustedlake", "ledger"))
        with disk.temporary(ledgers, b"{}") as (_, name):
            half = ledgers.path / name
            folder.mkdir(parents=True)
            sweep(other)
            assert half.read_bytes() == b"{}"
            assert folder.is_dir()
        folder.rmdir()

    def test_two_concurrent_sweeps_lose_no_file_that_others_write(self, tmp_path: Path) -> None:
        store = LocalStore(tmp_path, SystemClock())
        machine = Machine("server")
        done = threading.Event()

        def put(number: int) -> None:
            for count in range(100):
                store.put(f"_trustedlake/runs/{number}/{count}.json", b"{}")

        def go_on_sweeping(run_id: str) -> None:
            while not done.is_set():
                sweep(Run(store, machine.start(), run_id))

        with ThreadPoolExecutor(4) as pool:
            sweeping = [pool.submit(go_on_sweeping, run_id) for run_id in ("run1", "run2")]
            putting = [pool.submit(put, number) for number in range(2)]
            for one in putting:
                one.exception()
            done.set()
            for one in (*putting, *sweeping):
                one.result()
        assert len(store.list("_trustedlake/runs")) == 200


@pytest.mark.parametrize("name", ["journal/tmdb_movies.json", "staging/run1/tmdb_movies.json"])
def test_state_files_of_a_newer_version_are_left_alone(store: ObjectStore, name: str) -> None:
    machine = Machine()
    killed(store, machine)
    store.put(f"_trustedlake/{name}", b'{"version": 99}')
    before = keys(store)
    assert sweep(Run(store, machine.start(), "run2")) == []
    assert keys(store) == before


def test_a_stray_file_is_left_alone(store: ObjectStore) -> None:
    for key in ("_trustedlake/staging/notes.txt", "_trustedlake/staging/run1/notes.txt"):
        store.put(key, b"1")
    assert sweep(Run(store, Machine().start(), "run2")) == []
    assert len(keys(store)) == 2


def test_a_sweep_killed_at_any_point_is_finished_by_the_next(clock: ManualClock) -> None:
    machine = Machine()
    counting = FaultyStore(MemoryStore(clock))
    killed(counting.store, machine)
    sweep(Run(counting, machine.start(), "run2"))
    assert len(counting.operations) > 5
    for number in range(len(counting.operations)):
        store = MemoryStore(clock)
        killed(store, machine)
        process = machine.start()
        with pytest.raises(Crash):
            sweep(Run(FaultyStore(store, after=crash_before(number)), process, "run2"))
        process.kill()
        sweep(Run(store, machine.start(), "run3"))
        assert keys(store) == []


def test_only_one_of_two_concurrent_sweeps_removes_a_folder(store: ObjectStore) -> None:
    machine = Machine()
    killed(store, machine)
    other = Run(store, machine.start(), "run2")
    swept: list[str] = []

    def overtake(operation: Operation) -> None:
        if operation.name == "put" and not swept:
            swept.extend(sweep(other))

    slow = FaultyStore(store, before=overtake)
    assert sweep(Run(slow, machine.start(), "run3")) == []
    assert swept == [STAGING]
    assert keys(store) == []


def test_only_its_own_process_can_renew_a_claim(store: ObjectStore, clock: ManualClock) -> None:
    writer = Run(store, Machine().start(), "run1")
    with staging_of(writer):
        clock.advance(DAY_S - 1)
        keep_staging(writer)
        clock.advance(DAY_S - 1)
        assert sweep(Run(store, Machine("server").start(), "run2")) == []
        with pytest.raises(RetriableError, match="another run removed what run run1 had staged"):
            keep_staging(replace(writer, host=Machine("server").start()))
    with pytest.raises(RetriableError, match="another run removed what run run1 had staged"):
        keep_staging(writer)


def test_a_run_id_can_be_used_only_once(store: ObjectStore) -> None:
    writer = Run(store, Machine().start(), "run1")
    with staging_of(writer), pytest.raises(ConflictError), staging_of(writer):
        pass
