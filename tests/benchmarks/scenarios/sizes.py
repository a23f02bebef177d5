"""The same raw files through every tool: a small day, a month of films, a CSV."""

from __future__ import annotations

from collections import Counter
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.measure import interleave, median_of, timings_of
from tests.benchmarks.scenarios.wording import compared, numbers, records, steps
from tests.benchmarks.tools import DLT, FLOOR, ONE_LANE, SAIL, SOURCE_JOB, SPARK, installed, run_tool, to_trusted

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Run


def clean(bench: Bench) -> Measured:
    """1,500 movies in 15 files of one day, all plainly right: no engine is needed."""
    raw = bench.films(movies=1_500, files=15, days=1, clean=True)
    runs, _ = _all(bench, raw, "movies")
    size = f"{records(runs[SAIL][0]):,} clean movies"
    return Measured(compared(size, runs, SAIL, {SOURCE_JOB: 0.07, DLT: 0.5}), f"{size} in {_files(raw):,} files", runs)


def small(bench: Bench) -> Measured:
    """The same with eight that are rejected and eight duplicates: what a day brings."""
    raw = bench.films(movies=1_500, files=15, days=1)
    runs, _ = _all(bench, raw, "movies")
    size = f"{records(runs[SAIL][0]):,} movies"
    findings = [
        *compared(size, runs, SAIL, {SOURCE_JOB: 0.18}),
        *compared(size, runs, SPARK, {SOURCE_JOB: 1.5}),
    ]
    return Measured(findings, f"{size} in {_files(raw):,} files", runs)


def movies(bench: Bench) -> Measured:
    """200,000 movies in 2,000 files over 30 days, one in 200 rejected and one a duplicate."""
    raw = bench.films(movies=200_000, files=2_000, days=30)
    runs, made = _all(bench, raw, "movies", ONE_LANE)
    size = f"{records(runs[SAIL][0]):,} movies"
    files = {name: _partitions(made[name]) for name in (SPARK, SAIL, SOURCE_JOB)}
    proof = median(timings_of(run)["prove"] / run.wall_s for run in runs[ONE_LANE])
    findings = [
        *compared(size, runs, SAIL, {SOURCE_JOB: 0.12, DLT: 0.3, FLOOR: 4}),
        *compared(size, runs, SPARK, {SOURCE_JOB: 0.5}),
        *compared(size, runs, ONE_LANE, {SOURCE_JOB: 0.75}),
        Finding(
            f"{size}: most files in one partition, on either engine",
            1,
            max(max(files[name].values()) for name in (SPARK, SAIL)),
            f"{files[SPARK].total():,} files in all; of {SOURCE_JOB} {files[SOURCE_JOB].total():,}",
        ),
        Finding(f"{size}, {ONE_LANE}: share of the proof", 0.2, proof, steps(median_of(runs[ONE_LANE]))),
    ]
    return Measured(findings, f"{size} in {_files(raw):,} files", runs)


def csv(bench: Bench) -> Measured:
    """A million CSV lines, and on Spark once with a heap of 1 GB."""
    raw = bench.csv(lines=1_000_000)
    runs, _ = _all(bench, raw, "csv")
    lines = records(runs[SAIL][0])
    size = f"{lines:,} CSV lines"
    tight = to_trusted(bench.fresh(raw), "csv", variables={"TRUSTEDLAKE_DRIVER_MEMORY": "1g"})
    findings = [
        *compared(size, runs, SPARK, {SOURCE_JOB: 1.4}),
        *compared(size, runs, SAIL, {SOURCE_JOB: 0.3, FLOOR: 3.5}),
        Finding(f"{size}, 1 GB of heap for Spark: records lost", 0, lines - records(tight), numbers(tight)),
    ]
    return Measured(findings, f"{size} in 1 file", runs)


def _all(bench: Bench, raw: Path, job: str, *more: str) -> tuple[dict[str, list[Run]], dict[str, Path]]:
    """Every tool in turn, each time on a fresh lake: their runs, and the lake of the last round."""
    made: dict[str, Path] = {}

    def run(name: str, _round: int) -> Run:
        made[name] = bench.fresh(raw)
        return run_tool(name, job, made[name])

    return interleave({name: partial(run, name) for name in (*installed(), *more)}, bench.rounds), made


def _files(lake: Path) -> int:
    return sum(path.is_file() for path in (lake / "Raw").rglob("*"))


def _partitions(lake: Path) -> Counter[Path]:
    return Counter(file.parent for file in (lake / "Trusted").rglob("*.parquet"))
