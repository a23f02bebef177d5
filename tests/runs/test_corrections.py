"""A wrong record is found, corrected by one more file, and then closed; a correction that loses is reported."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from tests.support.screens import command
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import MOVIES, Trial, film, films, only_table
from trustedlake.core.advice import what_settles
from trustedlake.core.shared_points import shared_warnings
from trustedlake.models.ledger import Warned
from trustedlake.models.status import LakeStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.support.trials import SailEngine

DAY = f"{MOVIES}/2025/06/17"
NAME = "ano=2025/mes=06/dia=17"


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    return Trial(tmp_path / "lake", sail_engine)


def open_of(trial: Trial) -> dict[str, Warned]:
    """The open warnings of the day, by id."""
    (table,) = LakeStatus.model_validate_json(command("status", "--json", "--lake", str(trial.lake))[1]).tables
    return {one.id: one for one in table.warnings.get(NAME, ())}


def test_a_correction_that_sorts_first_loses_and_is_reported_until_it_wins(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(3))
    trial.run(entity="movies")
    fix = trial.put(f"{DAY}/a fix.json", [film(2, title="Right", popularity=9.5), film(1), film(9)])
    (told,) = [one for one in only_table(trial.run(entity="movies")).warnings if "came later" in one]
    assert f"1 record(s) of {DAY}/a fix.json, which came later, lost to" in told
    assert f"{DAY}/a fix.json#0 to {DAY}/filmes_001.json#1 (title, popularity)" in told
    warned = open_of(trial)["overruled-a fix.json"]
    assert warned.path == f"{DAY}/a fix.json"
    screen = command("status", "--lake", str(trial.lake))[1]
    assert "do: copy the correcting file to a name that sorts after the other's" in screen
    assert f"accept tmdb_movies {NAME} 'overruled-a fix.json' --why" in screen

    trial.put(f"{DAY}/b.json", [film(7)])
    trial.run(entity="movies")
    again = open_of(trial)["overruled-a fix.json"]
    assert again == warned, "the day was judged again, for another file: it is open since then, still"

    fix.with_name("zz_fix.json").write_bytes(fix.read_bytes())
    assert trial.run(entity="movies").exit_code == 0, "what the advice says must not fail the next run"
    assert "Right" in {row["title"] for row in trial.rows()}
    assert "overruled-a fix.json" not in open_of(trial)


def test_repeated_records_are_no_correction(trial: Trial) -> None:
    trial.put(f"{DAY}/b.json", films(3))
    trial.run(entity="movies")
    trial.put(f"{DAY}/a.json", films(3))
    assert only_table(trial.run(entity="movies")).counts.duplicates == 3
    assert open_of(trial) == {}


def test_corrected_values_leave_no_open_warning_about_their_type(trial: Trial) -> None:
    trial.put(f"{DAY}/a.json", [film(1), film(2), film(3, vote_count="many"), film(4)])
    trial.run(entity="movies")
    assert set(open_of(trial)) == {"type-vote_count", "quarantine"}
    trial.put(f"{DAY}/zz_fix_001.json", [film(3, vote_count=7)])
    trial.run(entity="movies")
    assert open_of(trial) == {}
    assert command("status", "--check", "--lake", str(trial.lake))[0] == 0


def test_a_record_without_its_wrapper_corrects_a_wrapped_record(tmp_path: Path) -> None:
    page = {"data": {"items": [{"id": n, "customer": f"c{n}", "minutes": n + 1} for n in range(1, 30)]}}
    folder = tmp_path / "lake/Raw/visits/2026/03/01"
    folder.mkdir(parents=True)
    (folder / "page1.json").write_text(json.dumps(page).replace('"minutes": 3}', '"minutes": "x3"}'))
    lake, draft = str(tmp_path / "lake"), tmp_path / "lake/contracts/visits.odcs.yaml"
    draft.parent.mkdir()
    init = ["contract", "init", "--from", f"{lake}/Raw/visits", "--table", "visits", "--lake", lake, "-o", str(draft)]
    assert command(*init)[0] == 0
    lines = draft.read_text().splitlines()
    (at,) = [n for n, line in enumerate(lines) if "name: minutes" in line]
    lines[at] = "      - {name: minutes, logicalType: integer}"
    draft.write_text("\n".join(lines) + "\n")
    assert command("to-trusted", "--table", "visits", "--lake", lake)[0] == 0
    alone = command("quarantine", "--raw", "Raw/visits/2026/03/01/page1.json#1", "--lake", lake)[1]
    (folder / "zz_fix_001.json").write_text(alone.replace('"x3"', "3"))
    assert command("to-trusted", "--table", "visits", "--lake", lake)[0] == 0
    assert command("status", "--check", "--lake", lake)[0] == 0


SHOP = "Raw/Shop/2025/06/17"
HEADER = "item|shop|price|note"


class CsvCase(NamedTuple):
    """A file with a record that is rejected, its correction, and the address that the correction has."""

    wrong: bytes | str
    right: bytes | str
    rejected: int = 2
    by: int = 2
    key: Sequence[str] = ("item",)
    raw: Mapping[str, Any] = {}
    corrected: bool = True


CSV_CASES = {
    "a value of another type": CsvCase(f"{HEADER}\n7|a|dear|x\n", f"{HEADER}\n7|a|3|x\n"),
    "the columns in another order": CsvCase("price|note|shop|item\ndear|x|a|7\n", f"{HEADER}\n7|a|3|x\n"),
    "a delimiter too many, behind the key": CsvCase(f"{HEADER}\n7|a|3|x|y\n", f"{HEADER}\n7|a|3|x y\n"),
    "a line that breaks off": CsvCase(f"{HEADER}\n8|b|4|z\n7|a\n", f"{HEADER}\n7|a|3|x\n", rejected=3),
    "a key that may be cut": CsvCase(f"{HEADER}\n8|b|4|z\n7", f"{HEADER}\n7|a|3|x\n", rejected=3, corrected=False),
    "a delimiter too many, before the key": CsvCase(
        "shop|item|price|note\na|b|7|3|x\n", f"{HEADER}\n7|a|3|x\n", corrected=False
    ),
    "a key of two columns": CsvCase(f"{HEADER}\n7|a|dear|x\n", f"{HEADER}\n7|a|3|x\n7|b|4|z\n", key=("item", "shop")),
    "a key of two columns, with a delimiter too many": CsvCase(
        f"{HEADER}\n7|a|3|x|y\n", f"{HEADER}\n7|b|3|x\n7|a|3|x\n", by=3, key=("item", "shop")
    ),
    "another spelling of the key": CsvCase(f"{HEADER}\n007|a|dear|x\n", f"{HEADER}\n7|a|3|x\n"),
    "quotes around a line end": CsvCase(
        'item;shop;price;note\n7;a;dear;"x\ny"\n',
        "item;shop;price;note\n7;a;3;x\n",
        raw={"delimiter": ";", "quote": '"'},
    ),
    "no header": CsvCase("7|a|dear|x\n", "7|a|3|x\n", rejected=1, by=1, raw={"header": False}),
    "another encoding": CsvCase(
        f"{HEADER}\n7|é|dear|x\n".encode("cp1252"),
        f"{HEADER}\n7|é|3|x\n".encode("cp1252"),
        key=("shop",),
        raw={"encoding": "cp1252"},
    ),
}


def shop_contract(case: CsvCase) -> bytes:
    columns = [("item", "integer"), ("shop", "string"), ("price", "integer"), ("note", "string")]
    keys = {name: {**KEY, "primaryKeyPosition": n + 1} for n, name in enumerate(case.key)}
    return contract_file(
        "shop",
        [column(name, type_, **keys.get(name, {})) for name, type_ in columns],
        path="Raw/Shop/{ano:04d}/{mes:02d}/{dia:02d}",
        files=["*.csv"],
        format="csv",
        **{"delimiter": "|", **case.raw},
    )


@pytest.mark.parametrize("same_day", [True, False])
@pytest.mark.parametrize("name", CSV_CASES)
def test_report_quarantine_and_query_name_the_correction_of_a_line(trial: Trial, name: str, same_day: bool) -> None:
    case = CSV_CASES[name]
    trial.put("contracts/shop.odcs.yaml", shop_contract(case))
    trial.put(f"{SHOP}/a.csv", case.wrong)
    trial.run(table="shop", max_rejected=1.0)
    day = SHOP if same_day else SHOP.replace("17", "18")
    trial.put(f"{day}/zz_fix.csv", case.right)
    report = only_table(trial.run(table="shop", max_rejected=1.0))
    rejected, by = f"{SHOP}/a.csv#{case.rejected}", f"{day}/zz_fix.csv#{case.by}" if case.corrected else None
    lake = str(trial.lake)
    listed = json.loads(command("quarantine", "--table", "shop", "--verdict", "rejected", "--json", "--lake", lake)[1])
    assert [(f"{one['file_path']}#{one['record_index']}", one["corrected_by"]) for one in listed] == [(rejected, by)]
    sql = "SELECT record_index, reasons, corrected_by FROM _quarantine WHERE verdict = 'rejected'"
    (row,) = json.loads(command("query", sql, "--format", "json", "--lake", lake)[1])
    assert (row["record_index"], row["corrected_by"]) == (case.rejected, by)
    if same_day:
        told = [part.corrected for part in report.partitions]
        assert told == [{rejected: by} if by else {}]
        assert ("quarantine" in open_of(trial)) is not case.corrected


def test_a_csv_correction_that_sorts_first_loses_and_its_lost_values_are_reported(trial: Trial) -> None:
    case = CSV_CASES["the columns in another order"]
    trial.put("contracts/shop.odcs.yaml", shop_contract(case))
    trial.put(f"{SHOP}/b.csv", "price|shop|item|note\n3|a|7|x\n4|b|8|\n")
    trial.run(table="shop")
    trial.put(f"{SHOP}/a.csv", f"{HEADER}\n7|a|5|x\n8|b|4|known\n")
    table = only_table(trial.run(table="shop"))
    lost, overruled = (one for one in table.warnings if "came later" in one or "lacks" in one)
    assert lost == "1 duplicate(s) had values that the kept record lacks: note (1)"
    assert f"{SHOP}/a.csv#2 to {SHOP}/b.csv#2 (price)" in overruled


def corrected_by(trial: Trial) -> dict[str, str | None]:
    """Address of each rejected record -> what `_quarantine` says; `quarantine` says the same."""
    lake = ("--lake", str(trial.lake))
    sql = "SELECT file_path || '#' || record_index AS one, corrected_by FROM _quarantine WHERE verdict = 'rejected'"
    found = {row["one"]: row["corrected_by"] for row in json.loads(command("query", sql, "--format", "json", *lake)[1])}
    listed = json.loads(command("quarantine", "--verdict", "rejected", "--json", *lake)[1])
    assert {f"{one['file_path']}#{one['record_index']}": one["corrected_by"] for one in listed} == found
    return found


@pytest.mark.parametrize("same_day", [True, False])
def test_the_first_record_that_corrected_another_is_named_not_the_latest(trial: Trial, *, same_day: bool) -> None:
    trial.put(f"{DAY}/a.json", [film(1), film(2, vote_average=99)])
    fix = f"{DAY}/zz_fix.json" if same_day else f"{MOVIES}/2025/06/18/a.json"
    trial.put(fix, [film(2)])
    for day in (19, 20):
        trial.put(f"{MOVIES}/2025/06/{day}/a.json", films(3))
    trial.run(entity="movies")
    assert corrected_by(trial) == {f"{DAY}/a.json#1": f"{fix}#0"}


def test_a_correction_that_is_rejected_too_is_told(trial: Trial) -> None:
    """It was only counted: nothing said that the record of the day before yesterday had been sent again."""
    trial.put(f"{DAY}/a.json", [film(1), film(2, vote_average=99), film(3, vote_count="x"), film(3, vote_count="y")])
    trial.run(entity="movies", max_rejected=1)
    assert "has the key of" not in open_of(trial)["quarantine"].message
    trial.put(f"{DAY}/zz_fix.json", [film(9), film(2, vote_average=98)])
    table = only_table(trial.run(entity="movies", max_rejected=1))
    again = f"{DAY}/zz_fix.json#1 has the key of {DAY}/a.json#1"
    assert f"1 rejected record(s) correct nothing: {again}" in table.notes
    assert open_of(trial)["quarantine"].message.endswith(f"; 1 of them came again and were rejected again: {again}")
    assert f"rejected again: {again}" in command("status", "--lake", str(trial.lake))[1]
    trial.put(f"{DAY}/zz_fix_2.json", [film(2, vote_average=9.8)])
    table = only_table(trial.run(entity="movies", max_rejected=1))
    assert "has the key of" not in " ".join((*table.notes, open_of(trial)["quarantine"].message))


@pytest.mark.parametrize("extension", ["json", "jsonl.gz", "csv"])
def test_the_advice_about_a_correction_that_lost_names_a_file_of_the_same_format(extension: str) -> None:
    warned = Warned(id="overruled-a", since=datetime(2025, 6, 17, tzinfo=UTC), message="", path=f"Raw/a.v2.{extension}")
    (shared,) = shared_warnings({NAME: [warned]})
    assert f"such as zz_fix.{extension}, and run again" in what_settles("shop", shared, "lake")
