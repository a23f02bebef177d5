"""A publish killed before or after any operation on the store ends, after the next run, as one clean run does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, crash_before, crash_within
from tests.support.publishing import Run, check_end, prepare, run
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.ports import ObjectStore

A_DAY_AND_MORE_S = 25 * 3600.0
SECOND_CRASH_STEP = 3


def new_store(kind: str, root: Path, clock: ManualClock) -> ObjectStore:
    return LocalStore(root, clock) if kind == "local" else MemoryStore(clock)


def count_operations(kind: str, root: Path) -> int:
    """Operations of one clean run; checks its end."""
    clock = ManualClock()
    store = new_store(kind, root, clock)
    prepare(store)
    counting = FaultyStore(store)
    run(Run(counting, Machine().start(), "run1"))
    check_end(store, ["run1"])
    return len(counting.operations)


@pytest.mark.parametrize(
    ("kind", "proof", "moment"),
    [
        ("memory", "owner is dead", "before"),
        ("memory", "owner is dead", "halfway"),
        ("memory", "owner is dead", "after"),
        ("memory", "deadline is past", "before"),
        ("local", "owner is dead", "before"),
        ("local", "deadline is past", "after"),
    ],
)
def test_a_publish_killed_at_any_operation_is_finished_by_the_next_run(
    kind: str, proof: str, moment: str, tmp_path: Path
) -> None:
    total = count_operations(kind, tmp_path / "clean")
    recovered = 0
    for number in range(total):
        clock = ManualClock()
        store = new_store(kind, tmp_path / str(number), clock)
        prepare(store)
        machine = Machine()
        first = machine.start()
        if moment == "after":
            dying = FaultyStore(store, after=crash_before(number))
        else:
            dying = FaultyStore(
                store, before=(crash_within(store, number) if moment == "halfway" else crash_before(number))
            )
        with pytest.raises(Crash):
            run(Run(dying, first, "run1"))
        if proof == "owner is dead":
            first.kill()
            second = machine.start()
        else:
            clock.advance(A_DAY_AND_MORE_S)
            second = Machine("server").start()
        recovered += bool(run(Run(store, second, "run2")))
        check_end(store, ["run1", "run2"])
        assert not (tmp_path / str(number) / "_trustedlake" / "staging").exists()
    print(f"{kind}, {proof}, {moment}: {total} points, {recovered} publishes finished by the next run")  # noqa: T201 - `pytest -s` shows it
    assert 0 < recovered < total


def test_a_publish_killed_again_while_being_finished_is_finished_by_a_third_run(tmp_path: Path) -> None:
    total = count_operations("memory", tmp_path)
    points = 0
    for number in range(total):
        for again in range(number % SECOND_CRASH_STEP, total, SECOND_CRASH_STEP):
            clock, machine = ManualClock(), Machine()
            store = MemoryStore(clock)
            prepare(store)
            for run_id, at in [("run1", number), ("run2", again)]:
                process = machine.start()
                try:
                    run(Run(FaultyStore(store, after=crash_before(at)), process, run_id))
                except Crash:
                    process.kill()
            run(Run(store, machine.start(), "run3"))
            check_end(store, ["run1", "run2", "run3"])
            points += 1
    print(f"{points} pairs of points")  # noqa: T201 - `pytest -s` shows it
    assert points > total
