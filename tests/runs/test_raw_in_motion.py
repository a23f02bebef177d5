"""Raw files that another program changes or removes during a run: nothing is published."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.trials import MOVIES, Trial, films, only_table
from trustedlake.adapters.local.clock import SystemClock
from trustedlake.adapters.local.local_store import LocalStore
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.ports import Engine, ObjectStore

FIRST = f"{MOVIES}/2025/06/17/filmes_001.json"
SECOND = f"{MOVIES}/2025/06/18/filmes_001.json"
WRITE_ANEW = "changed"
REMOVE = "vanished"


@dataclass
class Meanwhile:
    """Does something once, when all raw files were framed."""

    action: Callable[[], object]
    done: list[str] = field(default_factory=list)

    def __call__(self, step: str, *, done: int = 0, total: int = 0, records: int = 0) -> None:  # noqa: ARG002 - the port's
        if step == "frame" and total and done == total and not self.done:
            self.done.append(step)
            self.action()


def run_while(place: compose.Place, engine: Engine, store: ObjectStore, what: str) -> tuple[int, str, str]:
    """Exit code, message and hint of a run; one raw file is changed or removed after it was read."""
    same_size = store.read(FIRST).replace(b"Film 1", b"Bilm 1")
    assert same_size != store.read(FIRST)
    meanwhile = Meanwhile(lambda: store.delete(FIRST) if what == REMOVE else store.put(FIRST, same_size))
    with compose.home(place, engine=engine, progress=meanwhile, lanes="off") as home:
        table = only_table(home.to_trusted(compose.Asked(("tmdb_movies",)), Options()))
    assert meanwhile.done == ["frame"]
    return table.exit_code, table.message, table.hint


@pytest.mark.parametrize("what", [WRITE_ANEW, REMOVE])
def test_nothing_is_published_if_raw_changes_during_a_run_in_a_folder(what: str, trial: Trial) -> None:
    for key in (FIRST, SECOND):
        trial.put(key, films(2))
    store = LocalStore(trial.lake, SystemClock())
    said = run_while(compose.Place(lake=str(trial.lake)), trial.engine, store, what)
    assert said == (
        4,
        f"{FIRST} {what} while it was read",
        "nothing was published; run again once nothing writes to Raw",
    )
    assert not [path for path in trial.snapshot() if not path.startswith("Raw/")]


@pytest.mark.parametrize("what", [WRITE_ANEW, REMOVE])
def test_nothing_is_published_if_raw_changes_during_a_run_in_a_bucket(
    what: str, any_bucket: str, sail_engine: SailEngine
) -> None:
    trial = BucketTrial(any_bucket, "um lago", sail_engine)
    with trial.store() as store:
        for key in (FIRST, SECOND):
            store.put(key, json.dumps(films(2)).encode())
        said = run_while(compose.Place(lake=trial.lake), trial.engine, store, what)
        assert said[:2] == (4, f"{trial.lake}/{FIRST} {what} while it was read")
        left = [info.key for info in store.list("") if not info.key.startswith(("Raw/", "_trustedlake/runs/"))]
    assert left == ["_trustedlake/conditions.json"]
