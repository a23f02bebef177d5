"""An engine that fails, or whose result does not balance, is replaced by a second engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.faulty_engines import DAY, FAULTS, FIRST, FaultyEngine
from tests.support.trials import Trial, films, only_table
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.report import RunReport
    from trustedlake.ports import Engine


def panic(trusted: Path, _: Path) -> None:
    (trusted / DAY / "half.parquet").write_bytes(b"PAR1")
    raise EngineError("pysail 0.7.2 failed while judging tmdb_movies: it panicked", hint="report it")


def run(trial: Trial, engine: Engine, stand_in: Engine) -> RunReport:
    with compose.home(compose.Place(lake=str(trial.lake)), engine=engine, stand_in=stand_in, lanes="off") as home:
        return home.to_trusted(compose.Asked(("tmdb_movies",)), Options())


@pytest.mark.parametrize("fault", ["loses a row", "gives a film another's title", "writes a day that nobody asked for"])
def test_an_unbalanced_result_is_judged_again_by_the_second_engine(fault: str, trial: Trial) -> None:
    trial.put(FIRST, films(5))
    damage, named = FAULTS[fault]
    table = only_table(run(trial, FaultyEngine(trial.engine, damage), trial.engine))
    assert table.exit_code == 0
    assert table.engine == trial.engine.name
    assert f"{trial.engine.name} judged again because faulty 1.0 failed" in table.notes[0]
    assert named in table.notes[0]
    assert [row["movie_id"] for row in trial.rows()] == [1, 2, 3, 4, 5]
    assert not list((trial.lake / "_trustedlake/staging").glob("*"))


def test_a_crashed_engine_leaves_nothing_for_the_second_engine(trial: Trial) -> None:
    trial.put(FIRST, films(5))
    table = only_table(run(trial, FaultyEngine(trial.engine, panic), trial.engine))
    assert (table.exit_code, table.engine) == (0, trial.engine.name)
    assert "it panicked" in table.notes[0]
    assert len(trial.rows()) == 5


def test_an_engine_is_not_its_own_replacement(trial: Trial) -> None:
    trial.put(FIRST, films(5))
    faulty = FaultyEngine(trial.engine, FAULTS["loses a row"][0])
    table = only_table(run(trial, faulty, faulty))
    assert table.exit_code == 3
    assert not trial.rows()


def test_when_both_engines_fail_the_error_of_the_second_is_reported(trial: Trial) -> None:
    class Other(FaultyEngine):
        name = "other 1.0"

    trial.put(FIRST, films(5))
    damage = FAULTS["loses a row"][0]
    table = only_table(run(trial, FaultyEngine(trial.engine, damage), Other(trial.engine, damage)))
    assert table.exit_code == 3
    assert "what other 1.0 wrote is not what was read" in table.message
    assert not trial.rows()
