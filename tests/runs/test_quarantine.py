"""Refused records can be inspected, down to their bytes in Raw, wherever the folders of the lake are."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.cli import main, run_output
from trustedlake.entrypoints.lake import compose

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

NAMELESS = film(7, title=None)


@pytest.mark.parametrize(
    ("raw", "target"),
    [
        (f"lake/{MOVIES}", None),
        ("lake/raw/films", "lake/trusted/films"),
        ("landing/films", None),
        ("landing/films", "lake/trusted/films"),
        ("landing/films", "elsewhere/Trusted/films"),
    ],
)
def test_the_shown_address_leads_to_the_raw_bytes(
    tmp_path: Path, sail_engine: SailEngine, raw: str, target: str | None
) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    Trial(tmp_path, sail_engine).put(f"{raw}/2025/06/17/a.json", [*films(3), NAMELESS])
    inputs = () if raw.startswith("lake/Raw") else (str(tmp_path / raw),)
    place = compose.Place(str(lake), inputs, target and str(tmp_path / target))
    with compose.home(place, engine=sail_engine) as home:
        assert home.to_trusted(compose.Asked(("tmdb_movies",)), Options()).exit_code == 0
    inside = all(str(folder).startswith(str(lake)) for folder in (*inputs, place.target or lake))
    with compose.home(compose.Place(str(lake)) if inside else place) as home:
        (record,) = home.refused()
        assert json.loads(home.raw_bytes(record.address)) == NAMELESS


def test_the_suggested_next_command_works_wherever_the_raw_files_lie(
    tmp_path: Path, sail_engine: SailEngine, capfd: pytest.CaptureFixture[str]
) -> None:
    trial = Trial(tmp_path / "my lake", sail_engine)
    trial.lake.mkdir()
    Trial(tmp_path, sail_engine).put("landing/2025/06/17/a.json", [*films(3), NAMELESS])
    place = compose.Place(str(trial.lake), (str(tmp_path / "landing"),), str(trial.lake / "Trusted/films"))
    with compose.home(place, engine=sail_engine) as home:
        assert home.to_trusted(compose.Asked(("tmdb_movies",)), Options()).exit_code == 0
    called = ["quarantine", *place.options, "--lake", str(trial.lake)]
    for _ in range(2):  # the list, and what it says to type next
        with pytest.raises(SystemExit) as ended:
            main.run(called)
        said = capfd.readouterr().out
        assert ended.value.code == 0
        line = said.splitlines()[-1].removeprefix("next: trustedlake ").partition("    (")[0]
        called = shlex.split(line) if called[1] != "--raw" else called
    assert json.loads(said) == NAMELESS


@pytest.mark.parametrize(
    "more",
    [
        ["--count"],
        ["--by", "day"],
        ["--verdict", "rejected"],
        ["--partition", "2025"],
        ["--reason", "x"],
        ["--limit", "1"],
        ["--json"],
        ["--table", "tmdb_movies"],
        ["--source", "tmdb"],
        ["--entity", "movies"],
    ],
    ids=lambda more: more[0],
)
def test_the_raw_option_cannot_be_combined_with_others(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main.run(["quarantine", "--raw", "Raw/a.json#0", "--lake", str(tmp_path), *more])
    assert ended.value.code == 2
    assert f"--raw and {more[0]} exclude each other" in capsys.readouterr().err


def test_json_has_all_records_unless_a_limit_is_given(
    tmp_path: Path, sail_engine: SailEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    nameless = [film(number, title=None) for number in range(60)]
    trial = Trial(tmp_path, sail_engine)
    trial.put(f"{MOVIES}/2025/06/17/a.json", [*films(3), *nameless])
    trial.put(f"{MOVIES}/2025/06/18/b.json", {"pages": [{"page": 1}]})
    trial.run(max_rejected=1)
    for asked, told in (([], 61), (["--limit", "1"], 1), (["--limit", "7", "--reason", "title"], 7)):
        with pytest.raises(SystemExit):
            main.run(["quarantine", "--json", "--lake", str(tmp_path), *asked])
        assert len(json.loads(capsys.readouterr().out)) == told


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, sail_engine: SailEngine) -> Trial:
    """Two days with two duplicates and a rejected film each, the second with another file; a day that is refused."""
    trial = Trial(tmp_path_factory.mktemp("mixed"), sail_engine)
    for day, more in ((16, []), (17, [film(9, vote_average=99)])):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", [film(1), film(1), film(1, title="Last"), NAMELESS, *more])
    trial.put(f"{MOVIES}/2025/07/01/a.json", b"[")
    trial.run()
    return trial


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ([], ["16#3", "17#3", "17#4", "01#-1", "16#0", "16#1", "17#0", "17#1"]),
        (["--verdict", "duplicate"], ["16#0", "16#1", "17#0", "17#1"]),
        (["--verdict", "rejected", "--limit", "1"], ["16#3"]),
        (["--partition", "2025-06-17"], ["17#3", "17#4", "17#0", "17#1"]),
        (["--partition", "ano=2025/mes=07/"], ["01#-1"]),
        (["--partition", "ano=2025/mes=06/dia=16", "--verdict", "rejected"], ["16#3"]),
        (["--partition", "2025-07-01", "--verdict", "rejected"], []),
        (["--partition", "2025-06-17", "--reason", "vote_average"], ["17#4"]),
    ],
)
def test_rejected_records_come_first_and_filters_apply_to_json_too(
    mixed: Trial, capsys: pytest.CaptureFixture[str], asked: list[str], told: list[str]
) -> None:
    with pytest.raises(SystemExit):
        main.run(["quarantine", "--json", "--lake", str(mixed.lake), *asked])
    found = json.loads(capsys.readouterr().out)
    listed = [f"{one['file_path'][-9:-7]}#{one['record_index']}" for one in found]
    assert sorted(listed) == sorted(told), "engines write the records of a file in any order"
    verdicts = [one["verdict"] == "duplicate" for one in found]
    assert verdicts == sorted(verdicts)


def test_refused_records_are_counted_by_day(mixed: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main.run(["quarantine", "--by", "day", "--json", "--lake", str(mixed.lake)])
    counted = [tuple(one.values())[1:] for one in json.loads(capsys.readouterr().out)]
    days = ["ano=2025/mes=06/dia=16", "ano=2025/mes=06/dia=17", "ano=2025/mes=07/dia=01"]
    assert counted == [(days[0], 1, 2, 0), (days[1], 2, 2, 0), (days[2], 0, 0, 1)]


@pytest.mark.parametrize("name", ["2025-06-18", "-"])
def test_an_unknown_partition_is_an_error(mixed: Trial, capsys: pytest.CaptureFixture[str], name: str) -> None:
    with pytest.raises(SystemExit) as left:
        main.run(["quarantine", "--partition", name, "--lake", str(mixed.lake)])
    assert left.value.code == 1
    assert f"no partition {name!r}" in capsys.readouterr().err


def test_an_unreadable_file_is_always_shown_with_what_to_do_about_it(
    tmp_path: Path, sail_engine: SailEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    trial = Trial(tmp_path, sail_engine)
    trial.put(f"{MOVIES}/2025/06/17/a.json", b"\xff\xfe[\x00")
    run = trial.run()
    (part,) = run.tables[0].partitions
    (told,) = part.problems.values()
    hint = told.partition("; ")[2]
    assert "save the file as UTF-8" in hint
    assert hint in part.message
    run_output.report(run, lake=str(tmp_path), as_json=False)
    run_output.report(run, lake=str(tmp_path), as_json=True)
    with compose.home(compose.Place(str(tmp_path))) as home:
        (record,) = home.refused()
    assert record.raw == told
    again = trial.run()
    assert hint in again.tables[0].partitions[0].message, "also when nothing was read anew"
    assert capsys.readouterr().out.count(hint) >= 3


@pytest.mark.parametrize("name", ["2025-06-18", "nothing"])
def test_a_table_without_partitions_says_how_it_is_named(trial: Trial, name: str) -> None:
    lake = str(trial.lake)
    trial.put(
        "contracts/orders.odcs.yaml",
        contract_file("orders", [column("id", "integer", **KEY)], path="Raw/orders", format="csv"),
    )
    trial.put("Raw/orders/a.csv", "id\n1\nx\n")
    assert command("to-trusted", "--table", "orders", "--lake", lake)[0] == 0
    assert command("quarantine", "--partition", "-", "--lake", lake)[0] == 0
    for asked in (["quarantine", "--partition", name], ["accept", "orders", name, "quarantine", "--why", "x"]):
        code, said = command(*asked, "--lake", lake)
        assert (code, said.rstrip().endswith("there are: -")) == (1, True), said
