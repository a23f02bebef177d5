"""A reported warning is not forgotten: status shows it until the data, the contract or a person closes it."""

from __future__ import annotations

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

import trustedlake
from tests.support.page_parts import parse_page
from tests.support.python_contracts import contract, text, whole
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import MOVIES, IdleEngine, Trial, film, only_table
from trustedlake.app.trusted.job import Options
from trustedlake.core.shared_points import alike, shared_points
from trustedlake.entrypoints.cli.main import run
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import InputError
from trustedlake.models.status import PENDING_AFTER, LakeStatus
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
    assert f"1 open warning(s), and --strict is set: {NAME_18}: column vote_average" in table.message
    assert f"accept tmdb_movies {NAME_18} {DRIFT} --why ... --lake {drifted.lake};" in table.hint
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


def test_an_accepted_warning_stays_closed_when_its_day_is_judged_again_until_its_evidence_changes(
    drifted: Trial,
) -> None:
    """The run printed an accepted drift again, and --strict refused the day for it."""

    def judged_again(*, strict: bool = False) -> tuple[int, tuple[str, ...], bool]:
        """Exit code and warnings of a run that judges the day again, and whether status has something open."""
        table = only_table(drifted.run(entity="movies", strict=strict))
        (part,) = (one for one in table.partitions if one.partition == NAME_18)
        assert part.fresh
        return table.exit_code, table.warnings, status(drifted, "--check")[0] == 3

    other = DAY_18.replace("a.json", "b.json")
    accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", "dropped")
    drifted.put(DAY_18.replace("a.json", "well.json"), [film(4)])
    assert judged_again(strict=True) == (0, (), False)
    drifted.put(other, [renamed(5)])
    code, told, is_open = judged_again()
    assert (code, is_open) == (0, True)
    assert "a.json and 1 more" in told[0]
    assert "a.json and 1 more" in " ".join(one.message for one in status(drifted)[1].tables[0].warnings[NAME_18])
    accept(drifted, "tmdb_movies", NAME_18, DRIFT, "--why", "both")
    drifted.put(other, [film(5)])
    assert judged_again(strict=True) == (0, (), False)


def test_an_accepted_loss_is_not_printed_again_when_its_day_is_judged_again(trial: Trial) -> None:
    trial.put(DAY_18, [film(1, runtime=90), film(1)])
    assert "1 duplicate(s) had values" in only_table(trial.run(entity="movies")).warnings[0]
    accept(trial, "tmdb_movies", NAME_18, "lost", "--why", "the later one is right")
    trial.put(DAY_18.replace("a.json", "b.json"), [film(2)])
    assert only_table(trial.run(entity="movies")).warnings == ()


def test_strict_names_the_open_warnings_and_how_to_list_all_of_them(trial: Trial) -> None:
    keys = ("vote_average", "vote_count", "popularity", "overview", "title")
    trial.put(DAY_17, [film(1, overview="Text")])
    trial.run(entity="movies")
    gone = keys[:4]
    trial.put(DAY_18, [{name: value for name, value in film(2).items() if name not in gone}])
    trial.run(entity="movies")
    table = only_table(strict(trial))
    assert table.exit_code == 3
    columns = "columns overview, popularity, vote_average, vote_count are absent from every record of"
    assert table.message == f"4 open warning(s), and --strict is set: {NAME_18}: {columns} {DAY_18}"
    ids = ",".join(f"drift-{name}" for name in sorted(gone))
    assert f"trustedlake accept tmdb_movies {NAME_18} {ids} --why" in table.hint
    assert f"trustedlake status --table tmdb_movies --lake {trial.lake} lists all of them" in table.hint


def test_several_columns_of_a_file_are_told_in_one_line_and_accepted_by_one_command(trial: Trial) -> None:
    trial.put(DAY_17, [film(1, overview="Text")])
    trial.run(entity="movies")
    trial.put(DAY_18, [{name: value for name, value in film(2).items() if name not in {"overview", "popularity"}}])
    said = f"columns overview, popularity are absent from every record of {DAY_18}"
    first, again = (only_table(trial.run(entity="movies")) for _ in range(2))
    assert (first.warnings, len(again.warnings)) == ((said,), 1)
    assert again.warnings[0].endswith(said)
    lake = str(trial.lake)
    line, todo = command("status", "--lake", lake)[1].splitlines()[-2:]
    assert line.startswith(f"  open: {NAME_18}: drift: since ")
    assert f"accept tmdb_movies {NAME_18} drift-overview,drift-popularity --why" in todo
    assert parse_page(command("report", "--html", "-", "--lake", lake)[1]).text.count(said) == 1
    for ids, unknown in (("drift-overview,lost", "lost"), ("drift-overview,drift-popularity", "")):
        code, told = accept(trial, "tmdb_movies", NAME_18, ids, "--why", "dropped")
        assert (code, f"no open warning {unknown!r}" in told) == (bool(unknown), bool(unknown))
    assert f"accepted: {said} (dropped)" in told.replace("\n", " ")
    assert status(trial, "--check")[0] == 0


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
    assert lines[1].startswith("tmdb_movies: 2 partition(s), 3 rows, 0 rejected (0.0%), ")
    changes, point = lines[2:6], lines[6:]
    assert [line.partition(":")[0] for line in changes] == ["  changed", "    published"] * 2
    assert changes[1::2] == [f"    published: ano=2025/mes=06/dia={day} (new)" for day in (18, 17)]
    assert point[0].startswith(f"  open: {NAME_18}: {DRIFT}: since ")
    lake = quoted(drifted.lake)
    assert point[1] == (
        f"    do: trustedlake contract diff tmdb_movies --lake {lake} shows the line for the contract;"
        f" or trustedlake accept tmdb_movies {NAME_18} {DRIFT} --why ... --lake {lake}"
    )
    assert len(point) == 2


