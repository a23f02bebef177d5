"""Several processes update one lake at once: it balances, and each loser says why or finds nothing to do."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.at_once import Outcome, Writers
from tests.support.end_state import EndState, end_state
from tests.support.trials import MOVIES, Trial, film, films, only_table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine
    from trustedlake.ports import Engine

MOST = 4
WHO = re.compile(r"is being published by process [0-9]+ on |another run (published|is finishing)")

FILES: dict[str, list[Any]] = {
    f"{MOVIES}/2025/06/16/filmes_001.json": [*films(30), film(7), film(31, vote_average=11)],
    f"{MOVIES}/2025/06/16/filmes_002.json": films(5, start=28),
    f"{MOVIES}/2025/06/17/filmes_001.json": [*films(20), None],
    f"{MOVIES}/2025/06/18/filmes_001.json": films(10),
}


@pytest.fixture(scope="module")
def writers() -> Iterator[Writers]:
    with Writers(MOST) as started:
        yield started


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> EndState:
    """What one run alone ends in."""
    trial = new_lake(tmp_path_factory.mktemp("clean"), sail_engine)
    assert trial.run(entity="movies").exit_code == 0
    return end_state(trial.lake)


def new_lake(folder: Path, engine: Engine) -> Trial:
    trial = Trial(folder / "lake", engine)
    for path, records in FILES.items():
        trial.put(path, records)
    return trial


def check(outcomes: list[Outcome]) -> None:
    """Each published, found nothing to do, or says with exit code 4 that someone else is at it."""
    for outcome in outcomes:
        if outcome.exit_code == 0:
            assert outcome.status in {"published", "unchanged"}
        else:
            assert outcome.exit_code == 4, outcome.message
            assert WHO.search(outcome.message), outcome.message
    assert any(outcome.status == "published" for outcome in outcomes)


@pytest.mark.parametrize(
    ("rounds", "number"),
    [
        pytest.param(2, 2, id="two-a-sample"),
        pytest.param(1, 4, id="four-a-sample"),
        pytest.param(20, 2, id="two-twenty-times", marks=pytest.mark.slow),
        pytest.param(20, 4, id="four-twenty-times", marks=pytest.mark.slow),
    ],
)
def test_concurrent_runs_on_one_lake_leave_it_in_balance(
    rounds: int, number: int, writers: Writers, clean: EndState, trial: Trial
) -> None:
    ended: Counter[str] = Counter()
    for round_ in range(rounds):
        one = new_lake(trial.lake / str(round_), trial.engine)
        outcomes = writers.run(one.lake, number)
        check(outcomes)
        ended.update(outcome.message.partition("|")[0].strip()[:40] or outcome.status for outcome in outcomes)
        after = end_state(one.lake)
        assert (after.trusted, after.quarantined, after.counts) == (clean.trusted, clean.quarantined, clean.counts)
        assert only_table(one.run(entity="movies")).status == "unchanged"
        assert end_state(one.lake) == clean
    print(f"{number} at once, {rounds} times: {dict(ended)}")  # noqa: T201 - `pytest -s` shows it


def test_concurrent_runs_that_each_deliver_files_leave_the_lake_in_balance(
    writers: Writers, tmp_path: Path, sail_engine: SailEngine
) -> None:
    trial = new_lake(tmp_path, sail_engine)
    for turn in range(3):
        new = [
            {f"{MOVIES}/2025/06/{16 + writer}/turn{turn}_{writer}.json": json.dumps(films(3, start=100 + 10 * writer))}
            for writer in range(MOST)
        ]
        check(writers.run_each([(trial.lake, files) for files in new]))
    assert trial.run(entity="movies").exit_code == 0
    alone = Trial(tmp_path / "alone", sail_engine)
    for file in sorted((trial.lake / MOVIES).rglob("*.json")):
        alone.put(str(file.relative_to(trial.lake)), file.read_bytes())
    assert alone.run(entity="movies").exit_code == 0
    assert end_state(trial.lake) == end_state(alone.lake)
    assert only_table(trial.run(entity="movies")).status == "unchanged"
