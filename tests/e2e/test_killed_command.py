"""`kill -9` of the installed command with its engine: after a rerun the lake is as after one clean run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.end_state import JOURNAL, STAGING
from tests.support.killing import FolderLake, Moment, killed_at_each, lay_out

if TYPE_CHECKING:
    from pathlib import Path

SAMPLE = (
    Moment(share=0.6),
    Moment(sign=f"{STAGING}/tmdb_movies/trusted/**/*.parquet"),
    Moment(sign=JOURNAL, after_s=0.004),
)
MOMENTS = (
    *(Moment(share=number / 9) for number in range(1, 9)),
    Moment(sign=STAGING),
    Moment(sign=f"{STAGING}/tmdb_movies/framed"),
    Moment(sign=f"{STAGING}/tmdb_series/framed"),
    *(Moment(sign=JOURNAL, after_s=after_s) for after_s in (0, 0.002, 0.004, 0.008, 0.016)),
    Moment(sign="Trusted/TMDB/Parquet/Movies/*/*/*/*.parquet"),
    Moment(sign="Quarantine/TMDB/Parquet/Movies/*/*/*/*.parquet"),
    Moment(sign="_trustedlake/ledger/*.json"),
    Moment(sign="_trustedlake/journal/tmdb_series.json", after_s=0.002),
)
SOME = MOMENTS[1::3]


@pytest.mark.parametrize(
    ("engine", "again_on", "moments", "series"),
    [
        pytest.param("spark", "sail", SAMPLE[1:], False, id="spark-two-moments"),
        pytest.param("sail", "sail", SOME, True, id="sail-seven-moments"),
        pytest.param("sail", "sail", MOMENTS, True, id="sail-twenty-moments", marks=pytest.mark.slow),
        pytest.param("spark", "spark", MOMENTS, True, id="spark-twenty-moments", marks=pytest.mark.slow),
    ],
)
def test_a_command_killed_at_many_moments_is_finished_by_the_next_run(
    engine: str, again_on: str, moments: tuple[Moment, ...], series: bool, tmp_path: Path
) -> None:
    def new_lake() -> FolderLake:
        lake = FolderLake(tmp_path / str(len(list(tmp_path.iterdir()))) / "lake")
        lay_out(lake.path, series=series)
        return lake

    assert {"framing or judging", "publishing"} <= set(killed_at_each(new_lake, moments, engine, again_on=again_on))
