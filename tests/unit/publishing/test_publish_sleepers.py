"""Writers that sleep or come late while others go on: they stop, and harm nothing."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import Crash, FaultyStore, Machine, Operation
from tests.support.publishing import AFTER, PATHS, STRAY, Run, check_end, prepare, run, stage, trusted
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.claim import DEADLINE, load_journal
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import publish, recover
from trustedlake.app.publishing.sweep import STAGING_DEADLINE, staging_of, sweep
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.ports import ObjectStore

NEWER = {**AFTER, trusted("16"): b"16 newer still", trusted("22"): b"22 new"}
del NEWER[trusted("20")]
FIRST_MOVE = f"{PATHS.replaced('run1')}/{STRAY}"


class Sleeper:
    """Lets the owner sleep past its deadline just before or after an operation, while others work."""

    def __init__(self, clock: ManualClock, at: int, meanwhile: Callable[[], object]) -> None:
        self.clock, self.at, self.meanwhile = clock, at, meanwhile
        self.slept = False

    def __call__(self, operation: Operation) -> None:
        if operation.number == self.at:
            self.slept = True
            self.clock.advance(DEADLINE.total_seconds() + 1)
            self.meanwhile()


@pytest.mark.parametrize("newer", [False, True], ids=["taken over", "and published anew"])
@pytest.mark.parametrize("side", ["before", "after"])
def test_an_owner_that_sleeps_past_its_deadline_at_any_operation_harms_nothing(newer: bool, side: str) -> None:
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
    """Whichever step it sleeps after, it checks its claim first when it wakes."""
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
        sleepy = FaultyStore(store, after=Sleeper(clock, number, partial(recover, taker)))
        with pytest.raises(RetriableError, match="took over the publish"):
            run(Run(sleepy, Machine().start(), "run1"))
        later = [one for one in sleepy.operations[number + 1 :] if one.name not in {"head", "read", "list", "sync"}]
        assert {one.key for one in later} <= {PATHS.journal, PATHS.staging("run1"), PATHS.staging("run1") + ".json"}
        check_end(store, ["run1"])


def test_a_sleeping_owner_cannot_restore_files_that_others_deleted_in_a_folder(tmp_path: Path) -> None:
    """The only gap in the checks is to sleep between checking the claim and writing."""
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
        with pytest.raises(RetriableError, match="removed what run run1 had staged"):
            publish(owner, publication, ledger_before=tag)
    assert load_journal(store, PATHS.journal) is None
    run(other)
    check_end(store, ["run2"])


def test_a_stale_journal_of_a_run_killed_before_its_check_is_dropped(store: ObjectStore) -> None:
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
    """The create seemed to fail and the run swept its staging and ended; then the request arrived late."""
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
