"""Results are kept per scenario, and the page is rebuilt from them around the hand-written text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.benchmarks import record
from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.measure import Run
from tests.benchmarks.page import BEGIN, END, lines, page
from tests.benchmarks.record import Fate, Part
from tests.benchmarks.tools import DLT, FLOOR, SAIL, SOURCE_JOB

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = {"Spark": "4.1.4", "busy before it began": "0.1 processes"}


def run_of(wall_s: float) -> Run:
    return Run(wall_s, 2 * wall_s, 100 << 20, "much output")


def part_of(measured: Measured, command: str = "python -m tests.benchmarks") -> Part:
    return record.part_of(measured, at="2026-11-23 13:05 UTC", command=command, machine=MACHINE)


def test_findings_are_compared_with_their_targets() -> None:
    findings = [Finding("time", 0.75, 0.7512, "3 runs"), Finding("files", 1, 1)]
    assert lines(findings).splitlines() == [
        "not reached  time: 0.75 (at most 0.75)  3 runs",
        "reached      files: 1 (at most 1)  ",
    ]
    text = page("", {"small": part_of(Measured(findings))})
    assert "| time | 0.75 | 0.75 | not reached | 3 runs |" in text
    assert "| files | 1 | 1 | reached |  |" in text
    assert "| small | 2026-11-23 13:05 UTC | " in text
    assert "| `python -m tests.benchmarks` | 0.1 processes |" in text
    assert text.count("- Spark: 4.1.4") == 1


def test_the_table_of_tools_has_the_median_ratio_of_their_rounds() -> None:
    times = {SOURCE_JOB: (10, 20, 40), DLT: (5, 4, 4), FLOOR: (1, 2, 4), SAIL: (2, 2, 2)}
    runs = {name: [run_of(wall_s) for wall_s in walls] for name, walls in times.items()}
    text = page("", {"small": part_of(Measured([], "1,500 movies", runs))}, "benchmarks.svg")
    assert "### 1,500 movies\n" in text
    assert f"| {SAIL} | 2.0 s | 0.10 | 0.50 | 1.00 | 4.0 s | 100 MB |" in text
    assert f"| {FLOOR} | 2.0 s | 0.10 | 0.50 | 1.00 | 4.0 s | 100 MB |" in text
    assert "Medians of 3 rounds." in text
    assert "](benchmarks.svg)" in text


def test_planted_defects_are_summed_by_tool_and_shown_by_kind() -> None:
    fates = [
        Fate(SAIL, "cut off", planted=5, right=5, held=40),
        Fate(SAIL, "`5k`", planted=10, right=10),
        Fate(DLT, "cut off", planted=5, right=5, died=True),
        Fate(DLT, "`5k`", planted=10, right=3, lost=1, changed=6, neighbours=2),
    ]
    text = page("", {"defects": part_of(Measured([], fates=fates))})
    assert f"| {SAIL} | 15 of 15 | 0 | 0 | 0 | 0 | 40 | none |" in text
    assert f"| {DLT} | 8 of 15 | 1 | 6 | 0 | 2 | 0 | 1 of 2 kinds |" in text
    assert "| cut off | 5 | right or reported | the run dies |" in text
    assert "| `5k` | 10 | right or reported | 1 lost, 6 changed |" in text


@pytest.mark.parametrize(
    "written", ["", "# Benchmarks\n\nWhy.\n\n", f"# Why\n{BEGIN}\nold numbers\n{END}\n\n## Profile\n"]
)
def test_hand_written_text_around_the_numbers_stays(written: str) -> None:
    parts = {"small": part_of(Measured([Finding("time", 1, 0.5)]))}
    once = page(written, parts)
    assert page(once, parts) == once
    assert "old numbers" not in once
    before, _, after = once.partition(BEGIN)
    assert before == written.partition(BEGIN)[0]
    assert after.partition(END)[2] == (written.partition(END)[2] or "\n")


def test_the_saved_record_is_read_back_without_the_output_of_the_runs(tmp_path: Path) -> None:
    file = tmp_path / "benchmarks.json"
    assert record.read(file) == {}
    measured = Measured([Finding("time", 1, 0.5)], "size", {SAIL: [run_of(1.25)]}, [Fate(SAIL, "cut off", planted=5)])
    parts = {"small": part_of(measured), "idle": part_of(Measured([]))}
    record.write(file, parts)
    assert record.read(file) == parts
    assert "much output" not in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["benchmarks.json"]
