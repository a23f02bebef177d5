"""The words that describe the numbers beside a finding, and the findings that compare two tools."""

from __future__ import annotations

import json
from statistics import median
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Finding
from tests.benchmarks.measure import median_of, ratios, timings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.measure import Run


def compared(
    size: str, runs: Mapping[str, Sequence[Run]], ours: str, targets: Mapping[str, float]
) -> Sequence[Finding]:
    """Wall time of `ours` to that of each other that has a target, and was run: the median of the rounds."""
    return [_compared(size, runs, ours, other, target) for other, target in targets.items() if other in runs]


def _compared(size: str, runs: Mapping[str, Sequence[Run]], ours: str, other: str, target: float) -> Finding:
    of_rounds = ratios(runs[ours], runs[other])
    each = ", ".join(f"{ratio:.2f}" for ratio in of_rounds)
    detail = f"{numbers(median_of(runs[ours]))}; {other} {numbers(median_of(runs[other]))}; ratios {each}"
    return Finding(f"{size}, {ours}: time to that of {other}", target, median(of_rounds), detail)


def numbers(run: Run) -> str:
    """Time, processor time and memory."""
    return f"{run.wall_s:.1f} s (processor {run.cpu_s:.1f} s, {run.peak_bytes / 2**20:,.0f} MB)"


def steps(run: Run) -> str:
    """Seconds of the command's steps."""
    return ", ".join(f"{step} {seconds:.1f} s" for step, seconds in timings_of(run).items())


def spread(runs: Sequence[Run]) -> str:
    """The quickest and the slowest."""
    return f"{min(run.wall_s for run in runs):.2f} to {max(run.wall_s for run in runs):.2f} in {len(runs)} runs"


def seconds(what: str, target: float, runs: Sequence[Run]) -> Finding:
    """The median of wall times."""
    return Finding(what, target, median(run.wall_s for run in runs), spread(runs))


def records(run: Run) -> int:
    """Records that the run balanced."""
    return sum(int(table["counts"]["framed"]) for table in json.loads(run.output)["tables"])
