"""Engines can drop or double a file: the proof catches and names each fault before anything is published."""

from __future__ import annotations

import pytest

from tests.support.faulty_engines import FAULTS, FIRST, OTHER_DAY, SECOND, FaultyEngine
from tests.support.trials import Trial, film, films, only_table


@pytest.mark.parametrize("fault", FAULTS)
def test_the_proof_catches_an_engine_that(fault: str, trial: Trial) -> None:
    trial.put(FIRST, [*films(5), film(6, title=None), film(1)])
    trial.put(SECOND, films(5, start=10))
    trial.put(OTHER_DAY, films(5, start=20))
    damage, named = FAULTS[fault]
    report = Trial(trial.lake, FaultyEngine(trial.engine, damage)).run(entity="movies")
    table = only_table(report)
    assert report.exit_code == 3
    assert named in table.message
    assert trial.rows() == []
    assert not (trial.lake / "Quarantine").exists()
    assert not (trial.lake / "_trustedlake/ledger/tmdb_movies.json").exists()
    assert trial.run(entity="movies").exit_code == 0, "with a sound engine the next run goes through"
    assert len(trial.rows()) == 15
