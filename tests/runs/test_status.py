"""A reported warning is not forgotten: status shows it until the data, the contract or a person closes it."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.python_contracts import contract, text, whole
from tests.support.trials import MOVIES, IdleEngine, Trial, film, only_table
from trustedlake.app.trusted.options import Options
from trustedlake.core.shared_points import alike, shared_refusals
from trustedlake.entrypoints.cli.main import run
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import InputError
from trustedlake.models.status import LakeStatus
from trustedlake.terminal import quoted

if TYPE_CHECKING:
    from trustedlake.models.report import RunReport

DAY_17, DAY_18 = f"{MOVIES}/2025/06/17/a.json", f"{MOVIES}/2025/06/18/a.json"
NAME_18 = "ano=2025/mes=06/dia=18"
DRIFT = "drift-vote_average"


def renamed(number: int) -> dict[str, object]:
    """A film whose source calls `vote_average` something else."""
    row = film(number)
    return {"voteAverage" if name == "vote_average" else name: value for name, value in row.items()}


@pytest.fixture
def drifted(trial: Trial) -> Trial:
    """A published day, and one published after it whose source renamed a column."""
    trial.put(DAY_17, [film(1)])
    trial.run(entity="movies")
    trial.put(DAY_18, [renamed(2), renamed(3)])
    trial.run(entity="movies")
    return trial


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and screen of the command."""
    screen = io.StringIO()
    with pytest.raises(SystemExit) as left, redirect_stdout(screen), redirect_stderr(screen):
        run(arguments)
    return int(left.value.code or 0), screen.getvalue()


def status(trial: Trial, *arguments: str) -> tuple[int, LakeStatus]:
    """What `trustedlake status --json` says."""
    code, said = command("status", "--json", "--lake", str(trial.lake), *arguments)
    return code, LakeStatus.model_validate_json(said)


def accept(trial: Trial, *arguments: str) -> tuple[int, str]:
    return command("accept", *arguments, "--lake", str(trial.lake))


def strict(trial: Trial) -> RunReport:
    """Nothing is new, so no engine is needed."""
    return Trial(trial.lake, IdleEngine()).run(entity="movies", strict=True)


def test_a_renamed_key_is_reported_by_every_later_run_and_by_status(drifted: Trial) -> None:
    (warning,) = only_table(drifted.run(entity="movies")).warnings
    assert warning.startswith(f"{NAME_18}: since ")
    assert "column vote_average is absent from every record of" in warning
    assert 'called voteAverage there: the contract takes it with synonyms: [{synonym: "voteAverage"}]' in warning
    code, found = status(drifted)
    assert code == 0
    (table,) = found.tables
    ((partition, (warned,)),) = table.warnings.items()
    assert (partition, warned.id, warned.path, warned.why) == (NAME_18, DRIFT, DAY_18, "")
    assert (table.partitions, table.counts.trusted, table.counts.rejected) == (2, 3, 0)
    assert table.bytes == sum(file.stat().st_size for file in (drifted.lake / "Trusted").rglob("*.parquet"))
    assert status(drifted, "--check")[0] == 3


def test_strict_on_a_published_day_with_open_drift_exits_3_and_changes_nothing(drifted: Trial) -> None:
    before = drifted.snapshot()
    table = only_table(strict(drifted))
    assert table.exit_code == 3
    assert "1 open warning(s), and --strict is set: column vote_average" in table.message
    assert f"accept tmdb_movies {NAME_18} {DRIFT} --why" in table.hint
    assert drifted.snapshot() == before


def test_an_accepted_warning_is_no_longer_open_and_keeps_its_reason(drifted: Trial) -> None:
    rows = drifted.rows()
    code, said = accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", "the source has dropped it")
    assert code == 0, said
    assert "the source has dropped it" in said
    assert drifted.rows() == rows
    table = only_table(strict(drifted))
    assert (table.exit_code, table.warnings) == (0, ())
    code, found = status(drifted, "--check")
    assert code == 0
    (table_status,) = found.tables
    assert table_status.warnings == {}
    assert [one.why for one in table_status.accepted[NAME_18]] == ["the source has dropped it"]
    with compose.home(compose.Place(lake=str(drifted.lake))) as home:
        assert home.audit().exit_code == 0


