"""The stored reports of runs, for commands that read them."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.errors import InputError
from trustedlake.models.lake import STATE, join
from trustedlake.models.report import REPORT_VERSION, RunReport
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustedlake.ports import ObjectStore


def list_runs(store: ObjectStore, state: str) -> list[str]:
    """List the names of the stored runs, oldest first."""
    return [info.key.rpartition("/")[2].removesuffix(".json") for info in store.list(join(state, "runs"))]


def stored_runs(store: ObjectStore, state: str) -> Iterator[RunReport]:
    """Yield the stored reports, oldest first; skip unreadable ones."""
    yield from read_runs(store, state, list_runs(store, state))


def newest_runs(store: ObjectStore, state: str) -> Iterator[RunReport]:
    """Yield the stored reports, newest first; skip unreadable ones."""
    yield from read_runs(store, state, reversed(list_runs(store, state)))


def read_runs(store: ObjectStore, state: str, names: Iterable[str]) -> Iterator[RunReport]:
    """Yield the reports of the runs with exactly these names, in their order; skip unreadable ones."""
    for name in names:
        with suppress(InputError):
            yield read_run(store, state, name)


def load_run(store: ObjectStore, state: str, run_id: str = "") -> RunReport:
    """Load the stored report of a run; without a name, of the last run. The first characters of a name are enough.

    Raises:
        InputError: there is no such run, or more than one.
    """
    runs, lake = list_runs(store, state), store.address(state.removesuffix(STATE).rstrip("/"))
    matching = [name for name in runs if name.startswith(run_id)]
    if not matching:
        raise InputError(
            f"no run {run_id!r} in {store.address(state)}/runs" if runs else f"no run yet in {store.address(state)}",
            hint=f"{typed('report', '--list', lake=lake)} names them"
            if runs
            else f"{typed('to-trusted', '--source', 'tmdb', lake=lake)} makes one",
        )
    if run_id and len(matching) > 1 and run_id not in matching:
        raise InputError(
            f"{len(matching)} runs begin with {run_id!r}", hint="give more of the name: " + ", ".join(matching[:3])
        )
    return read_run(store, state, run_id if run_id in matching else matching[-1])


def read_run(store: ObjectStore, state: str, name: str) -> RunReport:
    """Read the report of the run with exactly this name. Raises InputError if it is gone or can't be read."""
    key = join(state, "runs", f"{name}.json")
    found = state_file.load(store, key, RunReport, version=REPORT_VERSION, hint=f"remove {store.address(key)}")
    if found is None:
        raise InputError(f"{store.address(key)} is gone", hint="look again: trustedlake report --list")
    return found[0]
