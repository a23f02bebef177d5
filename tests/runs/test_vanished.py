"""Published raw files that have vanished: a run stops, keeps their rows, or drops them."""

from __future__ import annotations

import shlex

from tests.support.trials import MOVIES, IdleEngine, Trial, films, only_table, statuses
from trustedlake.entrypoints.cli.main import main

DAY, NEXT = f"{MOVIES}/2025/06/17", f"{MOVIES}/2025/06/18"


def two_days(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(2))
    trial.put(f"{NEXT}/filmes_001.json", films(3))
    trial.run(entity="movies")
    (trial.lake / NEXT / "filmes_001.json").unlink()


def test_a_vanished_file_stops_the_run_and_changes_nothing_by_default(trial: Trial) -> None:
    two_days(trial)
    before = trial.snapshot()
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert "vanished since they were published" in only_table(report).message
    assert trial.snapshot() == before


def test_keep_leaves_the_rows_and_is_remembered(trial: Trial) -> None:
    two_days(trial)
    report = trial.run(entity="movies", vanished="keep")
    assert only_table(report).kept == (f"{NEXT}/filmes_001.json",)
    assert len(trial.rows()) == 5
    assert trial.run(entity="movies").exit_code == 0
    trial.put(f"{DAY}/filmes_002.json", films(1, start=9))
    trial.run(entity="movies")
    assert len(trial.rows()) == 6


def test_drop_removes_the_rows(trial: Trial) -> None:
    two_days(trial)
    assert statuses(trial.run(entity="movies", vanished="drop")) == {"dia=17": "unchanged", "dia=18": "removed"}
    assert len(trial.rows()) == 2
    assert not list((trial.lake / "Trusted").rglob("dia=18/*.parquet"))


def test_kept_rows_block_only_their_day_and_following_the_hint_removes_them(trial: Trial) -> None:
    two_days(trial)
    trial.put(f"{NEXT}/filmes_002.json", films(1, start=2, title="Again"))
    trial.put(f"{DAY}/filmes_002.json", films(1, start=9))
    kept = [row for row in trial.rows() if row["dia"] == "18"]
    report = trial.run(entity="movies", vanished="keep")
    assert report.exit_code == 3
    assert statuses(report) == {"dia=17": "published", "dia=18": "refused"}
    assert [row for row in trial.rows() if row["dia"] == "18"] == kept
    assert len(trial.rows()) == 6
    assert only_table(report).counts.trusted == 3, "of what this run knows to be as Raw is"
    again = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert (again.exit_code, statuses(again)) == (3, {"dia=17": "unchanged", "dia=18": "refused"})
    (held,) = [part for part in only_table(again).partitions if part.status == "refused"]
    words = shlex.split(held.hint.partition("in this partition only: ")[2])
    assert main([*words[1:], "--engine", "sail"], standalone_mode=False) == 0
    assert [row["title"] for row in trial.rows() if row["dia"] == "18"] == ["Again"]
    assert len(trial.rows()) == 4
    assert trial.run(entity="movies").exit_code == 0


def test_a_restored_file_unblocks_its_day(trial: Trial) -> None:
    two_days(trial)
    trial.put(f"{NEXT}/filmes_002.json", films(1, start=2, title="Again"))
    assert trial.run(entity="movies", vanished="keep").exit_code == 3
    trial.put(f"{NEXT}/filmes_001.json", films(3))
    report = trial.run(entity="movies")
    assert (report.exit_code, only_table(report).kept) == (0, ())
    assert [row["title"] for row in trial.rows() if row["dia"] == "18"] == ["Film 1", "Film 3", "Again"]
