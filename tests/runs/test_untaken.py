"""Files in Raw that no table takes are named by each command, until a table takes them or somebody accepts them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

import trustedlake
from tests.support.bucket_trials import BucketTrial
from tests.support.page_parts import parse_page
from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import FIXTURES, MOVIES, IdleEngine, Trial, films
from trustedlake.entrypoints.wiring.lake_query import querying

if TYPE_CHECKING:
    from tests.support.trials import SailEngine

DAY = f"{MOVIES}/2025/06/17/a.json"
STRAY = {
    "Raw/notes.txt": "Raw/notes.txt",
    "Raw/Other/a.csv": "Raw/Other/",
    "Raw/Other/deep/er/b.csv": "Raw/Other/",
    "Raw/TMDB/loose.json": "Raw/TMDB/loose.json",
    "Raw/TMDB/JSON/loose.json": "Raw/TMDB/JSON/loose.json",
    "Raw/Local/loose.csv": "Raw/Local/loose.csv",
}
"""File -> the place that `status` names."""

NEAR = sorted(path for path in STRAY if "/Other/" not in path and "/Local/" not in path)
"""What a run of the films sees: it does not list the folders of other tables, or of nobody."""

SILENT = ("Raw/.DS_Store", "Raw/Other/_SUCCESS", "Raw/TMDB/Thumbs.db", "Raw/_notes/a.txt", f"{MOVIES}/2025/06/17/a.tmp")


def with_strays(trial: Trial) -> Trial:
    """Published films, and files that no table takes."""
    trial.put(DAY, films(2))
    trial.run(entity="movies")
    for path in (*STRAY, *SILENT):
        trial.put(path, "x")
    return trial


def status(lake: object, *arguments: str) -> tuple[int, dict[str, Any]]:
    """What `trustedlake status --check --json` says."""
    code, said = command("status", "--check", "--json", "--lake", str(lake), *arguments)
    return code, json.loads(said)


def test_each_command_names_the_files_that_no_table_takes(trial: Trial) -> None:
    lake = str(with_strays(trial).lake)
    os.utime(trial.lake / "Raw/Other/a.csv", (0, 1_750_000_000))
    code, found = status(lake)
    assert code == 3
    assert {one["path"]: one["files"] for one in found["untaken"]} == {
        place: list(STRAY.values()).count(place) for place in STRAY.values()
    }
    since = {one["path"]: one["since"] for one in found["untaken"]}
    assert since["Raw/Other/"] == "2025-06-15T15:06:40Z"
    screen = command("status", "--lake", lake)[1]
    assert "raw: no table takes 6 file(s)" in screen
    assert "  open: Raw/Other/: since 2025-06-15: 2 file(s)" in screen
    assert f"do: trustedlake contract init --from {lake}/Raw/Other --table NAME writes a contract for them" in screen

    page = parse_page(command("report", "--html", "-", "--lake", lake)[1]).text
    assert "Raw/Other/: 2 file(s) in Raw that no table takes" in page
    assert f"move the file into a folder of its own, such as {lake}/Raw/NAME; trustedlake contract init" in page
    assert f"contract init --from {lake}/Raw/NAME --table NAME" in page
    assert json.loads(command("audit", "--json", "--lake", lake)[1])["untaken_files"] == sorted(STRAY)
    (check,) = [
        one for one in json.loads(command("doctor", "--json", "--lake", lake)[1])["checks"] if one["name"] == "raw"
    ]
    assert (check["state"], "6 file(s) that no table takes" in check["says"]) == ("warning", True)
    with querying(lake) as tables:
        rows = tables.ask("SELECT state, path, table_name FROM _files WHERE state IN ('untaken', 'ignored')").rows
        states = {(state, path): table for state, path, table in rows}
    assert states == {**{("untaken", path): None for path in STRAY}, **{("ignored", path): None for path in SILENT}}


def test_a_run_names_what_lies_in_and_around_its_folders_once(trial: Trial) -> None:
    with_strays(trial)
    before = trial.snapshot()
    run = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert (run.exit_code, list(run.untaken)) == (0, NEAR)
    assert trial.snapshot() == before, "untaken files are not a reason to write"
    code, screen = command("to-trusted", "--source", "tmdb", "--lake", str(trial.lake))
    assert (code, screen.count("that no table takes")) == (0, 1)
    assert f"warning: {len(NEAR)} file(s) in Raw that no table takes: {NEAR[0]}" in screen
    assert command("report", "--lake", str(trial.lake))[1].count("that no table takes") == 1


def test_untaken_files_are_settled_once_taken_ignored_or_removed(trial: Trial) -> None:
    with_strays(trial)
    ident = column("id", "integer", **KEY)
    trial.put("contracts/other.odcs.yaml", contract_file("other", [ident], path="Raw/Other", format="csv"))
    names = {one["path"] for one in status(trial.lake)[1]["untaken"]}
    assert names == {*STRAY.values()} - {"Raw/Other/"}
    for path in STRAY:
        if "Other" not in path:
            (trial.lake / path).rename((trial.lake / path).with_name("_" + path.rpartition("/")[2]))
    assert status(trial.lake)[1]["untaken"] == []


@pytest.mark.parametrize("path", ["Raw/orders.json", "Raw/TMDB/my orders.json", f"{MOVIES}/orders #1.json"])
def test_what_is_said_of_a_single_file_makes_it_a_table(trial: Trial, path: str) -> None:
    with_strays(trial)
    trial.put(path, [{"order": f"o{number}", "paid": number} for number in range(20)])
    lake, folder = str(trial.lake), trial.lake / "Raw/orders"
    screen = command("status", "--lake", lake)[1]
    told = screen[screen.index(f"open: {path}: ") :].split("do: ")[1]
    assert f"into a folder of its own, such as {lake}/Raw/NAME; trustedlake contract init --from" in told
    folder.mkdir()
    (trial.lake / path).rename(folder / "orders.json")
    contract = trial.lake / "contracts/orders.odcs.yaml"
    assert command("contract", "init", "--from", str(folder), "--table", "orders", "-o", str(contract))[0] == 0
    assert command("to-trusted", "--table", "orders", "--lake", lake)[0] == 0
    assert {one["path"] for one in status(lake)[1]["untaken"]} == {*STRAY.values()}


def test_a_file_without_a_day_hides_nothing_else(trial: Trial) -> None:
    with_strays(trial)
    stray, new = f"{MOVIES}/loose.json", f"{MOVIES}/2025/06/18/a.json"
    trial.put(stray, "x")
    lake = str(trial.lake)
    fails = "it is in a folder of tmdb_movies, but in none of its partitions, so each run of that table fails"
    screen = command("status", "--lake", lake)[1]
    assert f"do: {fails}; move it into a partition's folder; or move the file into a folder of its own" in screen
    code, said = command("accept", "-", "-", "untaken-files", "--why", "x", "--lake", lake)
    assert (code, f"still open: {stray}: 1 file(s) that no table takes: {fails}" in said) == (0, True), said
    code, said = command("accept", "-", stray, "untaken-files", "--why", "x", "--lake", lake)
    assert (code, f"can't accept {stray}: {fails}" in said) == (1, True), said
    code, found = status(lake)
    assert (code, [one["path"] for one in found["untaken"] if not one["why"]]) == (3, [stray])
    trial.put(new, films(2))
    os.utime(trial.lake / new, (0, 1_750_000_000))
    code, found = status(lake)
    (table,) = found["tables"]
    assert (code, table["overdue"], table["vanished"]) == (3, [new], [])
    assert json.loads(command("audit", "--json", "--lake", lake)[1])["tables"][0]["pending"] == [new]
    with querying(lake) as tables:
        assert [*tables.ask("SELECT path FROM _files WHERE state = 'pending'").rows] == [(new,)]
    (trial.lake / DAY).unlink()
    code, found = status(lake)
    assert (code, found["tables"][0]["vanished"]) == (3, [DAY])
    run = trial.run(entity="movies")
    assert (run.exit_code, "don't match its path" in run.tables[0].message) == (1, True)


def test_very_many_places_are_counted(trial: Trial) -> None:
    with_strays(trial)
    for number in range(40):
        trial.put(f"Raw/TMDB/{number:03d}.json", "x")
    lake = str(trial.lake)
    page, screen = command("report", "--html", "-", "--lake", lake)[1], command("status", "--lake", lake)[1]
    rest = "35 more place(s) with files in Raw that no table takes (trustedlake status --json)"
    accepts = f"trustedlake accept - - untaken-files --why ... --lake {lake}"
    assert f"  and {rest}\n    do: {accepts} accepts them all" in screen
    assert rest in parse_page(page).text
    assert f"{accepts} accepts them all" in parse_page(page).text
    assert (screen.count("untaken-files"), page.count(" untaken-files --why")) == (4, 22), "page: in each language"


def test_an_accepted_place_is_silent_in_each_command_and_another_one_is_not(trial: Trial) -> None:
    lake = str(with_strays(trial).lake)

    def accept(*arguments: str) -> tuple[int, str]:
        return command("accept", *arguments, "--why", "notes", "--lake", lake)

    assert accept("-", "Raw/Nothing", "untaken-files")[0] == 1
    assert accept("-", "-", "lost")[0] == accept("tmdb_movies", "-", "untaken-files")[0] == 2
    code, said = accept("-", "Raw/TMDB", "untaken-files")
    assert (code, said.count("accepted: ")) == (0, 2), said
    assert {one["path"] for one in status(lake)[1]["untaken"] if one["why"]} == {
        "Raw/TMDB/loose.json",
        "Raw/TMDB/JSON/loose.json",
    }
    assert accept("-", "-", "untaken-files")[0] == 0
    assert "is not open" in accept("-", "-", "untaken-files")[1]
    trial.put("Raw/Other/later.csv", "it was accepted with its folder")
    idle = Trial(trial.lake, IdleEngine())
    assert (status(lake)[0], idle.run(entity="movies").untaken) == (0, ())
    assert "no table takes" not in command("status", "--lake", lake)[1]
    assert "no table takes" not in command("doctor", "--lake", lake)[1]
    assert "Nothing is open" in parse_page(command("report", "--html", "-", "--lake", lake)[1]).text
    trial.put("Raw/new.txt", "another file is another matter")
    assert (status(lake)[0], idle.run(entity="movies").untaken) == (3, ("Raw/new.txt",))
    (trial.lake / "_trustedlake/untaken.json").write_text("{")
    assert len(status(lake)[1]["untaken"]) == len({*STRAY.values()}) + 1, "all of them again"
    code, said = accept("-", "-", "untaken-files")
    assert (code, "untaken.json is damaged" in said) == (1, True)


def test_status_of_one_table_looks_only_at_its_own_folders(trial: Trial) -> None:
    with_strays(trial)
    code, found = status(trial.lake, "--table", "tmdb_movies")
    assert (code, [one["path"] for one in found["untaken"]]) == (3, ["Raw/TMDB/JSON/loose.json"])
    assert status(trial.lake, "--table", "local_movies")[1]["untaken"] == []
    audited = json.loads(command("audit", "--json", "--table", "tmdb_movies", "--lake", str(trial.lake))[1])
    assert audited["untaken_files"] == ["Raw/TMDB/JSON/loose.json"]


def test_what_trustedlake_itself_writes_is_never_named(trial: Trial) -> None:
    for file in (FIXTURES / "lake").rglob("*.*"):
        if file.is_file():
            trial.put(file.relative_to(FIXTURES / "lake").as_posix(), file.read_bytes())
    reports = [trial.run(source) for source in ("tmdb", "csv")]
    assert [run.untaken for run in reports] == [(), ()]
    assert trustedlake.status(trial.lake).untaken == ()


def test_a_table_published_from_other_folders_takes_its_files_there(trial: Trial) -> None:
    trial.put("Raw/Films/2025/06/17/a.json", films(2))
    trial.run(entity="movies", inputs=("Raw/Films",), target="Trusted/films")
    trial.put("Raw/Films/notes.txt", "x")
    assert [one.path for one in trustedlake.status(trial.lake).untaken] == ["Raw/Films/notes.txt"]


@pytest.mark.rest
def test_the_same_files_are_named_in_a_bucket(any_bucket: str, sail_engine: SailEngine) -> None:
    remote = BucketTrial(any_bucket, "a lake", sail_engine)
    with remote.store() as store:
        store.put(DAY, json.dumps(films(2)).encode())
        for path in (*STRAY, *SILENT):
            store.put(path, b"x")
    assert remote.run(entity="movies").untaken == tuple(f"{remote.lake}/{path}" for path in NEAR)
    found = trustedlake.status(remote.lake)
    assert {one.path for one in found.untaken} == {f"{remote.lake}/{place}" for place in STRAY.values()}
    assert all(one.since for one in found.untaken)
    assert remote.audit().untaken_files == tuple(sorted(f"{remote.lake}/{path}" for path in STRAY))
    screen = command("status", "--lake", remote.lake)[1]
    assert "do: copy them to this machine, then trustedlake contract init --from" in screen
    for place, left in ((f"{remote.lake}/Raw/Other/", 4), ("-", 0)):
        assert command("accept", "-", place, "untaken-files", "--why", "x", "--lake", remote.lake)[0] == 0
        assert len(trustedlake.status(remote.lake).open_places) == left
    assert remote.run(entity="movies").untaken == ()
