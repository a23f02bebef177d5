"""What publish refuses: outdated plans, changes by others, damaged files; and what it leaves behind then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.faults import FaultyStore, Operation
from tests.support.publishing import (
    AFTER,
    BEFORE,
    PATHS,
    STATE_FILES,
    STRAY,
    check_end,
    everything,
    failed,
    ledger_of,
    run,
    stage,
    trusted,
    writer,
)
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import StalePlanError, publish, recover
from trustedlake.app.publishing.sweep import staging_of
from trustedlake.errors import ConfigError, ConflictError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.ports import ObjectStore


def _change_ledger(store: ObjectStore) -> None:
    store.put(PATHS.ledger, ledger_of(BEFORE).model_copy(update={"target": "other"}).model_dump_json().encode())


def _change_target(store: ObjectStore) -> None:
    store.put(trusted("19"), b"by hand")


def _new_target(store: ObjectStore) -> None:
    store.put(trusted("20"), b"by hand")


def _change_deleted(store: ObjectStore) -> None:
    store.put(failed("20"), b"by hand")


def _remove_deleted(store: ObjectStore) -> None:
    store.delete(failed("20"))


@pytest.mark.parametrize("change", [_change_ledger, _change_target, _new_target, _change_deleted, _remove_deleted])
def test_an_outdated_plan_changes_nothing(store: ObjectStore, change: Callable[[ObjectStore], None]) -> None:
    one = writer(store)
    ledger, tag = load_ledger(store, PATHS)
    with staging_of(one):
        publication = stage(one, AFTER, ledger)
        change(store)
        before = {key: data for key, data in everything(store).items() if "/staging/" not in key}
        with pytest.raises(StalePlanError, match="nothing was published") as refused:
            publish(one, publication, ledger_before=tag)
    assert refused.value.exit_code == 4
    assert everything(store) == before, "the journal is released, the staging swept"


def test_a_failure_before_the_first_move_releases_the_journal(store: ObjectStore) -> None:
    before = everything(store)
    journaled = False

    def fail(operation: Operation) -> None:
        nonlocal journaled
        if journaled and operation.name == "list":
            raise InputError("permission denied", hint="")
        journaled = journaled or (operation.name, operation.key) == ("put", PATHS.journal)

    with pytest.raises(InputError, match="permission denied"):
        run(writer(FaultyStore(store, before=fail)))
    assert everything(store) == before


def test_staging_on_another_disk_changes_nothing(store: ObjectStore) -> None:
    before = everything(store)

    def fail(operation: Operation) -> None:
        if operation.name == "move":
            raise ConfigError("another file system", hint="")

    with pytest.raises(ConfigError, match="another file system"):
        run(writer(FaultyStore(store, before=fail)))
    assert everything(store) == before


def _at_move(store: ObjectStore, target: str, action: Callable[[], object]) -> FaultyStore:
    """Let someone act just before the move to `target`."""
    done: list[str] = []

    def act(operation: Operation) -> None:
        if (operation.name, operation.key) == ("move", target) and not done:
            done.append(target)
            action()

    return FaultyStore(store, before=act)


def test_a_file_changed_during_the_publish_stops_it_until_the_file_is_moved_out(store: ObjectStore) -> None:
    target = trusted("20")
    changing = _at_move(store, target, lambda: store.put(target, b"by hand"))
    with pytest.raises(ConflictError, match=r"dia=20/part-00000\.parquet changed during a publish") as refused:
        run(writer(changing))
    assert "move it out of the lake" in refused.value.hint
    assert store.read(target) == b"by hand"
    with pytest.raises(ConflictError, match="dia=20"):
        run(writer(store, "run2"))
    store.delete(target)
    assert run(writer(store, "run3")) == "run1"
    check_end(store, ["run1"])


def test_a_file_to_delete_that_someone_else_changed_is_kept(store: ObjectStore) -> None:
    def change(operation: Operation) -> None:
        if (operation.name, operation.key) == ("delete", failed("20")):
            store.put(failed("20"), b"by hand")

    with pytest.raises(ConflictError, match=r"dia=20/part-00000\.parquet changed during a publish"):
        run(writer(FaultyStore(store, before=change)))
    assert store.read(failed("20")) == b"by hand"


def test_a_file_changed_before_the_first_move_leads_to_a_new_plan(store: ObjectStore) -> None:
    first = f"{PATHS.replaced('run1')}/{STRAY}"
    changing = _at_move(store, first, lambda: store.put(first, b"by hand"))
    with pytest.raises(StalePlanError):
        run(writer(changing))
    store.delete(first)
    run(writer(store, "run2"))
    check_end(store, ["run2"])


def test_a_published_file_that_vanishes_during_the_publish_is_written_again(store: ObjectStore) -> None:
    run(writer(_at_move(store, trusted("19"), lambda: store.delete(trusted("19")))))
    check_end(store, ["run1"])


def test_a_staged_file_that_vanishes_during_the_publish_is_named(store: ObjectStore) -> None:
    def lose_staging() -> None:
        store.discard(PATHS.staging("run1"))

    with pytest.raises(InputError, match=r"trusted/\d\.parquet is gone") as refused:
        run(writer(_at_move(store, trusted("19"), lose_staging)))
    assert "--full-refresh" in refused.value.hint


def test_a_ledger_removed_during_the_publish_is_written_again(store: ObjectStore) -> None:
    run(writer(_at_move(store, trusted("19"), lambda: store.delete(PATHS.ledger))))
    check_end(store, ["run1"])


def test_a_ledger_changed_during_the_publish_stays_and_the_next_run_plans_from_it(store: ObjectStore) -> None:
    with pytest.raises(ConflictError, match="someone changed the ledger"):
        run(writer(_at_move(store, trusted("19"), lambda: _change_ledger(store))))
    before = everything(store)
    assert recover(writer(store, "run2")) == ""
    assert before.keys() - everything(store).keys() == {PATHS.journal, STATE_FILES["staging"]}
    ledger, _ = load_ledger(store, PATHS)
    assert ledger is not None
    assert ledger.target == "other"


@pytest.mark.parametrize(
    ("data", "said", "hint"),
    [
        (b'{"version": 99, "table": "t", "moves": {}}', "version 99", "upgrade"),
        (b'{"version": 1, "table"', "damaged", "--full-refresh"),
        (b"", "damaged", "--full-refresh"),
        (b'{"version": 1}', "damaged: table: Field required", "--full-refresh"),
    ],
)
def test_an_unreadable_journal_is_an_error_with_a_hint(store: ObjectStore, data: bytes, said: str, hint: str) -> None:
    store.put(PATHS.journal, data)
    with pytest.raises(InputError, match=said) as refused:
        recover(writer(store))
    assert hint in refused.value.hint
