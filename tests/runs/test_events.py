"""What a run reports while it works: events for listeners, lines of JSON for CloudWatch."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.app.log import LOGGER, tell
from trustedlake.entrypoints.json_log import json_lines

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

DAYS = ("17", "18")


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    trial = Trial(tmp_path / "lake", sail_engine)
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", [*films(9), film(9, title="")])
    trial.put(f"{MOVIES}/2025/06/18/filmes_001.json", [film(number, title="") for number in range(4)])
    return trial


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_event_names_its_run_table_partition_and_counts(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    with json_lines():
        report = trial.run()
    lines = told(capsys)
    assert [line["event"] for line in lines] == [
        "run_started",
        "planned",
        "framed",
        "judged",
        "published",
        "refused",
        "table_finished",
        "run_finished",
    ]
    assert {line["run_id"] for line in lines} == {report.run_id}
    _, planned, framed, judged, published, refused, table, run = lines
    assert {line["table"] for line in lines[1:-1]} == {"tmdb_movies"}
    assert (planned["partitions"], planned["files"], planned["unchanged"]) == (2, 2, 0)
    assert (framed["records"], framed["unreadable"]) == (14, 0)
    assert judged["counts"] == {"framed": 14, "trusted": 9, "rejected": 5, "duplicates": 0, "elsewhere": 0}
    assert (published["partition"], published["level"]) == ("ano=2025/mes=06/dia=17", "INFO")
    assert published["reasons"] == {"title|blank": 1}
    assert (refused["partition"], refused["level"]) == ("ano=2025/mes=06/dia=18", "WARNING")
    assert refused["hint"]
    assert (table["status"], table["exit_code"], table["level"]) == ("refused", 3, "WARNING")
    assert table["counts"]["trusted"] == 9
    assert (run["exit_code"], run["level"]) == (3, "ERROR")


def test_a_rerun_reports_no_unchanged_partitions(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    trial.run()
    with json_lines():
        trial.run()
    assert [line["event"] for line in told(capsys)] == [
        "run_started",
        "planned",
        "refused",
        "table_finished",
        "run_finished",
    ]


def test_the_event_of_a_failed_table_says_why(tmp_path: Path, sail_engine: SailEngine, capsys: Any) -> None:
    trial = Trial(tmp_path / "lake", sail_engine)
    trial.put(f"{MOVIES}/2025/06/17/_SUCCESS", b"")
    with json_lines():
        report = trial.run(entity="movies")
    table = told(capsys)[-2]
    assert (table["event"], table["status"], table["level"]) == ("table_finished", "failed", "ERROR")
    assert (table["message"], table["hint"]) == (report.tables[0].message, report.tables[0].hint)


def test_without_a_listener_nothing_is_printed(trial: Trial, capfd: pytest.CaptureFixture[str]) -> None:
    assert trial.run().exit_code == 3
    assert capfd.readouterr() == ("", "")


def test_a_listener_of_the_caller_gets_events_and_its_logger_is_restored(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    log = logging.getLogger(LOGGER)
    before = log.level, log.propagate, list(log.handlers)
    with json_lines():
        tell("published", table="é", path=None)
        logging.getLogger(f"{LOGGER}.other").warning("half of %s", "it")
    assert (log.level, log.propagate, list(log.handlers)) == before
    first, other = told(capsys)
    assert (first["table"], first["path"], first["level"]) == ("é", None, "INFO")
    assert (other["event"], other["message"], other["level"]) == ("log", "half of it", "WARNING")
    caplog.set_level(logging.INFO, logger=LOGGER)
    tell("published", table="tmdb_movies")
    assert caplog.messages == ["published table=tmdb_movies"]
