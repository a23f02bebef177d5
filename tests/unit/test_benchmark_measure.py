"""What a benchmark says of a process is so, also of what that process started."""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.bench import Finding
from tests.benchmarks.measure import Pair, Run, measure, median_of
from tests.benchmarks.page import lines, page

EATS = "b'x' * (200 << 20)"
HUNGRY = f'import subprocess, sys, time; subprocess.run([sys.executable, "-c", "{EATS}"]); time.sleep(0.3)'


def run_of(wall_s: float) -> Run:
    return Run(wall_s=wall_s, cpu_s=2 * wall_s, peak_bytes=int(wall_s) << 20, output=f"after {wall_s}")


def test_a_process_is_measured_with_the_processes_it_waited_for() -> None:
    small, hungry = measure([sys.executable, "-c", "print('small')"]), measure([sys.executable, "-c", HUNGRY])
    assert small.output == "small\n"
    assert small.peak_bytes < 100 << 20
    assert hungry.peak_bytes > 200 << 20
    assert hungry.wall_s > 0.3
    assert hungry.wall_s > hungry.cpu_s  # it slept


def test_a_variable_reaches_the_process() -> None:
    assert measure([sys.executable, "-c", "import os; print(os.environ['WORD'])"], WORD="harbour").output == "harbour\n"


def test_a_process_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with 3:.*no such lake"):
        measure([sys.executable, "-c", "import sys; print('no such lake', file=sys.stderr); sys.exit(3)"])


def test_the_median_is_of_each_number_and_a_ratio_is_of_wall_times() -> None:
    assert median_of(map(run_of, (3.0, 1.0, 2.0))) == Run(2.0, 4.0, 2 << 20, "after 2.0")
    assert Pair(run_of(3.0), run_of(4.0)).ratio == 0.75


def test_findings_are_held_against_their_targets() -> None:
    findings = [Finding("time", 0.75, 0.7512, "3 runs"), Finding("files", 1, 1)]
    assert lines(findings).splitlines() == [
        "not reached  time: 0.75 (at most 0.75)  3 runs",
        "reached      files: 1 (at most 1)  ",
    ]
    text = page(findings, {"Spark": "4.1.4"}, "python -m tests.benchmarks")
    assert "| time | 0.75 | 0.75 | not reached | 3 runs |" in text
    assert "| files | 1 | 1 | reached |  |" in text
    assert "- Spark: 4.1.4" in text
    assert "```bash\npython -m tests.benchmarks\n```" in text
