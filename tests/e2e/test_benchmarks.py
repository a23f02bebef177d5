"""The benchmarks run, from the generator to the page; how quick it was is not asserted here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.benchmarks.__main__ import main

if TYPE_CHECKING:
    from pathlib import Path


def test_a_tiny_scale_ends_in_a_page_with_the_findings_of_the_scenario(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    arguments = ["movies", "--scale", "0.001", "--pairs", "1", "--cache", str(tmp_path), "--write", str(page)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    written = page.read_text()
    assert str(tmp_path) not in written
    rows = [line for line in written.splitlines() if line.startswith("| 200 movies")]
    assert [row.split(" | ")[0] for row in rows] == [
        "| 200 movies: time to the baseline's",
        "| 200 movies, on pysail: time to the baseline's",
        "| 200 movies: most files in one partition",
        "| 200 movies: share of the proof in the whole command",
    ]
    assert rows[2].startswith("| 200 movies: most files in one partition | 1 | 1 | reached | 2 files in all")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["benchmarks.md", "films-200-2-2-v1"]


def test_the_extractor_is_measured_against_the_old_way(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    arguments = ["ingest", "ingest-many", "--scale", "0.01", "--pairs", "1", "--write", str(page)]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    findings = [line.split(" | ") for line in page.read_text().splitlines() if " films, " in line]
    assert [row[0].split(": ")[1] for row in findings] == [
        "time to the old way's",
        "calls to the old way's",
        "time to calls ÷ rate",
        "peak memory in MB",
    ]
    calls = findings[1]
    assert calls[2] == "0.51"  # 1 page and 20 films; the old way 1 page and 40 calls
    assert calls[4].endswith("41 calls |")
