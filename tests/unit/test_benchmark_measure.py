"""The measurement of a process is right and includes the processes it started."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from tests.benchmarks.measure import Run, interleave, measure, median_of, ratios
from tests.benchmarks.stopwatch import PROC

if TYPE_CHECKING:
    from collections.abc import Callable

EATS = "b'x' * (200 << 20)"
HUNGRY = f'import subprocess, sys, time; subprocess.run([sys.executable, "-c", "{EATS}"]); time.sleep(0.3)'

FAILS = [sys.executable, "-c", "import sys; print('no such lake', file=sys.stderr); sys.exit(3)"]
EATS_BESIDE = f"""
import subprocess, sys, time
waits = "import sys; x = {EATS}; print(1, flush=True); sys.stdin.read()"
child = subprocess.Popen([sys.executable, "-c", waits], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
x = {EATS}
child.stdout.readline()
time.sleep(2)  # both have all of it: long enough to be looked at on a busy machine, too
child.communicate()
"""


def run_of(wall_s: float) -> Run:
    return Run(wall_s=wall_s, cpu_s=2 * wall_s, peak_bytes=int(wall_s) << 20, output=f"after {wall_s}")


def test_the_measurement_includes_child_processes() -> None:
    small, hungry = measure([sys.executable, "-c", "print('small')"]), measure([sys.executable, "-c", HUNGRY])
    assert small.output == "small\n"
    assert small.peak_bytes < 100 << 20
    assert hungry.peak_bytes > 200 << 20
    assert hungry.wall_s > 0.3
    assert hungry.wall_s > hungry.cpu_s  # it slept


@pytest.mark.skipif(not PROC.exists(), reason="memory of a whole tree of processes is looked up in /proc")
def test_the_peak_memory_is_the_sum_of_concurrent_processes() -> None:
    assert measure([sys.executable, "-c", EATS_BESIDE]).peak_bytes > 400 << 20


def test_an_environment_variable_reaches_the_process() -> None:
    assert (
        measure([sys.executable, "-c", "import os; print(os.environ['WORD'])"], {"WORD": "harbour"}).output
        == "harbour\n"
    )


def test_a_failing_process_is_an_error_unless_expected() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)ended with 3:.*no such lake"):
        measure(FAILS)
    done = measure(FAILS, fails=True)
    assert (done.code, done.said) == (3, "no such lake\n")


def test_the_median_is_taken_of_each_number_separately() -> None:
    assert median_of(map(run_of, (3.0, 1.0, 2.0))) == Run(2.0, 4.0, 2 << 20, "after 2.0")


def test_commands_alternate_and_are_compared_round_by_round() -> None:
    turns: list[tuple[str, int]] = []

    def command(name: str, *walls: float) -> Callable[[int], Run]:
        def run(number: int) -> Run:
            turns.append((name, number))
            return run_of(walls[number])

        return run

    runs = interleave({"ours": command("ours", 3.0, 2.0), "other": command("other", 4.0, 8.0)}, 2)
    assert turns == [("ours", 0), ("other", 0), ("ours", 1), ("other", 1)]
    assert ratios(runs["ours"], runs["other"]) == [0.75, 0.25]
