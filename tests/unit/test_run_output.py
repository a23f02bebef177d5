"""The lines for each partition, and the end of a report: the command to type next, on this lake."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.progress import Progress

from tests.support.page_parts import parse_page
from trustedlake.entrypoints.cli import run_output
from trustedlake.entrypoints.run_lines import run_lines
from trustedlake.models.ledger import Counts
from trustedlake.models.report import PartitionReport, PartitionStatus, Refused, RunReport, TableReport

AT = datetime(2026, 6, 17, 10, 11, 12, tzinfo=UTC)
CLEAN = TableReport(table="tmdb_movies", contract=1, status="published", counts=Counts(framed=2, trusted=2))
MIXED = TableReport(table="tmdb_movies", contract=1, status="published", counts=Counts(framed=2, trusted=1, rejected=1))


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("damaged", "published (was damaged)"),
        ("contract", "published (newer contract)"),
        ("changed", "published"),
        ("new", "published"),
    ],
)
def test_a_repaired_partition_is_distinguished_from_a_new_one(
    capsys: pytest.CaptureFixture[str], why: str, said: str
) -> None:
    day = PartitionReport(
        partition="ano=2025/mes=06/dia=17",
        status=PartitionStatus.PUBLISHED,
        files=1,
        counts=CLEAN.counts,
        message=why,
    )
    run_output.report(_run(CLEAN.model_copy(update={"partitions": (day,)})), lake=None, as_json=False)
    (line,) = [one for one in capsys.readouterr().out.splitlines() if one.startswith(day.partition)]
    assert line.split("  ")[-1].strip() == said


@pytest.mark.parametrize(
    ("table", "again", "said"),
    [
        (CLEAN, False, "next: trustedlake report --lake 'my lake'"),
        (CLEAN, True, ""),
        (MIXED, False, "next: trustedlake quarantine --lake 'my lake'"),
        (MIXED, True, "next: trustedlake quarantine --lake 'my lake'"),
    ],
)
def test_a_shown_report_does_not_suggest_showing_the_report(
    capsys: pytest.CaptureFixture[str], table: TableReport, again: bool, said: str
) -> None:
    run_output.report(_run(table), lake="my lake", as_json=False, again=again)
    told = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("next: ")]
    assert told == ([said] if said else [])


HELD = PartitionReport(
    partition="ano=2025/mes=06/dia=17",
    status=PartitionStatus.REFUSED,
    files=1,
    counts=Counts(),
    message="1 raw file(s) are new or changed",
    hint="restore the one that is gone",
)
BAD = HELD.model_copy(update={"counts": Counts(framed=9, rejected=9)})
UNREADABLE = HELD.model_copy(update={"problems": {"filmes_001.json": "not JSON"}})
OLD = HELD.model_copy(update={"status": PartitionStatus.UNCHANGED, "counts": MIXED.counts})
NEW = OLD.model_copy(update={"status": PartitionStatus.PUBLISHED})
LOOK = "next: trustedlake quarantine --lake 'my lake'"


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ((HELD,), ""),
        ((HELD, OLD), ""),
        ((HELD, NEW), LOOK),
        ((HELD, BAD), LOOK),
        ((UNREADABLE,), LOOK),
    ],
    ids=["held", "held-beside-unchanged", "held-beside-published", "held-beside-rejected", "unreadable"],
)
def test_a_held_day_does_not_suggest_looking_at_quarantine(
    capsys: pytest.CaptureFixture[str], days: tuple[PartitionReport, ...], said: str
) -> None:
    table = MIXED.model_copy(update={"status": "refused", "exit_code": 3, "partitions": days})
    run_output.report(_run(table), lake="my lake", as_json=False)
    told = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("next: ")]
    assert told == ([said] if said else [])


def _run(table: TableReport) -> RunReport:
    return RunReport(
        run_id="run-1", command="to_trusted", trustedlake="0.1.0", started=AT, finished=AT, exit_code=0, tables=(table,)
    )


def test_the_clock_of_a_run_keeps_running_when_a_step_is_done() -> None:
    """The clock of rich stopped once the last file was framed, although the engine took minutes more."""
    now = [0.0]
    bars = Progress(run_output.RunClock(), get_time=lambda: now[0], disable=True)
    task = bars.add_task("framing", total=1)
    now[0] = 5
    bars.update(task, completed=1)
    assert bars.tasks[0].finished
    now[0] = 65
    assert run_output.RunClock().render(bars.tasks[0]).plain == "0:01:05"


def test_the_last_lines_show_the_duration_and_the_parquet_folder(capsys: pytest.CaptureFixture[str]) -> None:
    run_output.report(_run(CLEAN.model_copy(update={"target": "/lake/Trusted/Movies"})), lake=None, as_json=False)
    assert "took 0.0 s; the Parquet files are in /lake/Trusted/Movies" in capsys.readouterr().out.splitlines()


def test_records_of_other_tables_have_a_column_so_that_the_line_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    counts = Counts(framed=9, trusted=5, rejected=1, duplicates=1, elsewhere=2)
    parts = tuple(
        PartitionReport(partition=f"dia={n}", status=PartitionStatus.PUBLISHED, files=1, counts=counts) for n in (1, 2)
    )
    both = Counts(framed=18, trusted=10, rejected=2, duplicates=2, elsewhere=4)
    run_output.report(_run(CLEAN.model_copy(update={"partitions": parts, "counts": both})), lake=None, as_json=False)
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["partition", "files", "records", "trusted", "rejected", "duplicates", "elsewhere"] in said
    assert ["dia=1", "1", "9", "5", "1", "1", "2", "published"] in said
    assert ["total", "2", "18", "10", "2", "2", "4"] in said


def test_a_notebook_shows_the_lines_that_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "<script>alert(1)</script>"
    refused = Refused(file_path=evil, record_index=3, verdict="rejected", reasons=("id|missing",), raw="{}")
    part = PartitionReport(
        partition="dia=17", status=PartitionStatus.REFUSED, files=1, counts=MIXED.counts, refused=(refused,),
        message=f"{evil}: cut off", hint="fetch it again",
    )  # fmt: skip
    warning = "dia=16: since 2025-06-17: column a is absent"
    table = MIXED.model_copy(update={"partitions": (part,), "warnings": (warning,), "notes": ("2 files",)})
    run = _run(table)
    run_output.report(run, lake="my lake", as_json=False)
    screen = capsys.readouterr().out
    shown = run.with_lines(run_lines(run, "my lake"))
    (told,) = parse_page(shown._repr_html_()).find("pre")
    lines = [line.strip() for line in told.text.splitlines()]
    assert [line for line in lines[1:] if line not in screen] == []
    for line in (f"refused: dia=17: {evil}: cut off", "hint: fetch it again", f"warning: {warning}", "2 files"):
        assert line in lines
    assert any(line.startswith("next: trustedlake quarantine --lake 'my lake'") for line in lines)
    assert "<script" not in shown._repr_html_()
    assert shown.model_dump_json() == run.model_dump_json()


def test_a_notebook_shows_why_a_table_failed() -> None:
    run = _run(CLEAN.model_copy(update={"status": "failed", "message": "no such folder", "hint": "make it"}))
    assert list(run_lines(run, None))[:3] == ["tmdb_movies:", "  error: no such folder", "  hint: make it"]
