"""The scenarios: what is run, and what it should cost at most."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import timedelta
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.bench import COMMAND, NO_JAVA, Finding, baseline, to_trusted
from tests.benchmarks.extraction import ingest, ingest_many
from tests.benchmarks.generator import FIRST_DAY, MOVIES
from tests.benchmarks.measure import alternate, measure, median_of, timings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Pair, Run

DAYS_OF_A_YEAR = 365
TEN = 10


def movies(bench: Bench) -> list[Finding]:
    """200,000 movies in 2,000 files over 30 days, against the baseline."""
    raw = bench.films(movies=200_000, files=2_000, days=30)
    made: dict[str, Path] = {}

    def run(name: str, job: Callable[[Path], Run], _turn: int) -> Run:
        made[name] = bench.fresh(raw)
        return job(made[name])

    pairs = alternate(
        partial(run, "ours", partial(to_trusted, source="tmdb")),
        partial(run, "baseline", partial(baseline, job="movies")),
        bench.pairs,
    )
    ours = median_of(pair.ours for pair in pairs)
    files = [Counter(f.parent for f in (made[name] / "Trusted").rglob("*.parquet")) for name in ("ours", "baseline")]
    proof = median(timings_of(pair.ours)["prove"] / pair.ours.wall_s for pair in pairs)
    size = f"{_records(ours):,} movies"
    quick = [to_trusted(bench.fresh(raw), "tmdb", "sail") for _ in pairs]
    return [
        _against_baseline(size, pairs, target=0.75),
        _quick_against_baseline(size, quick, pairs, target=0.2),
        Finding(
            f"{size}: most files in one partition",
            1,
            max(files[0].values()),
            f"{files[0].total():,} files in all, the baseline's {files[1].total():,}",
        ),
        Finding(f"{size}: share of the proof in the whole command", 0.2, proof, _steps(ours)),
    ]


def small(bench: Bench) -> list[Finding]:
    """1,500 movies in 15 files of one day, against the baseline: what a day brings."""
    raw = bench.films(movies=1_500, files=15, days=1)
    pairs = alternate(
        lambda _turn: to_trusted(bench.fresh(raw), "tmdb"),
        lambda _turn: baseline(bench.fresh(raw), "movies"),
        bench.pairs,
    )
    size = f"{_records(pairs[0].ours):,} movies"
    quick = [to_trusted(bench.fresh(raw), "tmdb", "sail") for _ in pairs]
    return [_quick_against_baseline(size, quick, pairs, target=0.2), _against_baseline(size, pairs, target=1.5)]


def csv(bench: Bench) -> list[Finding]:
    """A million CSV lines, against the baseline, and once with a heap of 1 GB."""
    raw = bench.csv(lines=1_000_000)
    pairs = alternate(
        lambda _turn: to_trusted(bench.fresh(raw), "csv"),
        lambda _turn: baseline(bench.fresh(raw), "csv"),
        bench.pairs,
    )
    size = f"{_records(pairs[0].ours):,} CSV lines"
    small = to_trusted(bench.fresh(raw), "csv", TRUSTEDLAKE_DRIVER_MEMORY="1g")
    quick = [to_trusted(bench.fresh(raw), "csv", "sail") for _ in pairs]
    return [
        _against_baseline(size, pairs, target=1.4),
        _quick_against_baseline(size, quick, pairs, target=0.5),
        Finding(
            f"{size}, 1 GB driver heap: records lost",
            0,
            _records(pairs[0].ours) - _records(small),
            _numbers(small),
        ),
    ]


def idle(bench: Bench) -> list[Finding]:
    """Nothing new in a lake of 10,000 raw files over a year, and `--help`: no Java is there to be started."""
    lake = bench.fresh(bench.films(movies=100_000, files=10_000, days=DAYS_OF_A_YEAR))
    files = sum(1 for _ in (lake / "Raw").rglob("*.json"))
    to_trusted(lake, "tmdb")
    runs = [to_trusted(lake, "tmdb", **NO_JAVA) for _ in range(2 * bench.pairs + 1)]
    helps = [measure([COMMAND, "--help"]) for _ in range(2 * bench.pairs + 1)]
    return [
        Finding(f"nothing new in {files:,} raw files, seconds", 1.0, median(r.wall_s for r in runs), _range(runs)),
        Finding("`trustedlake --help`, seconds", 0.3, median(r.wall_s for r in helps), _range(helps)),
    ]


def new_day(bench: Bench) -> list[Finding]:
    """One new day in a lake of 365 days, against the same day alone."""
    year = bench.fresh(bench.films(movies=100_000, files=10_000, days=DAYS_OF_A_YEAR))
    day = bench.films(movies=7_000, files=70, days=1)
    to_trusted(year, "tmdb")
    days = len(json.loads(to_trusted(year, "tmdb", **NO_JAVA).output)["tables"][0]["partitions"])

    def in_the_year(turn: int) -> Run:
        date = FIRST_DAY + timedelta(days=DAYS_OF_A_YEAR + turn)
        shutil.copytree(next((day / MOVIES).glob("*/*/*")), year / MOVIES / f"{date:%Y/%m/%d}")
        return to_trusted(year, "tmdb")

    pairs = alternate(in_the_year, lambda _turn: to_trusted(bench.fresh(day), "tmdb"), bench.pairs)
    what = f"a new day of {_records(pairs[0].other):,} movies beside {days} days, to the day alone"
    return [Finding(what, 1.2, _ratio(pairs), _both(pairs, "alone"))]


def tenfold(bench: Bench) -> list[Finding]:
    """Ten times the movies: time and memory."""
    small = bench.films(movies=200_000, files=2_000, days=30)
    large = bench.films(movies=200_000 * TEN, files=2_000 * TEN, days=30)
    pairs = alternate(
        lambda _turn: to_trusted(bench.fresh(large), "tmdb"),
        lambda _turn: to_trusted(bench.fresh(small), "tmdb"),
        1,
    )
    peak = median(pair.ours.peak_bytes / pair.other.peak_bytes for pair in pairs)
    what = f"{_records(pairs[0].ours):,} movies to {_records(pairs[0].other):,}"
    return [
        Finding(f"{what}: time", TEN, _ratio(pairs), _both(pairs, "the smaller")),
        Finding(f"{what}: peak memory of a process", 1.5, peak, _steps(pairs[0].ours)),
    ]


SCENARIOS: dict[str, Callable[[Bench], list[Finding]]] = {
    "movies": movies,
    "small": small,
    "csv": csv,
    "idle": idle,
    "new-day": new_day,
    "tenfold": tenfold,
    "ingest": ingest,
    "ingest-many": ingest_many,
}


def _against_baseline(size: str, pairs: Sequence[Pair], *, target: float) -> Finding:
    return Finding(f"{size}: time to the baseline's", target, _ratio(pairs), _both(pairs, "baseline"))


def _quick_against_baseline(size: str, quick: Sequence[Run], pairs: Sequence[Pair], *, target: float) -> Finding:
    """pysail's runs against the baseline's of the same minutes."""
    ours, other = median_of(quick), median_of(pair.other for pair in pairs)
    detail = f"{_numbers(ours)}; baseline {_numbers(other)}"
    return Finding(f"{size}, on pysail: time to the baseline's", target, ours.wall_s / other.wall_s, detail)


def _ratio(pairs: Sequence[Pair]) -> float:
    return median(pair.ratio for pair in pairs)


def _both(pairs: Sequence[Pair], other: str) -> str:
    ratios = ", ".join(f"{pair.ratio:.2f}" for pair in pairs)
    ours, others = median_of(pair.ours for pair in pairs), median_of(pair.other for pair in pairs)
    return f"{_numbers(ours)}; {other} {_numbers(others)}; ratios {ratios}"


def _numbers(run: Run) -> str:
    return f"{run.wall_s:.1f} s (processor {run.cpu_s:.1f} s, {run.peak_bytes / 2**20:,.0f} MB)"


def _steps(run: Run) -> str:
    return ", ".join(f"{step} {seconds:.1f} s" for step, seconds in timings_of(run).items())


def _range(runs: Sequence[Run]) -> str:
    return f"{min(run.wall_s for run in runs):.2f} to {max(run.wall_s for run in runs):.2f} in {len(runs)} runs"


def _records(run: Run) -> int:
    """Records that the run balanced."""
    return sum(int(table["counts"]["framed"]) for table in json.loads(run.output)["tables"])
