"""`--timings` shows a line for each step, in the order a run has them, with its share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from trustedlake.core.run_steps import RUN_STEPS
from trustedlake.entrypoints.cli import run_output
from trustedlake.models.report import RunReport, TableReport

if TYPE_CHECKING:
    import pytest

BEGAN = datetime(2026, 6, 17, 10, 11, 12, tzinfo=UTC)


def run_of(*tables: TableReport) -> RunReport:
    return RunReport(
        run_id="run-1",
        command="trustedlake to-trusted --source tmdb",
        trustedlake="0.1.0",
        started=BEGAN,
        finished=BEGAN + timedelta(seconds=21.5),
        exit_code=0,
        tables=tables,
    )


def table_of(name: str, **seconds: float) -> TableReport:
    return TableReport(table=name, contract=1, status="published", timings_s=seconds)


def shown(capsys: pytest.CaptureFixture[str], run: RunReport) -> list[list[str]]:
    run_output.show_timings(run)
    return [line.split() for line in capsys.readouterr().out.splitlines() if line]


def test_each_step_is_shown_in_order_with_its_seconds_and_share(capsys: pytest.CaptureFixture[str]) -> None:
    table = table_of("tmdb_movies", publish=0.5, list=0.25, frame=3.0, start=1.25, judge=14.0, prove=1.0)
    lines = shown(capsys, run_of(table))
    assert lines[0][0] == "tmdb_movies:"
    assert [line[:4] for line in lines[1:-1]] == [
        ["list", "0.25", "s", "1%"],
        ["start", "1.25", "s", "6%"],
        ["frame", "3.00", "s", "15%"],
        ["accept", "0.00", "s", "0%"],
        ["judge", "14.00", "s", "70%"],
        ["prove", "1.00", "s", "5%"],
        ["publish", "0.50", "s", "2%"],
    ]
    assert lines[-1] == ["whole", "run:", "21.50", "s"]


def test_skipped_steps_take_no_time_and_a_failed_table_has_no_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(capsys, run_of(table_of("tmdb_movies", list=0.0, publish=0.0), table_of("tmdb_series")))
    assert {tuple(line[1:4]) for line in lines[1:-1]} == {("0.00", "s", "0%")}
    assert len(lines) == 1 + len(RUN_STEPS) + 1


def test_a_step_without_a_label_is_shown_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, run_of(table_of("tmdb_movies", upload=2.0)))
    assert ["upload", "2.00", "s", "100%"] in lines