@pytest.fixture
def drifted_for_days(drifted: Trial) -> Trial:
    """Four more days of the same source, and a fifth one in July."""
    for day in ("06/19", "06/20", "06/21", "06/22", "07/01"):
        drifted.put(f"{MOVIES}/2025/{day}/a.json", [renamed(int(day[:2] + day[3:]))])
    drifted.run(entity="movies")
    return drifted


def test_a_warning_shared_by_many_days_is_reported_once(drifted_for_days: Trial) -> None:
    told = f"6 partitions, {NAME_18} to ano=2025/mes=07/dia=01: "
    (said,) = [one for one in only_table(drifted_for_days.run(entity="movies")).warnings if "vote_average" in one]
    assert said.startswith(f"{told}since ")
    assert ": in the last one: column vote_average is absent" in said
    lake = ("--lake", str(drifted_for_days.lake))
    lines = [line for line in command("status", *lake)[1].splitlines() if DRIFT in line]
    assert [line.partition(DRIFT)[0] for line in lines[:1]] == [f"  open: {told}"]
    assert f"or trustedlake accept tmdb_movies all {DRIFT} --why ..." in lines[1]
    assert len(lines) == 2
    audited = command("audit", *lake)[1]
    assert audited.count("vote_average") == 1
    assert f"open: {told}since " in audited
    assert f"accept tmdb_movies all {DRIFT} --why" in only_table(strict(drifted_for_days)).hint


@pytest.mark.parametrize(
    ("partition", "left"),
    [
        ("all", 0),
        ("ano=2025", 0),
        ("ano=2025/mes=06/", 1),
        ("2025-06-20", 5),
        (NAME_18, 5),
    ],
)
def test_a_warning_shared_by_many_days_is_accepted_in_one_call(
    partition: str, left: int, drifted_for_days: Trial
) -> None:
    code, said = accept(drifted_for_days, "tmdb_movies", partition, DRIFT, "--why", "dropped")
    assert (code, said.count("(dropped)")) == (0, 1), said
    (table,) = status(drifted_for_days)[1].tables
    assert len(table.warnings) == left
    assert sum(len(one) for one in table.accepted.values()) == 6 - left


def test_a_fixed_file_closes_its_warning(drifted: Trial) -> None:
    drifted.put(DAY_18, [film(2), film(3)])
    assert only_table(drifted.run(entity="movies")).warnings == ()
    assert status(drifted, "--check")[0] == 0


def test_a_new_file_with_the_same_fault_reopens_an_accepted_warning(drifted: Trial) -> None:
    accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", "once")
    drifted.put(DAY_18, [renamed(2), renamed(4)])
    drifted.run(entity="movies")
    assert status(drifted, "--check")[0] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("tmdb_movies", "ano=2025/mes=06/dia=19", DRIFT), 1, "has no partition 'ano=2025/mes=06/dia=19'"),
        (("tmdb_movies", "all", "drift-title"), 1, f"no open warning 'drift-title' (open: {DRIFT})"),
        (("tmdb_movies", "mes=06", DRIFT), 1, "has no partition 'mes=06'"),
        (("tmdb_movies", NAME_18, "drift-title"), 1, f"no open warning 'drift-title' (open: {DRIFT})"),
        (("tmdb_movies", "ano=2025/mes=06/dia=17", DRIFT), 1, "(open: none)"),
        (("tmdb_series", NAME_18, DRIFT), 1, "there are: none"),
        (("films", NAME_18, DRIFT), 2, "films"),
    ],
)
def test_accepting_something_that_is_not_open_is_an_error_and_writes_nothing(
    drifted: Trial, arguments: tuple[str, ...], code: int, said: str
) -> None:
    before = drifted.snapshot()
    got, text = accept(drifted, *arguments, "--why", "x")
    assert got == code
    assert said in text.replace("\n", " ")
    assert drifted.snapshot() == before


def test_a_blank_reason_is_refused(drifted: Trial) -> None:
    code, said = accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", " ")
    assert (code, "--why is blank" in said) == (2, True)


def test_status_shows_refused_days_and_pending_files(trial: Trial) -> None:
    trial.put(DAY_17, [film(1)])
    trial.put(DAY_18, b'[{"movie_id": 2')
    assert trial.run(entity="movies").exit_code == 3
    trial.put(f"{MOVIES}/2025/06/19/new.json", [film(9)])
    code, found = status(trial, "--check")
    (table,) = found.tables
    assert code == 3
    assert table.pending == (f"{MOVIES}/2025/06/19/new.json",)
    assert list(table.refused) == [NAME_18]
    assert "a.json" in table.refused[NAME_18]
    assert found.last_run is not None
    assert found.last_run.exit_code == 3


