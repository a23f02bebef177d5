"""Several writers at one table: in each interleaving one of them wins, and nothing is harmed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, Operation, crash_before
from tests.support.publishing import AFTER, PATHS, STRAY, Run, check_end, prepare, run, stage, trusted
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.claim import DEADLINE, Claim, load_journal
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import publish, recover
from trustedlake.app.publishing.sweep import STAGING_DEADLINE, staging_of, sweep
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.ports import ObjectStore

NEWER = {**AFTER, trusted("16"): b"16 newer still", trusted("22"): b"22 new"}
del NEWER[trusted("20")]
FIRST_MOVE = f"{PATHS.replaced('run1')}/{STRAY}"


def cut_after_first_move(store: ObjectStore, machine: Machine) -> None:
    """A run that is killed with some files new and some old."""
    process = machine.start()
    dying = FaultyStore(store)

    def die(operation: Operation) -> None:
        if operation.name == "move":
            raise Crash

    dying.after = die
    with pytest.raises(Crash):
        run(Run(dying, process, "run1"))
    process.kill()


def test_a_live_owner_is_left_alone_and_named(store: ObjectStore, clock: ManualClock) -> None:
    machine = Machine()
    seen: list[RetriableError] = []

    def look(operation: Operation) -> None:
        if operation.name == "move" and not seen:
            for host in (machine.start(), Machine("server").start()):
                with pytest.raises(RetriableError) as refused:
                    recover(Run(store, host, "run2"))
                seen.append(refused.value)

    first = machine.start()
    run(Run(FaultyStore(store, before=look), first, "run1"))
    check_end(store, ["run1"])
    assert len(seen) == 2
    for refused in seen:
        assert f"process {first.pid} on laptop, since 2025-06-17 12:00:00 UTC (run run1)" in refused.message
        assert "after 2025-06-17 12:02:00 UTC" in refused.hint
        assert refused.exit_code == 4


@pytest.mark.parametrize(
    ("passed_s", "same_machine", "free"),
    [(0, True, True), (0, False, False), (119.9, False, False), (120, False, True)],
)
def test_when_a_journal_may_be_taken_over(
    store: ObjectStore, clock: ManualClock, passed_s: float, same_machine: bool, free: bool
) -> None:
    machine = Machine()
    cut_after_first_move(store, machine)
    clock.advance(passed_s)
    taker = Run(store, (machine if same_machine else Machine("server")).start(), "run2")
    if free:
        assert recover(taker) == "run1"
        check_end(store, ["run1"])
    else:
        before = store.read(PATHS.journal)
        with pytest.raises(RetriableError, match="is being published by"):
            recover(taker)
        assert store.read(PATHS.journal) == before


def test_a_journal_marked_done_is_swept_without_waiting(store: ObjectStore) -> None:
    """Its owner, on another machine, is alive with time left, but stopped between the mark and the removal."""
    seen = 0

    def die(operation: Operation) -> None:
        nonlocal seen
        seen += (operation.name, operation.key) == ("put", PATHS.journal)
        if seen == 2:
            raise Crash

    with pytest.raises(Crash):
        run(Run(FaultyStore(store, after=die), Machine().start(), "run1"))
    assert load_journal(store, PATHS.journal) is not None
    assert recover(Run(store, Machine("server").start(), "run2")) == "", "it had been published"
    check_end(store, ["run1"])


def test_only_one_of_two_runs_takes_over_a_publish(store: ObjectStore) -> None:
    """The second has read the journal, the first takes it over and finishes, then the second tries."""
    machine = Machine()
    cut_after_first_move(store, machine)
    first, second = Run(store, machine.start(), "run2"), machine.start()
    won: list[str] = []

    def overtake(operation: Operation) -> None:
        if (operation.name, operation.key) == ("read", PATHS.journal) and not won:
            won.append(recover(first))

    with pytest.raises(RetriableError, match="another run is finishing"):
        recover(Run(FaultyStore(store, after=overtake), second, "run3"))
    assert won == ["run1"]
    check_end(store, ["run1"])


def test_only_one_of_many_concurrent_runs_takes_over_a_publish(tmp_path: Path) -> None:
    machine, clock = Machine(), ManualClock()
    for round_ in range(10):
        store = LocalStore(tmp_path / str(round_), clock)
        prepare(store)
        cut_after_first_move(store, machine)
        takers = [Run(store, machine.start(), f"taker{number}") for number in range(6)]
        with ThreadPoolExecutor(len(takers)) as pool:
            outcomes = list(pool.map(_recovered, takers))
        assert outcomes.count("run1") == 1
        assert set(outcomes) <= {"run1", "too late", ""}
        check_end(store, ["run1"])


def _recovered(taker: Run) -> str:
    try:
        return recover(taker)
    except RetriableError:
        return "too late"


def test_many_concurrent_runs_do_not_harm_each_other(tmp_path: Path) -> None:
    machine, clock = Machine(), ManualClock()
    for round_ in range(10):
        store = LocalStore(tmp_path / str(round_), clock)
        prepare(store)
        runs = [Run(store, machine.start(), f"run{number}") for number in range(4)]
        with ThreadPoolExecutor(len(runs)) as pool:
            outcomes = list(pool.map(_ran, runs))
        assert outcomes.count("published") >= 1
        check_end(store, [one.run_id for one in runs])


def _ran(writer: Run) -> str:
    try:
        run(writer)
    except RetriableError:
        return "again"
    return "published"


@pytest.mark.parametrize("dies", [False, True], ids=["sleeps then", "dies then"])
@pytest.mark.parametrize("number", range(12))
def test_sweeping_during_a_publish_harms_nothing_at_any_point(clock: ManualClock, number: int, dies: bool) -> None:
    """The owner is past the deadline of its staging; during the sweep it begins to publish and is killed."""
    store = MemoryStore(clock)
    prepare(store)
    machine = Machine()
    process = machine.start()
    owner = Run(store, process, "run1")
    ledger, tag = load_ledger(store, PATHS)
    outcome: list[str] = []
    with staging_of(owner):
        publication = stage(owner, AFTER, ledger)
        clock.advance(STAGING_DEADLINE.total_seconds())
        pausing = FaultyStore(store, before=crash_before(100))

        def begin(operation: Operation) -> None:
            # Cut after the first move: what the sweeper then does must leave the staged files alone.
            if operation.number == number:
                cut = FaultyStore(store)

                def fail(inner: Operation) -> None:
                    if inner.name == "move":
                        raise Crash

                cut.after = fail
                try:
                    publish(replace(owner, store=cut), publication, ledger_before=tag)
                except Crash:
                    outcome.append("publishing")
                    if dies:
                        process.kill()
                except RetriableError:
                    outcome.append("swept")

        pausing.before = begin
        swept = sweep(Run(pausing, machine.start(), "run2"))
    if outcome == ["publishing"]:
        assert swept == []
    clock.advance(DEADLINE.total_seconds())
    run(Run(store, Machine("server").start(), "run3"))
    check_end(store, ["run1", "run3"])


def test_releasing_a_claim_taken_over_by_others_leaves_it_in_place(store: ObjectStore) -> None:
    machine = Machine()
    cut_after_first_move(store, machine)
    found = load_journal(store, PATHS.journal)
    assert found is not None
    old = Claim(store, PATHS.journal, *found)
    Claim.take_over(Run(store, machine.start(), "run2"), *found)
    theirs = store.read(PATHS.journal)
    old.release()
    old.abandon()
    assert store.read(PATHS.journal) == theirs
    with pytest.raises(RetriableError, match="another run took over"):
        old.hold()
