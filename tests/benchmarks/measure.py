"""Measures whole processes: wall time, processor time and memory, two commands in turn."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

# In a process of its own, for the peak of a process's children never goes down again.
_STOPWATCH = """
import json, resource, subprocess, sys, time
began = time.perf_counter()
code = subprocess.run(sys.argv[2:], check=False).returncode
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_CHILDREN)
unit = 1 if sys.platform == "darwin" else 1024
json.dump([code, wall, used.ru_utime + used.ru_stime, used.ru_maxrss * unit], open(sys.argv[1], "w"))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One process from its start to its end, with all that it started and waited for.

    Attributes:
        wall_s: seconds on the clock.
        cpu_s: seconds of processors, user and system.
        peak_bytes: most memory that any single one of its processes held.
        output: what it printed on stdout.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands run one right after the other, so that both met the machine in the same mood."""

    ours: Run
    other: Run

    @property
    def ratio(self) -> float:
        """Wall time of ours by that of the other."""
        return self.ours.wall_s / self.other.wall_s


def measure(command: Sequence[str], **variables: str) -> Run:
    """Run the command with these environment variables added.

    Raises:
        RuntimeError: it fails; the message has what it said.
    """
    environ = dict(os.environ) | variables  # noqa: TID251 - handed to a child
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "used.json"
        watched = [sys.executable, "-c", _STOPWATCH, str(result), *command]
        done = subprocess.run(watched, env=environ, capture_output=True, text=True, check=False)
        code, wall_s, cpu_s, peak_bytes = json.loads(result.read_text())
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return Run(wall_s, cpu_s, peak_bytes, done.stdout)


def alternate(ours: Callable[[int], Run], other: Callable[[int], Run], pairs: int) -> list[Pair]:
    """Run both in turn, `pairs` times; each is told the number of its turn."""
    return [Pair(ours(turn), other(turn)) for turn in range(pairs)]


def median_of(runs: Iterable[Run]) -> Run:
    """The medians of the runs' numbers, with the output of the last."""
    known = list(runs)
    return Run(
        wall_s=median(run.wall_s for run in known),
        cpu_s=median(run.cpu_s for run in known),
        peak_bytes=int(median(run.peak_bytes for run in known)),
        output=known[-1].output,
    )


def timings_of(run: Run) -> Mapping[str, float]:
    """Seconds by step, from the report that `to-trusted --json` printed; its tables added up."""
    seconds: dict[str, float] = {}
    for table in json.loads(run.output)["tables"]:
        for step, spent in table["timings_s"].items():
            seconds[step] = seconds.get(step, 0.0) + spent
    return seconds