def test_status_of_a_lake_without_runs_is_no_error(trial: Trial) -> None:
    trial.put(DAY_17, [film(1)])
    code, found = status(trial, "--check")
    assert (code, found.last_run) == (0, None)
    assert [(one.table, one.partitions, one.pending) for one in found.tables] == [("tmdb_movies", 0, (DAY_17,))]


def test_status_of_one_table_leaves_out_the_others(drifted: Trial) -> None:
    assert status(drifted, "--check", "--table", "tmdb_series") == (0, LakeStatus(tables=()))
    code, found = status(drifted, "--check", "--table", "tmdb_movies")
    assert (code, [one.table for one in found.tables], found.last_run) == (3, ["tmdb_movies"], None)
    code, said = command("status", "--lake", str(drifted.lake), "--table", "filmes")
    assert (code, "filmes" in said) == (2, True)


def test_a_damaged_ledger_is_a_problem_only_of_its_table(drifted: Trial) -> None:
    (ledger,) = (drifted.lake / "_trustedlake").rglob("ledger/*.json")
    ledger.write_text("{")
    code, found = status(drifted, "--check")
    assert code == 3
    (table,) = found.tables
    assert "ledger" in table.problem


def test_the_screen_has_one_line_per_table_and_two_per_open_point(drifted: Trial) -> None:
    lines = command("status", "--lake", str(drifted.lake))[1].splitlines()
    assert lines[0].startswith("last run: ")
    assert lines[1] == f"  tmdb_movies: published: {NAME_18} (new)"
    assert lines[2].startswith("tmdb_movies: 2 partition(s), 3 rows, 0 rejected (0.0%), ")
    assert lines[3].startswith(f"  open: {NAME_18}: {DRIFT}: since ")
    lake = quoted(drifted.lake)
    assert lines[4] == (
        f"    do: trustedlake contract diff tmdb_movies --lake {lake} shows the line for the contract;"
        f" or trustedlake accept tmdb_movies {NAME_18} {DRIFT} --why ... --lake {lake}"
    )
    assert len(lines) == 5


def test_accepting_a_warning_twice_is_an_error(drifted: Trial) -> None:
    """Only the ledger that was read is replaced, so a second acceptance is reported instead of repeated."""
    accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", "first")
    with compose.home(compose.Place(lake=str(drifted.lake))) as home, pytest.raises(InputError, match="no open"):
        home.accept("tmdb_movies", NAME_18, DRIFT, "second")
    ledger = next((drifted.lake / "_trustedlake").rglob("ledger/*.json"))
    whys = [one["why"] for entry in json.loads(ledger.read_text())["partitions"].values() for one in entry["warnings"]]
    assert whys == ["first"]


@pytest.fixture
def refused_for_days(trial: Trial) -> Trial:
    """A published day, then five whose file is cut off, each at another byte, and one with too many untitled films."""
    trial.put(DAY_17, [film(1)])
    for day in range(18, 23):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", json.dumps([film(number) for number in range(day)])[:-2])
    trial.put(f"{MOVIES}/2025/06/25/a.json", [film(n) | {"title": None} for n in range(5)])
    return trial


def test_days_refused_for_the_same_reason_are_reported_once(refused_for_days: Trial) -> None:
    lake = ("--lake", str(refused_for_days.lake))
    told = f"5 partitions, {NAME_18} to ano=2025/mes=06/dia=22: "
    code, screen = command("to-trusted", "--table", "tmdb_movies", *lake)
    assert code == 3
    first, other = (line for line in screen.splitlines() if line.startswith("refused: "))
    assert first.startswith(f"refused: {told}in the last one: unreadable: Raw/TMDB/JSON/Movies/2025/06/22/a.json: ")
    assert other == "refused: ano=2025/mes=06/dia=25: all 5 records rejected; reasons: movie_id|range, title|missing"
    assert sum(line.startswith("hint: ") for line in screen.splitlines()) == 2
    lines = command("status", *lake)[1].splitlines()
    one, two = (number for number, line in enumerate(lines) if line.startswith("  refused: "))
    assert lines[one].startswith(f"  refused: {told}since ")
    assert lines[one + 1].startswith(f"    do: trustedlake quarantine --table tmdb_movies --lake {lake[1]}; fix")
    assert "--partition ano=2025/mes=06/dia=25" in lines[two + 1]
    assert f"refused, keeps what it had: {told}in the last one: " in command("audit", *lake)[1]
    page = refused_for_days.lake / "page.html"
    assert command("report", "--html", str(page), *lake)[0] == 0
    assert page.read_text(encoding="utf-8").count("unreadable: Raw/") == 1 + 5  # what is open, and each day's own row
    (table,) = status(refused_for_days)[1].tables
    assert len(table.refused) == 6


