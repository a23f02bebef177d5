"""The raw folder in another case, `raw/` or `RAW/`: from the command to Trusted, and back to the raw bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.damage import audit, found
from tests.support.trials import CSV, MOVIES, IdleEngine, Trial, film, only_table
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    from collections.abc import Sequence


def call(trial: Trial, *words: str) -> int:
    try:
        return main([*words, "--lake", str(trial.lake)], standalone_mode=False) or 0
    except SystemExit as end:
        return int(end.code or 0)


def said(capsys: pytest.CaptureFixture[str], trial: Trial, *words: str) -> Sequence[str]:
    capsys.readouterr()
    call(trial, *words)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("folder", ["raw", "RAW"])
def test_a_raw_folder_in_another_case_is_read(folder: str, trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    day = f"{MOVIES}/2025/06/17/a.json".replace("Raw", folder)
    csv = f"{CSV}/2025/movies.csv".replace("Raw", folder)
    bad = json.dumps(film(2, title=""))
    trial.put(day, f"[{json.dumps(film(1))},{bad}]")
    trial.put(csv, "id|tituloPincipal\ntt1|Um\n")
    for words in (("--source", "tmdb", "--entity", "movies"), ("--source", "csv", "--entity", "movies")):
        assert call(trial, "to-trusted", *words, "--engine", "sail") == 0
    assert [(row["movie_id"], row["file_path"]) for row in trial.rows()] == [(1, day)]
    assert [row["file_path"] for row in trial.rows("Trusted/Local/Parquet/Movies")] == [csv]
    assert said(capsys, trial, "quarantine", "--raw", f"{day}#1") == [bad]
    assert found(audit(trial)) == []
    again = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert only_table(again).status == "unchanged"
    (trial.lake / day).rename(trial.lake / day.replace("a.json", "b.json"))
    assert "vanished since they were published" in only_table(trial.run(entity="movies")).message


def test_raw_folders_in_several_cases_are_all_read(trial: Trial) -> None:
    for number, folder in enumerate(("Raw", "raw", "RAW"), 1):
        trial.put(f"{MOVIES}/2025/06/1{number}/a.json".replace("Raw", folder), [film(number)])
    assert trial.run(entity="movies").exit_code == 0
    assert sorted(row["movie_id"] for row in trial.rows()) == [1, 2, 3]
    assert found(audit(trial)) == []
