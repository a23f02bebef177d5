"""The names of runs, and the error for a name that no run has."""

from __future__ import annotations

import pytest

from trustedlake.adapters.local.clock import ManualClock
from trustedlake.adapters.memory_store import MemoryStore
from trustedlake.app.run_reports import load_run
from trustedlake.app.trusted.run import new_run_id
from trustedlake.errors import InputError


def test_run_ids_of_the_same_second_sort_by_start() -> None:
    clock = ManualClock()
    names = []
    for _ in range(50):
        names.append(new_run_id(clock))
        clock.advance(0.001)
    assert sorted(names) == names


@pytest.mark.parametrize(
    ("stored", "hint"),
    [
        ([], "trustedlake to-trusted --source tmdb --lake '/my lake' makes one"),
        (["20260617T101112.000000Z-1a2b3c4d"], "trustedlake report --list --lake '/my lake' names them"),
    ],
)
def test_the_error_for_an_unknown_run_has_a_command_for_this_lake(stored: list[str], hint: str) -> None:
    store = MemoryStore(ManualClock())
    for name in stored:
        store.put(f"my lake/_trustedlake/runs/{name}.json", b"{}")
    with pytest.raises(InputError) as error:
        load_run(store, "my lake/_trustedlake", "2025")
    assert error.value.hint == hint
