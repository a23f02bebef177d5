"""A wrong record is found, corrected by one more file, and seen to be settled; a correction that loses is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.screens import command
from tests.support.trials import MOVIES, Trial, film, films, only_table
from trustedlake.models.status import LakeStatus

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.trials import SailEngine
    from trustedlake.models.ledger import Warned

DAY = f"{MOVIES}/2025/06/17"
NAME = "ano=2025/mes=06/dia=17"


@pytest.fixture
def trial(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    return Trial(tmp_path / "lake", sail_engine)


def open_of(trial: Trial) -> dict[str, Warned]:
    """The open warnings of the day, by id."""
    (table,) = LakeStatus.model_validate_json(command("status", "--json", "--lake", str(trial.lake))[1]).tables
    return {one.id: one for one in table.warnings.get(NAME, ())}


def test_a_correction_that_sorts_before_loses_and_is_told_until_it_wins(trial: Trial) -> None:
    trial.put(f"{DAY}/filmes_001.json", films(3))
    trial.run(entity="movies")
    fix = trial.put(f"{DAY}/a fix.json", [film(2, title="Right", popularity=9.5), film(1), film(9)])
    (told,) = [one for one in only_table(trial.run(entity="movies")).warnings if "came later" in one]
    assert f"1 record(s) of {DAY}/a fix.json, which came later, lost to" in told
    assert f"{DAY}/a fix.json#0 to {DAY}/filmes_001.json#1 (title, popularity)" in told
    warned = open_of(trial)["overruled-a fix.json"]
    assert warned.path == f"{DAY}/a fix.json"
    screen = command("status", "--lake", str(trial.lake))[1]
    assert "do: give the correcting file a name that sorts after the other's" in screen
    assert f"accept tmdb_movies {NAME} 'overruled-a fix.json' --why" in screen

    trial.put(f"{DAY}/b.json", [film(7)])
    trial.run(entity="movies")
    again = open_of(trial)["overruled-a fix.json"]
    assert again == warned, "the day was judged again, for another file: it is open since then, still"

    fix.rename(fix.with_name("zz_fix.json"))
    trial.run(entity="movies", vanished="drop")
    assert "Right" in {row["title"] for row in trial.rows()}
    assert "overruled-a fix.json" not in open_of(trial)


def test_the_same_records_again_are_no_correction(trial: Trial) -> None:
    trial.put(f"{DAY}/b.json", films(3))
    trial.run(entity="movies")
    trial.put(f"{DAY}/a.json", films(3))
    assert only_table(trial.run(entity="movies")).counts.duplicates == 3
    assert open_of(trial) == {}


def test_wrong_values_that_were_corrected_are_no_open_warning_of_their_type(trial: Trial) -> None:
    trial.put(f"{DAY}/a.json", [film(1), film(2), film(3, vote_count="many"), film(4)])
    trial.run(entity="movies")
    assert set(open_of(trial)) == {"type-vote_count", "quarantine"}
    trial.put(f"{DAY}/zz_fix_001.json", [film(3, vote_count=7)])
    trial.run(entity="movies")
    assert open_of(trial) == {}
    assert command("status", "--check", "--lake", str(trial.lake))[0] == 0


def test_a_record_without_its_wrapper_corrects_one_of_a_drafted_table(tmp_path: Path) -> None:
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