def test_a_change_is_still_told_after_a_hundred_runs_with_nothing_new(trial: Trial) -> None:
    trial.put(DAY_17, [film(1)])
    changing = trial.run(entity="movies").run_id
    idle = trial.run(entity="movies").run_id
    folder = trial.lake / "_trustedlake/runs"
    report = (folder / f"{idle}.json").read_text()
    for number in range(100):
        other = f"{idle[:-8]}{number:08x}"
        (folder / f"{other}.json").write_text(report.replace(idle, other))
    (table,) = status(trial)[1].tables
    assert [(one.run_id, one.done) for one in table.changes] == [
        (changing, ("published: ano=2025/mes=06/dia=17 (new)",))
    ]


def test_days_and_columns_with_one_kind_of_problem_have_one_line_about_what_to_do(trial: Trial) -> None:
    trial.put(DAY_17, [film(1, overview="Text")])
    trial.run(entity="movies")
    for day, gone in ((18, ("popularity",)), (19, ("popularity", "overview")), (20, ("vote_average",))):
        record = {name: value for name, value in film(day).items() if name not in gone}
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", [record | ({"voteAverage": 7} if day == 20 else {})])
        trial.run(entity="movies")
    for day in (21, 22):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", [film(day), film(day + 100, vote_average=99)])
    trial.put(f"{MOVIES}/2025/06/23/a.json", "[{")
    trial.put(f"{MOVIES}/2025/06/24/a.json", "<html>")
    trial.run(entity="movies")
    lake = f"--lake {quoted(trial.lake)}"
    screen = command("status", "--lake", str(trial.lake))[1].splitlines()
    first = next(number for number, line in enumerate(screen) if line.startswith("  refused: "))
    shown = [line if line.startswith("    do: ") else line.partition(": since")[0] for line in screen[first:]]
    june = "ano=2025/mes=06/dia="
    assert shown == [
        f"  refused: {june}23",
        f"  refused: {june}24",
        f"    do: trustedlake quarantine --table tmdb_movies {lake}; fix the file in Raw and run to-trusted again",
        f"  open: {june}18: drift-popularity",
        f"  open: {june}19: drift",
        "    do: restore the key in the file, or add its new name to the contract;"
        f" or trustedlake accept tmdb_movies all drift-popularity --why ... {lake} (and so on for drift-overview)",
        f"  open: {june}20: drift-vote_average",
        f"    do: trustedlake contract diff tmdb_movies {lake} shows the line for the contract;"
        f" or trustedlake accept tmdb_movies {june}20 drift-vote_average --why ... {lake}",
        f"  open: {june}21: quarantine",
        f"  open: {june}22: quarantine",
        f"    do: trustedlake quarantine --table tmdb_movies --verdict rejected {lake};"
        " then deliver corrected records in a new file of that folder;"
        f" or trustedlake accept tmdb_movies all quarantine --why ... {lake}",
    ]


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
    assert two == one + 1
    assert lines[two + 1].startswith(f"    do: trustedlake quarantine --table tmdb_movies --lake {lake[1]}; fix")
    assert f"refused, keeps what it had: {told}in the last one: " in command("audit", *lake)[1]
    page = refused_for_days.lake / "page.html"
    assert command("report", "--html", str(page), *lake)[0] == 0
    assert page.read_text(encoding="utf-8").count("unreadable: Raw/") == 1
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
    points = shared_points(refused, {f"day={n}": day for n, day in enumerate(days) if n})
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
    assert command("status", *lake)[1].count("\n  refused: ano=2025/mes=06/dia=") == 4


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


NO_LAKES: dict[str, dict[str, str]] = {
    "an empty folder, as of a disk that is not mounted": {},
    "a folder with something else": {"photos/a.jpg": "x"},
    "a folder with files only": {"a.json": "[]"},
    "only what was published once": {"Trusted/TMDB/Parquet/Movies/a.parquet": "x"},
    "a file called Raw": {"Raw": "x"},
}


