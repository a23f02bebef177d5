"""A publish in a bucket, killed before or after any request, ends after the next run as one clean run does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.buckets import store_in
from tests.support.faults import Crash, FaultyStore, Machine, crash_within
from tests.support.publishing import STRAY, Run, check_end, prepare, quarantine, run
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.errors import ConflictError

if TYPE_CHECKING:
    from trustedlake.adapters.s3.store import S3Store

SAMPLE = 10


class Dying:
    """Counts the requests of a store, and from one of them on lets none through, or no answer back."""

    def __init__(self, store: S3Store, moment: str, last: int | None = None) -> None:
        self.requests = 0
        self._last = last
        event = {"before": "before-send.s3", "after": "after-call.s3"}[moment]
        store._client.meta.events.register(event, self._hear)

    def _hear(self, **_: Any) -> None:
        if self._last is not None and self.requests >= self._last:
            raise Crash
        self.requests += 1


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize(
    "start", [0, *(pytest.param(start, marks=pytest.mark.slow) for start in range(1, SAMPLE))], ids=str
)
def test_a_publish_killed_at_any_request_is_finished_by_the_next_run(moment: str, start: int, any_bucket: str) -> None:
    whole = store_in(any_bucket, "clean")
    prepare(whole)
    counting = Dying(whole, moment)
    run(Run(whole, Machine().start(), "run1"))
    recovered, points = 0, range(start, counting.requests, SAMPLE)
    check_end(whole, ["run1"])
    store = store_in(any_bucket, "killed")
    for number in points:
        store.discard("")
        prepare(store)
        machine, dying = Machine(), store_in(any_bucket, "killed")
        first = machine.start()
        Dying(dying, moment, number)
        with pytest.raises(Crash):
            run(Run(dying, first, "run1"))
        dying.close()
        first.kill()
        recovered += bool(run(Run(store, machine.start(), "run2")))
        check_end(store, ["run1", "run2"])
    assert 0 < recovered < len(points)


def test_a_move_killed_between_copy_and_delete_counts_as_done() -> None:
    """Otherwise the publish would be undone with one partition new and the ledger old."""
    clean, store = MemoryStore(ManualClock()), MemoryStore(ManualClock())
    for one in (clean, store):
        prepare(one)
        one.delete(STRAY)  # nothing is moved aside first
    counting, first, machine = FaultyStore(clean), Machine().start(), Machine()
    run(Run(counting, first, "run1"))
    move = next(at for at, one in enumerate(counting.operations) if one.name == "move")
    first = machine.start()
    with pytest.raises(Crash):
        run(Run(FaultyStore(store, before=crash_within(store, move)), first, "run1"))
    first.kill()
    store.put(quarantine("16"), b"by hand")  # what the next move replaces
    with pytest.raises(ConflictError, match="changed during a publish"):
        run(Run(store, machine.start(), "run2"))
