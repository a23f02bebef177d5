"""A writer stopped by SIGSTOP during a publish, past its deadline, while others go on; then it wakes up.

The stopped process is a real one with a real clock; only its deadline is shorter than 120 seconds.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.end_state import end_state
from tests.support.trials import MOVIES, REPO, Trial, film, films, only_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEADLINE_S = 1.0
LEDGER = "_trustedlake/ledger/"
TRUSTED = "Trusted/TMDB/Parquet/Movies/"

WRITER = """
import json, os, signal, sys
from dataclasses import replace
from datetime import timedelta
from tests.support.faults import FaultyStore
from tests.support.trials import SailEngine
from trustedlake.app.publishing import claim, publish
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose

lake, deadline, side, name, key = sys.argv[1:]
claim.DEADLINE = publish.DEADLINE = timedelta(seconds=float(deadline))
stopped = []

def stop(operation):
    if not stopped and operation.name == name and operation.key.startswith(key):
        stopped.append(operation)
        os.kill(os.getpid(), signal.SIGSTOP)

with compose.home(compose.Place(lake=lake), engine=SailEngine()) as home:
    tools = replace(home.tools, store=FaultyStore(home.tools.store, **{side: stop}))
    report = replace(home, tools=tools).to_trusted(compose.Asked(("tmdb_movies",)), Options())
    tools.engine.stop()
(table,) = report.tables
print(json.dumps([report.exit_code, table.message, table.hint]))
"""


@contextmanager
def stopped_writer(lake: Path, side: str, name: str, key: str) -> Iterator[subprocess.Popen[str]]:
    """A run that has stopped just before or after an operation of its publish."""
    command = [sys.executable, "-c", WRITER, str(lake), str(DEADLINE_S), side, name, key]
    with subprocess.Popen(command, cwd=REPO, stdout=subprocess.PIPE, text=True) as process:
        try:
            _, status = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status), "it ended without having come to the operation"
            yield process
        finally:
            process.kill()


def go_on(process: subprocess.Popen[str]) -> Any:
    """Wake it and wait for its exit code, message and hint."""
    process.send_signal(signal.SIGCONT)
    said, _ = process.communicate(timeout=60)
    return json.loads(said)


def days(trial: Trial, count: int) -> None:
    for day in range(count):
        path = f"{MOVIES}/2025/06/{16 + day}/filmes_001.json"
        trial.put(path, [*films(4, start=day + 1), film(day + 1), film(90, title="")])


TAKEN_OVER = (
    4,
    "another run took over the publish of tmdb_movies: this one paused past its deadline",
    "the other run finishes it; run again when it is done",
)
DONE = (0, "", "")
"""Only its journal was left to remove, which the other run had done."""


@pytest.mark.parametrize(
    ("at", "says"),
    [
        (("after", "move", TRUSTED), TAKEN_OVER),
        (("before", "move", TRUSTED), TAKEN_OVER),
        (("before", "put", LEDGER), TAKEN_OVER),
        (("after", "put", LEDGER), DONE),
    ],
    ids=lambda value: " ".join(value[:2]) if value not in {TAKEN_OVER, DONE} else "",
)
def test_a_writer_stopped_past_its_deadline_harms_nothing_when_it_wakes(
    at: tuple[str, str, str], says: tuple[int, str, str], trial: Trial, tmp_path: Path
) -> None:
    days(trial, 3)
    with stopped_writer(trial.lake, *at) as process:
        early = trial.run(entity="movies")
        assert early.exit_code == 4
        assert f"tmdb_movies is being published by process {process.pid} on " in only_table(early).message
        time.sleep(DEADLINE_S)
        days(trial, 4)
        taken = trial.run(entity="movies")
        assert taken.exit_code == 0
        assert only_table(taken).recovered
        before = end_state(trial.lake)
        files = trial.snapshot()
        assert tuple(go_on(process)) == says
    assert end_state(trial.lake) == before
    assert trial.snapshot() == files, "it wrote nothing any more"
    assert before.unfinished == []
    alone = Trial(tmp_path / "alone", trial.engine)
    days(alone, 4)
    assert alone.run(entity="movies").exit_code == 0
    assert before == end_state(alone.lake)
    assert only_table(trial.run(entity="movies")).status == "unchanged"


def test_a_writer_woken_before_its_deadline_finishes_its_publish(trial: Trial) -> None:
    days(trial, 3)
    with stopped_writer(trial.lake, "after", "move", TRUSTED) as process:
        assert go_on(process)[0] == 0
    assert only_table(trial.run(entity="movies")).status == "unchanged"
    assert end_state(trial.lake).unfinished == []


def test_a_writer_killed_while_stopped_is_taken_over_at_once(trial: Trial) -> None:
    days(trial, 3)
    with stopped_writer(trial.lake, "after", "move", TRUSTED) as process:
        process.kill()
        process.wait()
        taken = trial.run(entity="movies")
    assert taken.exit_code == 0
    assert only_table(taken).recovered
    assert end_state(trial.lake).unfinished == []
