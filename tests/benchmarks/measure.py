"""Measures whole processes: wall time, processor time and memory, several commands in turn."""

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

_STOPWATCH = Path(__file__).with_name("stopwatch.py")


@dataclass(frozen=True, slots=True)
class Run:
    """One process from its start to its end, with all that it started and waited for.

    Attributes:
        wall_s: seconds on the clock.
        cpu_s: seconds of processors, user and system.
        peak_bytes: most memory that it and all below it held at one time; pages that two share count twice.
        output: what it printed on stdout.
        code: its exit code.
        said: what it printed on stderr.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int
    output: str = ""
    code: int = 0
    said: str = ""


def measure(command: Sequence[str], variables: Mapping[str, str] | None = None, *, fails: bool = False) -> Run:
    """Run the command with these environment variables added.

    Raises:
        RuntimeError: it fails, unless it may (`fails`); the message has what it said.
    """
    environ = os.environ | dict(variables or {})  # noqa: TID251 - handed to a child
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's Python keeps what it compiled
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "used.json"
        watched = [sys.executable, str(_STOPWATCH), str(result), *command]
        done = subprocess.run(watched, env=environ, capture_output=True, text=True, check=False)
        code, wall_s, cpu_s, peak_bytes = json.loads(result.read_text())
    if code and not fails:
        raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return Run(wall_s, cpu_s, peak_bytes, done.stdout, code, done.stderr)


def interleave(commands: Mapping[str, Callable[[int], Run]], rounds: int) -> dict[str, list[Run]]:
    """Run all commands one after another, `rounds` times, so that they meet the machine in the same moods.

    Each is told the number of the round.
    """
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            runs[name].append(command(number))
    return runs


def ratios(ours: Sequence[Run], others: Sequence[Run]) -> list[float]:
    """Wall times of the one by those of the other, round by round."""
    return [our.wall_s / other.wall_s for our, other in zip(ours, others, strict=True)]


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
