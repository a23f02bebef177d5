"""A lake that others write into, damage, copy, or lay out differently."""

from __future__ import annotations

import os

import pytest

from tests.support.trials import MOVIES, IdleEngine, Trial, film, films, ids, only_partition, only_table, statuses
from trustedlake.models.ledger import Counts

DAY, NEXT = f"{MOVIES}/2025/06/17", f"{MOVIES}/2025/06/18"


def test_a_lake_of_the_old_job_stops_the_run_and_a_full_refresh_takes_it_over(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(4))
    old = [
        "Trusted/TMDB/Parquet/Movies/ano=2025/mes=6/dia=17/part-00000-8f.snappy.parquet",
        "Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet",
    ]
    for path in old:
        trial.put(path, b"PAR1 old rows")
    trial.put("Trusted/TMDB/Parquet/Movies/_SUCCESS", b"")
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert "2 file(s) where tmdb_movies is published are not in its ledger" in only_table(report).message
    assert "twin partitions: ano=2025/mes=6/dia=17 beside ano=2025/mes=06/dia=17" in only_table(report).message
    assert "--full-refresh" in only_table(report).hint
    refreshed = trial.run(entity="movies", full_refresh=True)
    assert refreshed.exit_code == 0
    assert sorted(only_table(refreshed).replaced) == sorted(old)
    assert len(trial.rows()) == 4
    assert {p.read_bytes() for p in (trial.lake / "_trustedlake/replaced").rglob("*.parquet")} == {b"PAR1 old rows"}
    assert only_table(trial.run(entity="movies")).status == "unchanged"


def test_a_published_file_changed_by_hand_is_rebuilt(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.run(entity="movies")
    file = next((trial.lake / "Trusted").rglob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-4])
    assert statuses(trial.run(entity="movies")) == {"dia=17": "published"}
    assert len(trial.rows()) == 4


def test_a_copied_lake_is_unchanged(trial: Trial) -> None:
    import shutil  # noqa: PLC0415

    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.run(entity="movies")
    moved = trial.lake.with_name("copy")
    shutil.copytree(trial.lake, moved)
    for file in moved.rglob("*"):
        os.utime(file, (1, 1))
    report = Trial(moved, IdleEngine()).run(entity="movies")
    assert only_table(report).status == "unchanged"


@pytest.mark.parametrize("content", ["", '{"version": 1, "table": "tmdb_mo', "[]"])
def test_a_damaged_ledger_is_rebuilt_by_a_full_refresh(trial: Trial, content: str) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.run(entity="movies")
    trial.put("_trustedlake/ledger/tmdb_movies.json", content)
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert "--full-refresh" in only_table(report).hint
    assert trial.run(entity="movies", full_refresh=True).exit_code == 0
    assert len(trial.rows()) == 4
    assert only_table(trial.run(entity="movies")).status == "unchanged"


def test_a_ledger_of_a_newer_version_is_left_alone(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(4))
    trial.put("_trustedlake/ledger/tmdb_movies.json", {"version": 99, "table": "tmdb_movies", "new": True})
    for refresh in (False, True):
        report = trial.run(entity="movies", full_refresh=refresh)
        assert report.exit_code == 1
        assert "newer" in only_table(report).message
    assert trial.rows() == []


def test_a_lost_ledger_is_noticed_by_the_unknown_files(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", [*films(4), film(4)])
    trial.run(entity="movies")
    (trial.lake / "_trustedlake/ledger/tmdb_movies.json").unlink()
    assert trial.run(entity="movies").exit_code == 1
    assert trial.run(entity="movies", full_refresh=True).exit_code == 0
    assert len(trial.rows()) == 4
    assert len(trial.refused()) == 1


def test_theme_folders_become_one_table(trial: Trial) -> None:
    trial.put("Raw/TMDB/JSON/Crime_Movies/2025/06/17/filmes_001.json", films(2))
    trial.put("Raw/TMDB/JSON/War_Movies/2025/06/17/filmes_001.json", films(2, start=2))
    both = ("Raw/TMDB/JSON/Crime_Movies", "Raw/TMDB/JSON/War_Movies")
    report = trial.run(entity="movies", inputs=both)
    assert only_partition(report).counts == Counts(framed=4, trusted=3, duplicates=1)
    trial.put("Raw/TMDB/JSON/Crime_Movies/2025/06/17/filmes_002.json", films(1, start=9))
    trial.run(entity="movies", inputs=both[:1])
    assert ids(trial) == [1, 2, 3, 9], "one of the two inputs alone does not drop the other's films"


def test_a_table_with_a_custom_target_keeps_its_state_in_the_lake(trial: Trial) -> None:
    trial.put("raw/2025/06/17/filmes_001.json", films(2))
    report = trial.run(entity="movies", inputs=("raw",), target="trusted/tmdb/films")
    assert report.exit_code == 0
    assert len(trial.rows("trusted/tmdb/films")) == 2
    assert (trial.lake / "_trustedlake/ledger/tmdb_movies.json").is_file()


def test_a_run_with_other_folders_than_the_ledger_has_is_refused(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(2))
    trial.put("elsewhere/2025/06/17/filmes_001.json", films(2))
    trial.run(entity="movies")
    for wrong in ({"inputs": ("elsewhere",)}, {"target": "Trusted/other"}):
        report = trial.run(entity="movies", **wrong)
        assert report.exit_code == 2
        assert "the ledger of tmdb_movies was written for" in only_table(report).message


def test_a_narrower_input_is_still_the_same_table(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(2))
    trial.put(f"{NEXT}/filmes_001.json", films(2))
    trial.run(entity="movies")
    trial.put(f"{NEXT}/filmes_002.json", films(1, start=8))
    report = trial.run(entity="movies", inputs=(NEXT,))
    assert statuses(report) == {"dia=17": "unchanged", "dia=18": "published"}
    assert len(trial.rows()) == 5