@pytest.mark.parametrize(
    ("messages", "groups"),
    [
        ({}, []),
        ({"a": "3 of 10 records"}, [["a"]]),
        ({"a": "3 of 10 records", "b": "1,234 of 5,000.5 records", "c": "none"}, [["a", "b"], ["c"]]),
        ({"a": "x", "b": "y", "c": "x"}, [["a", "c"], ["b"]]),
    ],
)
def test_messages_that_differ_only_in_numbers_count_as_the_same(
    messages: dict[str, str], groups: list[list[str]]
) -> None:
    assert alike(messages) == groups


@pytest.mark.parametrize("number", [1, 3, 4, 100])
def test_up_to_three_refused_partitions_are_reported_separately(number: int) -> None:
    days = [datetime(2025, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(number)]
    refused = {f"day={n}": f"all {n} records rejected" for n in range(number)}
    points = shared_refusals(refused, {f"day={n}": day for n, day in enumerate(days) if n})
    assert len(points) == (number if number <= 3 else 1)
    assert [name for point in points for name in point.partitions] == list(refused)
    assert points[-1].message == f"all {number - 1} records rejected"
    assert points[-1].only == (f"day={number - 1}" if number <= 3 else "")
    assert points[-1].since == (None if number == 1 else days[number - 1] if number <= 3 else days[1])


@pytest.mark.parametrize("together", [False, True], ids=["day by day", "all days in the first run"])
def test_a_column_missing_on_a_later_day_stays_open_in_whatever_order_days_came(
    trial: Trial, *, together: bool
) -> None:
    for day, row in (("17", film(1)), ("18", renamed(2)), ("19", film(3) | {"runtime": 90}), ("20", film(4))):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", [row])
        if not together:
            trial.run(entity="movies")
    said = [one for one in only_table(trial.run(entity="movies")).warnings if "is absent" in one]
    assert ["vote_average" in one for one in said] == [True, False]
    code, found = status(trial, "--check")
    (table,) = found.tables
    told = {name.rpartition("=")[2]: [one.id for one in warnings] for name, warnings in table.warnings.items()}
    assert (code, told) == (3, {"18": [DRIFT], "20": ["drift-runtime"]})
    assert only_table(strict(trial)).exit_code == 3


def test_days_refused_for_different_reasons_are_reported_separately(trial: Trial) -> None:
    for day, fault in (
        ("17", {"title": ""}),
        ("18", {"vote_count": "x"}),
        ("19", {"popularity": "x"}),
        ("20", {"vote_average": "x"}),
    ):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", [film(n) | fault for n in range(5)])
    lake = ("--lake", str(trial.lake))
    assert command("to-trusted", "--table", "tmdb_movies", *lake)[1].count("refused: ano=2025/mes=06/dia=") == 4
    assert command("status", *lake)[1].count("  refused: ano=2025/mes=06/dia=") == 4


def test_a_column_added_later_is_not_missed_on_earlier_days(trial: Trial) -> None:
    columns = [whole("id"), text("nome"), whole("run")]
    table = contract(
        "dias", columns=columns, partition=("dia", "mes", "ano"), path=("Raw/v/{dia:02d}-{mes:02d}-{ano:04d}",)
    )
    themes = contract("temas", columns=columns, partition=("tema",), path=("Raw/t/{tema}",))
    row = {"id": 1, "nome": "A"}
    for path, record in (("v/01-06-2025", row), ("v/02-06-2025", row), ("v/01-07-2025", row | {"run": 7})):
        trial.put(f"Raw/{path}/a.json", [record])
    trial.put("Raw/t/a/a.json", [row | {"run": 7}])
    trial.put("Raw/t/b/a.json", [row])
    place = compose.Place(lake=str(trial.lake))
    with compose.home(place, engine=trial.engine, given=[table, themes]) as home:
        report = home.to_trusted(compose.Asked(("dias", "temas")), Options(strict=True))
    assert [(one.exit_code, one.warnings) for one in report.tables] == [(0, ()), (0, ())]
