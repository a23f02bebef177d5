"""`kill -9` of the installed command, engine and all: run again, the lake is as one clean run leaves it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.support.end_state import end_state
from tests.support.killing import Moment, run_killed_at, run_to_the_end
from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.adapters.engines.sail import SailEngine

if TYPE_CHECKING:
    from pathlib import Path

JOURNAL = "_trustedlake/journal/*.json"
STAGING = "_trustedlake/staging/*"
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
SERIES = MOVIES.replace("Movies", "Series")


def lay_out(lake: Path, *, series: bool) -> None:
    """Several days, with rejected records and duplicates, within a file and between two."""
    trial = Trial(lake, SailEngine())
    for day in range(16, 21):
        trial.put(f"{MOVIES}/2025/06/{day}/filmes_001.json", [*films(60, start=day), film(day), film(1, title=" ")])
        trial.put(f"{MOVIES}/2025/06/{day}/filmes_002.json", [*films(40, start=day + 55), film(2, vote_average=11)])
    if series:
        shows = [{"id": number, "name": f"Show {number}", "overview": ""} for number in (1, 2, 3, 4, 5, 6, 3)]
        trial.put(f"{SERIES}/2025/06/17/series_001.json", [*shows, {"id": None, "name": "no number"}])


@pytest.mark.parametrize(
    ("engine", "moments", "series"),
    [
        pytest.param("spark", SAMPLE, False, id="spark-three-moments"),
        pytest.param("sail", MOMENTS, True, id="sail-twenty-moments"),
        pytest.param("spark", MOMENTS, True, id="spark-twenty-moments", marks=pytest.mark.slow),
    ],
)
def test_killed_at_moments_spread_over_its_run(
    engine: str, moments: tuple[Moment, ...], series: bool, tmp_path: Path
) -> None:
    clean = tmp_path / "clean" / "lake"
    lay_out(clean, series=series)
    clean_s = run_to_the_end(clean, engine)
    expected = end_state(clean)
    assert expected.unfinished == []
    met = []
    for number, moment in enumerate(moments):
        lake = tmp_path / str(number) / "lake"
        lay_out(lake, series=series)
        met.append(run_killed_at(lake, moment, clean_s, engine))
        print(f"killed at {moment}: {met[-1]}")  # noqa: T201 - `pytest -s` shows it
        run_to_the_end(lake, engine)
        assert end_state(lake) == expected, f"killed at {moment}: {met[-1]}"
    print(f"a clean run takes {clean_s:.1f} s; killed {dict(Counter(met))}")  # noqa: T201 - `pytest -s` shows it
    assert {"framing or judging", "publishing"} <= set(met)
