"""A scenario that can't be measured does not stop the others, and no result is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.benchmarks import record
from tests.benchmarks.__main__ import main
from tests.benchmarks.bench import Bench, Finding, Measured
from tests.benchmarks.scenarios import SCENARIOS
from tests.benchmarks.tools import NotInstalledError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def fails(_bench: Bench) -> Measured:
    raise RuntimeError("trustedlake to-trusted ended with 1")


def lacks(_bench: Bench) -> Measured:
    raise NotInstalledError("there is no MinIO")


def counted(bench: Bench) -> Measured:
    return Measured([Finding("rounds", 9, bench.rounds)])


def test_a_failed_scenario_is_reported_and_the_other_results_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, numbers = tmp_path / "benchmarks.md", tmp_path / "benchmarks.json"
    for name, scenario in {"small": counted, "csv": fails, "bucket": lacks, "idle": counted}.items():
        monkeypatch.setitem(SCENARIOS, name, scenario)
    first = CliRunner().invoke(main, ["small", "--rounds", "4", "--write", str(page)])
    done = CliRunner().invoke(main, ["idle", "csv", "bucket", "--rounds", "2", "--write", str(page)])
    assert (first.exit_code, done.exit_code) == (0, 1)
    assert "csv: trustedlake to-trusted ended with 1" in done.stderr
    assert "left out: there is no MinIO" in done.stderr
    assert "not measured: csv" in done.stderr
    kept = {name: part.findings[0].measured for name, part in record.read(numbers).items()}
    assert kept == {"small": 4, "idle": 2}
    monkeypatch.setitem(SCENARIOS, "small", fails)
    assert CliRunner().invoke(main, ["small", "--write", str(page)]).exit_code == 1
    assert {name: part.findings[0].measured for name, part in record.read(numbers).items()} == kept
    assert page.read_text().count("| rounds | 9 |") == 2
