"""Raw files that change while they are read, folders that can't be written, and remains of other runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.trials import MOVIES, Trial, films, only_table
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustedlake.models.report import RunReport

FILE = f"{MOVIES}/2025/06/17/filmes_001.json"
NOBODY = 65534


def run_disturbed(trial: Trial, disturb: Callable[[], object]) -> RunReport:
    """A run during which `disturb` is called once, when its raw files are being framed."""
    left = [disturb]

    def progress(step: str, **_: Any) -> None:
        if step == "frame" and left:
            left.pop()()

    with compose.home(compose.Place(lake=str(trial.lake)), engine=trial.engine, progress=progress) as home:
        return home.to_trusted(compose.Asked(("tmdb_movies",)), Options())


@pytest.mark.parametrize(
    ("disturb", "word"),
    [
        (lambda file: file.write_text("[]"), "changed"),
        (lambda file: file.write_bytes(file.read_bytes()), "changed"),  # the same bytes, but written again
        (lambda file: file.unlink(), "vanished"),
    ],
)
def test_a_raw_file_that_changes_while_it_is_read_stops_the_run_harmlessly(
    trial: Trial, disturb: Callable[[Path], object], word: str
) -> None:
    file = trial.put(FILE, films(3))
    trial.put(f"{MOVIES}/2025/06/18/filmes_001.json", films(3))
    report = run_disturbed(trial, lambda: disturb(file))
    assert report.exit_code == 4
    assert word in only_table(report).message
    assert FILE in only_table(report).message
    assert trial.rows() == []
    assert not list((trial.lake / "_trustedlake/staging").rglob("*.parquet"))


@pytest.fixture
def open_trial(trial: Trial) -> Iterator[Trial]:
    """A lake below a folder that every user may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield Trial(folder / "lake", trial.engine)
    shutil.rmtree(folder)


def test_a_read_only_lake_is_reported(open_trial: Trial) -> None:
    trial = open_trial
    trial.put(FILE, films(3))
    trial.lake.chmod(0o555)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)  # root may write everywhere
    try:
        report = trial.run(entity="movies")
    finally:
        if is_root:
            os.seteuid(0)
        trial.lake.chmod(0o755)
    assert report.exit_code == 1
    assert "Permission denied" in only_table(report).message
    assert only_table(report).hint
    assert trial.rows() == []


def test_a_file_in_place_of_the_target_folder_is_an_error(trial: Trial) -> None:
    trial.put(FILE, films(3))
    trial.put("Trusted", "not a folder")
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert "Trusted" in only_table(report).message


def test_the_staging_of_a_killed_run_is_removed_by_the_next_run(trial: Trial) -> None:
    trial.put(FILE, films(3))
    left = trial.put("_trustedlake/staging/20200101T000000Z-dead/tmdb_movies/trusted/x.parquet", b"x")
    assert trial.run(entity="movies").exit_code == 0
    assert not left.exists()
    trial.put("_trustedlake/staging/20200101T000000Z-dead/tmdb_movies/trusted/x.parquet", b"x")
    assert only_table(trial.run(entity="movies")).status == "unchanged"
    assert not left.exists(), "a run with nothing new sweeps too"
