"""Several writers at one table: each interleaving ends with one of them, and harms nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, Operation, crash_before
from tests.support.publishing import AFTER, PATHS, STRAY, Run, check_end, prepare, run, stage, trusted
from trustedlake.adapters.clock import ManualClock
from trustedlake.adapters.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.journal_file import DEADLINE, Claim, load_journal
from trustedlake.app.ledger_file import load_ledger
from trustedlake.app.publish import publish
from trustedlake.app.recover import recover
from trustedlake.app.sweep import STAGING_DEADLINE, staging_of, sweep
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.ports import ObjectStore

NEWER = {**AFTER, trusted("16"): b"16 newer still", trusted("22"): b"22 new"}
del NEWER[trusted("20")]
FIRST_MOVE = f"{PATHS.replaced('run1')}/{STRAY}"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(params=["memory", "local"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> ObjectStore:
    made: ObjectStore = LocalStore(tmp_path, clock) if request.param == "local" else MemoryStore(clock)
    prepare(made)
    return made


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


def test_a_journal_marked_done_only_needs_sweeping_and_nobody_waits_for_it(store: ObjectStore) -> None:
    """Its owner lives, elsewhere, and its deadline is far: it was cut between the mark and the removal."""
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


def test_of_two_takers_one_wins(store: ObjectStore) -> None:
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


def test_of_many_takers_at_once_one_wins(tmp_path: Path) -> None:
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


def test_of_many_runs_at_once_none_harms_another(tmp_path: Path) -> None:
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


class Sleeper:
    """Lets the owner sleep past its deadline just before or after an operation, while others work."""

    def __init__(self, clock: ManualClock, at: int, meanwhile: Callable[[], None]) -> None:
        self.clock, self.at, self.meanwhile = clock, at, meanwhile
        self.slept = False

    def __call__(self, operation: Operation) -> None:
        if operation.number == self.at:
            self.slept = True
            self.clock.advance(DEADLINE.total_seconds() + 1)
            self.meanwhile()


@pytest.mark.parametrize("newer", [False, True], ids=["taken over", "and published anew"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_owner_that_sleeps_past_its_deadline_anywhere_harms_nothing(newer: bool, side: str) -> None:
    """At each operation of its publish in turn: B takes over and finishes; C may publish something newer."""
    counting = FaultyStore(MemoryStore(ManualClock()))
    prepare(counting.store)
    run(Run(counting, Machine().start(), "run1"))
    created = next(one.number for one in counting.operations if (one.name, one.key) == ("put", PATHS.journal))
    stopped = 0
    for number in range(created + 1, len(counting.operations)):
        clock = ManualClock()
        store = MemoryStore(clock)
        prepare(store)

        def others(store: MemoryStore = store) -> None:
            recover(Run(store, Machine("server").start(), "run2"))
            if newer:
                run(Run(store, Machine("server").start(), "run3"), NEWER)

        sleeper = Sleeper(clock, number, others)
        sleepy = FaultyStore(store, before=sleeper) if side == "before" else FaultyStore(store, after=sleeper)
        try:
            run(Run(sleepy, Machine().start(), "run1"))
        except RetriableError:
            stopped += 1
        assert sleeper.slept
        check_end(store, ["run1", "run2", "run3"], NEWER if newer else AFTER)
    assert stopped > 10


def test_an_owner_whose_publish_was_taken_over_writes_nothing_more() -> None:
    """Wherever it slept after a step: the next thing it does is to look at its claim."""
    counting = FaultyStore(MemoryStore(ManualClock()))
    prepare(counting.store)
    run(Run(counting, Machine().start(), "run1"))
    steps = [
        one.number for one in counting.operations if one.name in {"move", "delete", "sync"} and one.key != PATHS.journal
    ]
    for number in steps[:-1]:
        clock = ManualClock()
        store = MemoryStore(clock)
        prepare(store)
        taker = Run(store, Machine("server").start(), "run2")
        sleepy = FaultyStore(store, after=Sleeper(clock, number, lambda taker=taker: [recover(taker)]))  # type: ignore[misc]
        with pytest.raises(RetriableError, match="took over the publish"):
            run(Run(sleepy, Machine().start(), "run1"))
        later = [one for one in sleepy.operations[number + 1 :] if one.name not in {"head", "read", "list", "sync"}]
        assert {one.key for one in later} <= {PATHS.journal, PATHS.staging("run1"), PATHS.staging("run1") + ".json"}
        check_end(store, ["run1"])


def test_a_sleeper_in_a_folder_cannot_bring_back_what_others_deleted(tmp_path: Path) -> None:
    """The one gap in the checks: asleep between the check of its claim and the write."""
    clock = ManualClock()
    store = LocalStore(tmp_path, clock)
    prepare(store)

    def others() -> None:
        recover(Run(store, Machine("server").start(), "run2"))
        run(Run(store, Machine("server").start(), "run3"), NEWER)

    def sleep(operation: Operation) -> None:
        if (operation.name, operation.key) == ("move", trusted("20")):
            clock.advance(DEADLINE.total_seconds() + 1)
            others()

    with pytest.raises(RetriableError):
        run(Run(FaultyStore(store, before=sleep), Machine().start(), "run1"))
    check_end(store, ["run1", "run2", "run3"], NEWER)


def test_a_run_whose_staging_was_swept_stops_before_it_publishes(store: ObjectStore, clock: ManualClock) -> None:
    owner, other = Run(store, Machine().start(), "run1"), Run(store, Machine("server").start(), "run2")
    ledger, tag = load_ledger(store, PATHS)
    with staging_of(owner):
        publication = stage(owner, AFTER, ledger)
        clock.advance(STAGING_DEADLINE.total_seconds())
        assert sweep(other) == [PATHS.staging("run1")]
        with pytest.raises(RetriableError, match="run1 staged was swept"):
            publish(owner, publication, ledger_before=tag)
    assert load_journal(store, PATHS.journal) is None
    run(other)
    check_end(store, ["run2"])


@pytest.mark.parametrize("number", range(12))
def test_a_sweeper_that_meets_a_publish_at_any_point(clock: ManualClock, number: int) -> None:
    """The owner is past its staging's deadline; while the sweeper works, it begins to publish."""
    store = MemoryStore(clock)
    prepare(store)
    owner = Run(store, Machine().start(), "run1")
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
                except RetriableError:
                    outcome.append("swept")

        pausing.before = begin
        swept = sweep(Run(pausing, Machine("server").start(), "run2"))
    if outcome == ["publishing"]:
        assert swept == []
    clock.advance(DEADLINE.total_seconds())
    run(Run(store, Machine("server").start(), "run3"))
    check_end(store, ["run1", "run3"])