@pytest.mark.parametrize("name", NO_LAKES)
@pytest.mark.parametrize(
    "words",
    [("status", "--check"), ("status",), ("report", "--html", "-"), ("quarantine",), ("audit",), ("query", "1")],
)
def test_a_folder_that_is_no_lake_is_an_error(trial: Trial, name: str, words: tuple[str, ...]) -> None:
    for path, content in NO_LAKES[name].items():
        trial.put(path, content)
    code, said = command(*words, "--lake", str(trial.lake))
    assert code == 1
    if words[0] != "query":
        assert f"{trial.lake} is not a lake: there is neither _trustedlake nor a folder with raw files" in said
        assert "hint: check that it is mounted and that --lake is right" in said
    assert {file.relative_to(trial.lake).as_posix() for file in trial.lake.rglob("*") if file.is_file()} == {
        *NO_LAKES[name]
    }


@pytest.mark.parametrize("top", ["Raw", "raw", "RAW", "_trustedlake"])
def test_a_folder_with_raw_or_a_state_is_a_lake(trial: Trial, top: str) -> None:
    (trial.lake / top).mkdir()
    assert status(trial, "--check")[0] == 0


def test_the_first_folder_of_a_contract_makes_a_lake_too(trial: Trial) -> None:
    trial.put("landing/shop/a.json", [{"id": 1}])
    assert command("status", "--lake", str(trial.lake))[0] == 1
    shop = contract_file("shop", [column("id", "integer", **KEY)], path="landing/shop", format="json")
    trial.put("contracts/shop.odcs.yaml", shop)
    code, found = status(trial, "--check")
    assert (code, [one.table for one in found.tables]) == (0, ["shop"])


def test_a_lake_whose_published_files_are_all_gone_is_an_error(trial: Trial) -> None:
    trial.put(DAY_17, [film(1)])
    trial.put(f"{MOVIES.replace('Movies', 'Series')}/2025/06/17/a.json", [{"series_id": 1, "name": "One"}])
    assert trial.run().exit_code == 0
    series = trial.lake / "Trusted/TMDB/Parquet/Series"
    shutil.rmtree(series)
    code, found = status(trial, "--check")
    missing = {one.table: one.missing for one in found.tables if one.missing}
    assert (code, list(missing), len(missing["tmdb_series"])) == (3, ["tmdb_series"], 1)
    assert "  missing: 1 published file(s) are gone: Trusted" in command("status", "--lake", str(trial.lake))[1]
    page = parse_page(command("report", "--html", "-", "--lake", str(trial.lake))[1]).text
    assert "1 published file(s) are gone: Trusted" in page
    shutil.rmtree(trial.lake / "Trusted")
    for words in (("status", "--check"), ("status",), ("report", "--html", "-")):
        code, said = command(*words, "--lake", str(trial.lake))
        assert (code, "2 file(s) are published, and all of them are gone from" in said) == (1, True), said
        again = f"to-trusted --table tmdb_movies --table tmdb_series --lake {trial.lake}"
        assert f"{again} builds it again from Raw" in said
    assert trial.run().exit_code == 0
    assert status(trial, "--check")[0] == 0


PENDING = [
    ((), 1, 0),
    ((), 25, 0),
    ((), 27, 3),
    (("--pending-after", "48"), 27, 0),
    (("--pending-after", "48"), 49, 3),
    (("--pending-after", "0"), 0, 3),
]


@pytest.mark.parametrize(("arguments", "hours", "code"), PENDING)
def test_a_raw_file_that_waits_too_long_for_a_run_is_open(
    trial: Trial, arguments: tuple[str, ...], hours: int, code: int
) -> None:
    waits = [trial.put(path, [film(1)]) for path in (DAY_17, DAY_18)]
    written = waits[0].stat().st_mtime - hours * 3600
    os.utime(waits[0], (written, written))
    got, found = status(trial, "--check", *arguments)
    (table,) = found.tables
    assert (got, table.pending, bool(table.overdue)) == (code, (DAY_17, DAY_18), bool(code))
    screen = command("status", "--lake", str(trial.lake), *arguments)[1]
    if hours:
        assert f"  pending: {DAY_18 if code else DAY_17}" in screen
        since = datetime.fromtimestamp(written, UTC)
        told = f"  overdue: since {since:%Y-%m-%d}: 1 raw file(s) that no run has processed: {DAY_17}"
        assert (told in screen) == bool(code)
    trial.run(entity="movies")
    assert status(trial, "--check", *arguments)[0] == 0


def test_the_page_and_the_help_agree_on_how_long_a_file_may_wait(trial: Trial) -> None:
    assert f"[default: {PENDING_AFTER.total_seconds() / 3600:.0f}]" in " ".join(command("status", "--help")[1].split())
    waits = trial.put(DAY_17, [film(1)])
    os.utime(waits, (0, 1_750_000_000))
    page = parse_page(command("report", "--html", "-", "--lake", str(trial.lake))[1]).text
    assert f"1 raw file(s) that no run has processed are overdue: {DAY_17}" in page
    assert "2025-06-15" in page
    assert trustedlake.status(trial.lake).is_open
    for hours in ("-1", "nan", "1.5", "100001"):
        assert command("status", "--pending-after", hours, "--lake", str(trial.lake))[0] == 2
