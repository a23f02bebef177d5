"""A run records where its time went in its report, and the command shows it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.support.trials import MOVIES, film, films, only_table
from trustedlake.adapters.parquet import acceptor
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    import pytest

    from tests.support.trials import Trial


def test_a_run_records_the_seconds_of_each_of_its_steps(trial: Trial) -> None:
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(20))
    assert set(only_table(trial.run()).timings_s) == {"list", "frame", "accept", "prove", "publish"}
    trial.put(f"{MOVIES}/2025/06/17/filmes_002.json", films(1))
    published = trial.run()
    steps = {"start", "list", "frame", "accept", "judge", "prove", "publish"}
    assert set(only_table(published).timings_s) == steps, "two records of one key are the engine's"
    assert only_table(published).lanes == {"accepted": 19, "judged": 2, "duplicate": 2}
    spent = sum(only_table(published).timings_s.values())
    assert 0 < spent <= (published.finished - published.started).total_seconds() + 0.01
    assert set(only_table(trial.run()).timings_s) == {"list", "publish"}


def test_a_day_too_large_for_memory_goes_whole_to_the_engine_with_the_same_result(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", [*films(20), film(7), film(9, title=None)])
    small = only_table(trial.run())
    assert small.lanes == {"accepted": 18, "judged": 4, "rule": 1, "duplicate": 3}
    shutil.rmtree(trial.lake / "Trusted")
    monkeypatch.setattr(acceptor, "LARGEST", 100)
    large = only_table(trial.run())
    assert large.lanes == {"judged": 22, "size": 22}
    assert (large.counts, large.partitions[0].reasons) == (small.counts, small.partitions[0].reasons)


def test_the_command_shows_the_steps_only_on_request(trial: Trial) -> None:
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(20))
    trial.run()
    call = ["to-trusted", "--source", "tmdb", "--lake", str(trial.lake)]
    asked = CliRunner().invoke(main, [*call, "--timings"], standalone_mode=False)
    assert "tmdb_movies: where the time went" in asked.output
    assert "whole run: " in asked.output
    assert "where the time went" not in CliRunner().invoke(main, call, standalone_mode=False).output
    as_json = CliRunner().invoke(main, [*call, "--timings", "--json"], standalone_mode=False).output
    assert as_json.startswith("{")
    assert '"timings_s"' in as_json
    assert "where the time went" not in as_json
