"""What the last runs did with a table: which reports are read for it, and what they are summed up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.last_runs import find_changes, find_failure, find_held
from trustedlake.models.lake import TablePaths
from trustedlake.models.ledger import Counts, Ledger, Partition, Refusal
from trustedlake.models.report import PartitionReport, PartitionStatus, RunReport, TableReport

PATHS = TablePaths(table="films", lake="", inputs=("Raw",), trusted="Trusted", quarantine="Quarantine")
MIDNIGHT = datetime(2025, 6, 20, tzinfo=UTC)
PUBLISHED, REFUSED, UNCHANGED = PartitionStatus.PUBLISHED, PartitionStatus.REFUSED, PartitionStatus.UNCHANGED


class CountingStore(MemoryStore):
    """Counts the objects that were read."""

    def __init__(self) -> None:
        super().__init__(ManualClock())
        self.reads: list[str] = []

    def read(self, key: str) -> bytes:
        self.reads.append(key)
        return super().read(key)


def part(name: str, status: PartitionStatus, message: str = "", **more: object) -> PartitionReport:
    given = {"partition": name, "status": status, "files": 1, "counts": Counts(), "message": message, **more}
    return PartitionReport.model_validate(given)


def run_at(hour: float, *parts: PartitionReport, table: str = "films", failed: str = "") -> RunReport:
    """A run that many hours after midnight."""
    started = MIDNIGHT + timedelta(hours=hour)
    status = "failed" if failed else "published"
    one = TableReport(table=table, contract=1, status=status, partitions=parts, message=failed, hint="mend it")
    return RunReport(
        run_id=f"{started:%Y%m%dT%H%M%S.%fZ}-1a2b3c4d", command="x", trustedlake="0", started=started,
        finished=started, exit_code=0, tables=(one,),
    )  # fmt: skip


def new(day: int) -> PartitionReport:
    return part(f"dia={day}", PUBLISHED, "new")


@pytest.mark.parametrize("by_earlier_version", [False, True], ids=["named by the ledger", "found in the reports"])
def test_the_last_changing_run_and_those_of_the_last_day_are_told_newest_first(*, by_earlier_version: bool) -> None:
    store = CountingStore()
    changing = [run_at(hour, new(day)) for hour, day in ((-30, 15), (-23, 16), (-1, 17))]
    idle = [run_at(0.5, part("dia=17", UNCHANGED)), run_at(0.7, table="series")]
    runs = [*reversed([*changing, *idle])]
    for run in runs:
        store.put(f"_trustedlake/runs/{run.run_id}.json", run.model_dump_json().encode())
    ledger = Ledger(table="films", runs=() if by_earlier_version else tuple(run.run_id for run in reversed(changing)))
    told = find_changes(store, PATHS, ledger, runs if by_earlier_version else runs[:2])
    assert [(one.run_id, one.started, one.done) for one in told] == [
        (run.run_id, run.started, (f"published: dia={day} (new)",))
        for run, day in ((changing[2], 17), (changing[1], 16))
    ]
    assert len(store.reads) == (0 if by_earlier_version else 2)


def test_a_change_of_long_ago_is_told_as_long_as_nothing_changed_since() -> None:
    store, old = CountingStore(), run_at(-9_000, new(1))
    store.put(f"_trustedlake/runs/{old.run_id}.json", old.model_dump_json().encode())
    (told,) = find_changes(store, PATHS, Ledger(table="films", runs=(old.run_id,)), [run_at(1, table="series")])
    assert told.done == ("published: dia=1 (new)",)


def test_a_run_without_a_report_is_named() -> None:
    """A run may be killed after it published and before it wrote its report."""
    (told,) = find_changes(CountingStore(), PATHS, Ledger(table="films", runs=("20250619T1-x",)), [])
    assert (told.run_id, told.started) == ("20250619T1-x", None)
    assert "its report is not there" in told.done[0]


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([part("dia=1", UNCHANGED)], None),
        ([part("", PUBLISHED, "new")], ["published: the table (new)"]),
        ([part("dia=1", PUBLISHED, "contract"), new(2)], ["published: dia=1 (contract)", "published: dia=2 (new)"]),
        ([new(day) for day in range(1, 6)], ["published: 5 partitions, dia=1 to dia=5 (new)"]),
        (
            [new(1), part("dia=2", PUBLISHED, "changed", fresh={"b": "new", "a": "gone"}, corrected={"a#1": "b#0"})],
            ["published again: dia=2: b is new, a is gone", "corrected: a#1 by b#0", "published: dia=1 (new)"],
        ),
        ([part("dia=1", UNCHANGED, fresh={"a": "gone"})], ["rows kept: dia=1: a is gone"]),
        ([part("dia=1", PartitionStatus.REMOVED, "none is there")], ["removed: dia=1: none is there"]),
        (
            [part("dia=1", REFUSED, "all 3"), part("dia=2", REFUSED, "again", stayed=True)],
            ["refused: dia=1: all 3"],
        ),
        (
            [part(f"dia={day}", REFUSED, f"all {day} records") for day in range(1, 6)],
            ["refused: 5 partitions, dia=1 to dia=5: in the last one: all 5 records"],
        ),
    ],
)
def test_a_run_is_told_in_sentences(parts: list[PartitionReport], told: list[str] | None) -> None:
    run = run_at(0, *parts)
    found = find_changes(CountingStore(), PATHS, Ledger(table="films", runs=(run.run_id,)), [run])
    assert [list(one.done) for one in found] == ([told] if told else [])


def test_why_a_day_is_refused_is_told_once_while_it_is_open() -> None:
    refusal = Refusal(gate="empty", max_rejected=0.05, message="all 3", counts=Counts(), contract=1, raw=())
    run = run_at(0, part("dia=1", REFUSED, "all 3"), part("dia=2", REFUSED, "cut off"))
    ledger = Ledger(table="films", runs=(run.run_id,), partitions={"dia=1": Partition(refusal=refusal)})
    (told,) = find_changes(CountingStore(), PATHS, ledger, [run])
    assert told.done == ("refused: dia=1: still open", "refused: dia=2: cut off")


def test_a_failure_counts_from_the_first_of_the_failed_runs_in_a_row() -> None:
    runs = [run_at(5, table="series"), run_at(4, failed="b"), run_at(3, failed="a"), run_at(2), run_at(1, failed="x")]
    found = find_failure("films", runs)
    assert found is not None
    assert (found.since.hour, found.message, found.hint) == (3, "b", "mend it")
    assert find_failure("films", runs[3:]) is None


def test_a_day_that_could_not_be_judged_stays_open_whatever_else_runs() -> None:
    held = part("dia=1", REFUSED, "a is gone", hint="restore it", stayed=True)
    gate = part("dia=2", REFUSED, "all 3", stayed=True)
    refusal = Refusal(gate="empty", max_rejected=0.05, message="all 3", counts=Counts(), contract=1, raw=())
    ledger = Ledger(table="films", partitions={"dia=1": Partition(contract=1), "dia=2": Partition(refusal=refusal)})
    runs = [run_at(5, table="series"), run_at(4, failed="x"), run_at(3, held, gate), run_at(2, held), run_at(1)]
    found = find_held("films", ledger, runs)
    assert {name: (one.since.hour, one.message, one.hint) for name, one in found.items()} == {
        "dia=1": (2, "a is gone", "restore it")
    }
    assert find_held("films", ledger, [run_at(6), *runs]) == {}