def test_a_stale_journal_that_was_cut_before_its_check_is_dropped(store: ObjectStore) -> None:
    """A planned, C published, A created its journal and was killed before it looked at the ledger again."""
    machine = Machine()
    process = machine.start()
    ledger, tag = load_ledger(store, PATHS)
    dying = FaultyStore(store)
    owner = Run(dying, process, "run1")

    def publish_late() -> None:
        with staging_of(owner):
            publication = stage(owner, AFTER, ledger)
            run(Run(store, machine.start(), "run2"), NEWER)
            publish(owner, publication, ledger_before=tag)

    def die(operation: Operation) -> None:
        if (operation.name, operation.key) == ("put", PATHS.journal):
            raise Crash

    dying.after = die
    with pytest.raises(Crash):
        publish_late()
    process.kill()
    assert load_journal(store, PATHS.journal) is not None
    assert recover(Run(store, machine.start(), "run3")) == ""
    check_end(store, ["run2"], NEWER)


def test_a_journal_that_appears_after_its_staging_was_swept_is_dropped(store: ObjectStore) -> None:
    """The create seemed to fail, the run swept its staging and ended; then the request arrived after all."""
    machine = Machine()
    owner = Run(store, machine.start(), "run1")
    ledger, tag = load_ledger(store, PATHS)
    late: list[bytes] = []

    def lose(operation: Operation) -> None:
        if (operation.name, operation.key) == ("put", PATHS.journal) and not late:
            late.append(store.read(PATHS.journal))
            store.delete(PATHS.journal)
            raise RetriableError("no answer", hint="")

    with pytest.raises(RetriableError, match="no answer"):
        run(replace(owner, store=FaultyStore(store, after=lose)))
    store.put(PATHS.journal, late[0])
    assert not store.list(PATHS.staging("run1"))
    owner.host.kill()  # type: ignore[attr-defined]
    run(Run(store, machine.start(), "run2"))
    check_end(store, ["run2"])
    assert (ledger, tag) != load_ledger(store, PATHS)


def test_releasing_a_claim_that_others_hold_leaves_it_to_them(store: ObjectStore) -> None:
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
