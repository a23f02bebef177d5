"""What grows with the lake, and what must not: a new day in a year, nothing new, ten times the movies."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import timedelta
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.generator import FIRST_DAY, MOVIES
from tests.benchmarks.measure import interleave, measure, ratios
from tests.benchmarks.scenarios.wording import compared, numbers, records, seconds, steps
from tests.benchmarks.tools import COMMAND, FLOOR, NO_JAVA, OURS, SAIL, SPARK, installed, run_tool, to_trusted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Run

DAYS_OF_A_YEAR = 365
IMPORTS = "importing the base dependencies"
_IMPORTS = "import click, dotenv, pydantic, requests, rich.console, yaml"
TEN = 10


def year_of(bench: Bench) -> Path:
    """The raw files of a year, 10,000 of them."""
    return bench.films(movies=100_000, files=10_000, days=DAYS_OF_A_YEAR)


def idle(bench: Bench) -> Measured:
    """Nothing new in a lake of 10,000 raw files over a year, and `--help`: no Java is there to be started."""
    lake = bench.fresh(year_of(bench))
    files = sum(1 for _ in (lake / "Raw").rglob("*.json"))
    to_trusted(lake, "tmdb", "sail")
    runs = [to_trusted(lake, "tmdb", variables=NO_JAVA) for _ in range(2 * bench.rounds + 1)]
    imports = [measure([sys.executable, "-c", _IMPORTS]) for _ in range(2 * bench.rounds + 1)]
    helps = [measure([COMMAND, "--help"]) for _ in range(2 * bench.rounds + 1)]
    what = f"nothing new in {files:,} raw files"
    return Measured(
        [
            seconds(f"{what}, seconds", 0.35, runs),
            *compared(what, {"ours": runs, IMPORTS: imports}, "ours", {IMPORTS: 2.5}),
            seconds("`trustedlake --help`, seconds", 0.3, helps),
        ]
    )


def new_day(bench: Bench) -> Measured:
    """One new day of 1,500 movies in a lake of 365 days, against the same day in a lake of its own."""
    year = bench.fresh(year_of(bench))
    day = bench.films(movies=1_500, files=15, days=1)
    to_trusted(year, "tmdb", "sail")
    days = len(json.loads(to_trusted(year, "tmdb", variables=NO_JAVA).output)["tables"][0]["partitions"])
    targets = {SAIL: 1.1, SPARK: 1.2}

    def in_the_year(name: str, number: int) -> Run:
        date = FIRST_DAY + timedelta(days=DAYS_OF_A_YEAR + len(targets) * number + list(targets).index(name))
        shutil.copytree(next((day / MOVIES).glob("*/*/*")), year / MOVIES / f"{date:%Y/%m/%d}")
        return to_trusted(year, "tmdb", OURS[name][0])

    alone = "the day alone"
    commands: dict[str, Callable[[int], Run]] = {}
    for name in targets:
        commands[name] = partial(in_the_year, name)
        commands[f"{name} {alone}"] = partial(_on, bench, name, day)
    runs = interleave(commands, bench.rounds)
    what = f"a new day of {records(runs[f'{SAIL} {alone}'][0]):,} movies beside {days} days"
    return Measured(
        [
            finding
            for name, target in targets.items()
            for finding in compared(what, {name: runs[name], alone: runs[f"{name} {alone}"]}, name, {alone: target})
        ]
    )


def tenfold(bench: Bench) -> Measured:
    """2,000,000 movies in 20,000 files beside 200,000, on sail, and the floor."""
    return _tenfold(bench, SAIL, memory=1.2, floor=True)


def tenfold_spark(bench: Bench) -> Measured:
    """The same on Spark, without the floor."""
    return _tenfold(bench, SPARK, memory=1.5, floor=False)


def _tenfold(bench: Bench, ours: str, *, memory: float, floor: bool) -> Measured:
    """One round: it takes minutes, and the small one beside it shows the machine's mood."""
    small = bench.films(movies=200_000, files=2_000, days=30)
    large = bench.films(movies=200_000 * TEN, files=2_000 * TEN, days=30)
    commands = {"small": partial(_on, bench, ours, small), ours: partial(_on, bench, ours, large)}
    if floor and FLOOR in installed():
        commands[FLOOR] = partial(_on, bench, FLOOR, large)
    runs = interleave(commands, 1)
    (little,), (much,) = runs.pop("small"), runs[ours]
    what = f"{records(much):,} movies to {records(little):,}, {ours}"
    peak = median(big.peak_bytes / little.peak_bytes for big in runs[ours])
    findings = [
        Finding(f"{what}: time", TEN, ratios([much], [little])[0], f"{numbers(much)}; the smaller {numbers(little)}"),
        Finding(f"{what}: peak memory", memory, peak, steps(much)),
    ]
    files = sum(1 for _ in (large / "Raw").rglob("*.json"))
    findings += compared(f"{records(much):,} movies", runs, ours, {FLOOR: 5})
    if FLOOR not in runs:
        return Measured(findings)  # nobody stands beside it
    return Measured(findings, f"{records(much):,} movies in {files:,} files", runs)


def _on(bench: Bench, name: str, raw: Path, _round: int) -> Run:
    """Run a tool on fresh lake, which takes place on the disk no longer than it does."""
    lake = bench.fresh(raw)
    run = run_tool(name, "movies", lake)
    shutil.rmtree(lake)
    return run
