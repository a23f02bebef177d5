"""Publish, step by step: its order, what it refuses, what it survives."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support.faults import FaultyStore, Machine, Operation, lose_answer
from tests.support.publishing import (
    AFTER,
    BEFORE,
    PATHS,
    STATE_FILES,
    STRAY,
    Run,
    check_end,
    everything,
    failed,
    prepare,
    run,
    sha256,
    stage,
    trusted,
    writer,
)
from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.publishing.claim import DEADLINE, load_journal
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.ports import ObjectStore


def test_a_publish_writes_the_planned_files_and_a_second_one_changes_nothing(store: ObjectStore) -> None:
    assert run(writer(store)) == ""
    check_end(store, ["run1"])
    after = everything(store)
    assert run(writer(store, "run2")) == ""
    assert everything(store) == after, "a rerun changes nothing"


def test_the_first_publish_of_a_lake_writes_its_files(clock: ManualClock, tmp_path: Path) -> None:
    for store in (MemoryStore(clock), LocalStore(tmp_path / "new", clock)):
        run(writer(store))
        state = everything(store)
        del state[PATHS.ledger]
        assert state == AFTER


def test_the_steps_of_a_publish_have_a_fixed_order(store: ObjectStore) -> None:
    recording = FaultyStore(store)
    run(writer(recording))
    kinds = {PATHS.ledger: "ledger", PATHS.journal: "journal", STATE_FILES["staging"]: "claim"}
    steps = [
        (operation.name, kinds.get(operation.key, ""))
        for operation in recording.operations
        if operation.name in {"put", "move", "delete", "sync", "discard"} and "/trusted/" not in operation.key
    ]
    moves, deletes = 7, 2
    assert steps == [
        ("put", "claim"),
        ("put", "claim"),
        ("put", "journal"),
        *[("move", "")] * moves,
        *[("delete", "")] * deletes,
        ("sync", ""),
        ("put", "ledger"),
        ("put", "journal"),
        ("delete", "journal"),
        ("discard", ""),
        ("delete", "claim"),
    ]


def test_folders_are_flushed_where_names_changed(store: ObjectStore) -> None:
    recording = FaultyStore(store)
    run(writer(recording))
    synced = next(operation.key for operation in recording.operations if operation.name == "sync").split(" ")
    touched = {key for key in (*AFTER, *BEFORE) if AFTER.get(key) != BEFORE.get(key)}
    assert {key.rpartition("/")[0] for key in touched} <= set(synced)
    assert f"{PATHS.replaced('run1')}/{STRAY}".rpartition("/")[0] in synced


@pytest.mark.parametrize(
    ("name", "key", "which"),
    [
        ("put", PATHS.journal, 1),
        ("put", PATHS.journal, 2),
        ("put", PATHS.ledger, 1),
        ("delete", PATHS.journal, 1),
        ("put", STATE_FILES["staging"], 1),
        ("put", STATE_FILES["staging"], 2),
    ],
)
def test_after_a_lost_answer_the_store_is_read_back(store: ObjectStore, name: str, key: str, which: int) -> None:
    seen = 0

    def lose(operation: Operation) -> None:
        nonlocal seen
        if (operation.name, operation.key) == (name, key):
            seen += 1
            if seen == which:
                raise ConnectionResetError("no answer")

    run(writer(FaultyStore(store, after=lose)))
    check_end(store, ["run1"])
    assert seen >= which


@pytest.mark.parametrize("number", range(7))
def test_a_move_with_a_lost_answer_is_recognized_as_done(store: ObjectStore, number: int) -> None:
    target = [move.target for move in stage(writer(store, "x"), AFTER, load_ledger(store, PATHS)[0]).moves][number]
    target = target.replace("/x/", "/run1/")
    store.discard(PATHS.staging("x"))
    run(writer(FaultyStore(store, after=lose_answer("move", target))))
    check_end(store, ["run1"])


@pytest.mark.parametrize(
    ("name", "part"), [("move", trusted("19")), ("delete", failed("20")), ("sync", "Trusted"), ("put", PATHS.ledger)]
)
def test_the_next_run_finishes_a_failed_publish_without_waiting(store: ObjectStore, name: str, part: str) -> None:
    """The process is still alive (a notebook) but its publish has ended, so nobody waits for the deadline."""
    process = Machine().start()

    def fail(operation: Operation) -> None:
        if operation.name == name and part in operation.key:
            raise RetriableError("503", hint="run again")

    with pytest.raises(RetriableError, match="503"):
        run(Run(FaultyStore(store, before=fail), process, "run1"))
    assert {PATHS.journal, STATE_FILES["staging"]} <= everything(store).keys()
    assert bool(store.list(PATHS.staging("run1"))) == (name == "move"), "what is staged is kept, for the journal"
    assert run(Run(store, process, "run2")) == "run1"
    check_end(store, ["run1"])


def test_the_deadline_is_renewed_while_the_work_lasts(store: ObjectStore) -> None:
    clock = ManualClock()
    slow = MemoryStore(clock) if isinstance(store, MemoryStore) else LocalStore(_root(store), clock)
    if isinstance(slow, MemoryStore):
        prepare(slow)
    left: list[float] = []

    def wait(operation: Operation) -> None:
        if operation.name == "move":
            found = load_journal(slow, PATHS.journal)
            assert found is not None
            left.append((found[0].deadline - clock.now()).total_seconds())
            clock.advance(50)

    recording = FaultyStore(slow, before=wait)
    run(writer(recording))
    check_end(slow, ["run1"])
    assert min(left) >= DEADLINE.total_seconds() / 2
    writes = [
        operation for operation in recording.operations if (operation.name, operation.key) == ("put", PATHS.journal)
    ]
    assert len(writes) == 2 + 3, "created, done, and renewed at every second move"


def _root(store: ObjectStore) -> Path:
    assert isinstance(store, LocalStore)
    return store._root


def test_signals_are_deferred_from_the_journal_to_the_end(store: ObjectStore) -> None:
    shielded = False
    outside: list[Operation] = []

    @contextmanager
    def shield() -> Iterator[None]:
        nonlocal shielded
        shielded = True
        yield
        shielded = False

    def look(operation: Operation) -> None:
        if not shielded and (operation.name == "move" or (operation.name, operation.key) == ("put", PATHS.journal)):
            outside.append(operation)

    run(Run(FaultyStore(store, before=look), Machine().start(), "run1", shield=shield))
    assert outside == []
    check_end(store, ["run1"])


def test_the_journal_contains_all_that_is_needed_to_finish(store: ObjectStore) -> None:
    seen: dict[str, object] = {}

    def look(operation: Operation) -> None:
        if operation.name == "move" and not seen:
            seen.update(json.loads(store.read(PATHS.journal)))

    run(writer(FaultyStore(store, before=look)))
    moves = seen["moves"]
    assert isinstance(moves, list)
    assert {move["target"]: move["sha256"] for move in moves[1:]} == {
        key: sha256(data) for key, data in AFTER.items() if BEFORE.get(key) != data
    }
    assert [move["target"] for move in moves[:1]] == [f"{PATHS.replaced('run1')}/{STRAY}"]
    assert seen["run_id"] == "run1"
    assert seen["staging"] == PATHS.staging("run1")
