"""Runs compared: the list of runs, and the differences between two of them."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.entrypoints.cli.main import run

if TYPE_CHECKING:
    from tests.support.trials import SailEngine


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Trial:
    """Three runs: two days; a third day with a fault and one that is refused; nothing new."""
    trial = Trial(tmp_path_factory.mktemp("history") / "my lake", sail_engine)
    trial.put(f"{MOVIES}/2025/06/16/a.json", films(2))
    trial.put(f"{MOVIES}/2025/06/17/a.json", films(3))
    trial.run(entity="movies")
    trial.put(f"{MOVIES}/2025/06/17/a.json", b"[")
    trial.put(f"{MOVIES}/2025/06/18/a.json", [film(7), film(8, title=None)])
    trial.run(entity="movies")
    trial.run(entity="movies")
    return trial


def command(trial: Trial, *arguments: str) -> tuple[int, str]:
    screen = io.StringIO()
    with pytest.raises(SystemExit) as left, redirect_stdout(screen), redirect_stderr(screen):
        run(["report", *arguments, "--lake", str(trial.lake)])
    return int(left.value.code or 0), screen.getvalue()


def document(trial: Trial, *arguments: str) -> Any:
    code, said = command(trial, *arguments, "--json")
    assert code == 0, said
    return json.loads(said)


def test_the_list_shows_the_result_of_each_run(trial: Trial) -> None:
    listed = document(trial, "--list")
    assert [(one["exit_code"], one["files"], one["counts"]["framed"], one["rejected_share"]) for one in listed] == [
        (0, 2, 5, 0),
        (3, 3, 4, 0.25),
        (3, 3, 4, 0.25),
    ]
    assert all(one["duration_s"] > 0 and one["started"] for one in listed)
    _, shown = command(trial, "--list")
    head, *lines = shown.splitlines()
    assert head.split() == ["run", "started", "took", "files", "records", "rejected", "exit", "tables"]
    assert lines[1].split()[-6:] == ["3", "4", "25.0%", "3", "tmdb_movies", "refused"]


def test_the_difference_between_two_runs_is_shown_by_partition(trial: Trial) -> None:
    first, second, third = (one["run_id"] for one in document(trial, "--list"))
    shown = command(trial, "--diff", first, second)[1].splitlines()
    assert shown[0].startswith(f"from {first}  exit 0")
    assert [line.strip() for line in shown[2:5]] == [
        "tmdb_movies: records 5 -> 4 (-1), trusted 5 -> 3 (-2), rejected 0 -> 1 (+1)",
        "ano=2025/mes=06/dia=17: published -> refused: records 3 -> 0 (-3), trusted 3 -> 0 (-3)",
        "ano=2025/mes=06/dia=18: new -> published: records 0 -> 2 (+2), trusted 0 -> 1 (+1), rejected 0 -> 1 (+1)",
    ]
    assert command(trial, "--diff", second, first)[1].splitlines() == shown, "the older run comes first"
    assert command(trial, "--diff")[1] == command(trial, "--diff", second, third)[1]
    (table,) = document(trial, "--diff")["tables"]
    assert (table["partitions"], table["new_warnings"], table["gone_warnings"]) == ([], [], [])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--diff", "1999"), 1, "no run '1999'"),
        (("2026", "2027"), 2, "show one run"),
        (("--list", "--diff"), 2, "show one run"),
    ],
)
def test_runs_that_cannot_be_compared_are_an_error(
    trial: Trial, arguments: tuple[str, ...], code: int, said: str
) -> None:
    got, shown = command(trial, *arguments)
    assert (got, said in shown) == (code, True)


def test_an_unreadable_report_is_named_in_the_list(trial: Trial) -> None:
    broken = trial.lake / "_trustedlake/runs/20990101T000000.000000Z-0.json"
    broken.write_text("{")
    try:
        assert document(trial, "--list")[-1]["problem"]
        assert "can't be read" in command(trial, "--list")[1].splitlines()[-1]
    finally:
        broken.unlink()
