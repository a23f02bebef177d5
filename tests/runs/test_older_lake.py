"""A lake of the previous version: nothing is judged again because of the upgrade, and new days are added."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import older_lake
from tests.support.damage import audit, found
from tests.support.trials import MOVIES, IdleEngine, Trial, films, ids, only_table, statuses

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

LOCAL = "Trusted/Local/Parquet/Movies"


@pytest.fixture
def old(tmp_path: Path, sail_engine: SailEngine) -> Trial:
    """Two days of films and a CSV, as version 1 of both contracts published them; its ledgers know no fingerprint."""
    shutil.copytree(Path(older_lake.__file__).parent, tmp_path / "lake", ignore=shutil.ignore_patterns("*.py*", "__*"))
    return Trial(tmp_path / "lake", sail_engine)


@pytest.mark.parametrize("source", ["tmdb", "csv"])
def test_a_rerun_finds_an_older_lake_unchanged_and_starts_no_engine(old: Trial, source: str) -> None:
    before = old.snapshot()
    report = Trial(old.lake, IdleEngine()).run(source, "movies")
    assert report.exit_code == 0
    assert {str(part.status) for part in only_table(report).partitions} == {"unchanged"}
    assert old.snapshot() == before


def test_the_audit_of_an_older_lake_is_clean(old: Trial) -> None:
    assert found(audit(old)) == []


def test_a_new_day_is_added_and_the_old_ones_stay(old: Trial) -> None:
    before = old.snapshot()
    old.put(f"{MOVIES}/2025/06/18/a.json", films(2, start=10))
    report = old.run(entity="movies")
    assert statuses(report) == {"dia=16": "unchanged", "dia=17": "unchanged", "dia=18": "published"}
    assert ids(old) == [1, 3, 4, 10, 11]
    after = old.snapshot()
    assert {path: after[path] for path in before if "/ledger/" not in path} == {
        path: data for path, data in before.items() if "/ledger/" not in path
    }
    assert found(audit(old)) == []
    again = Trial(old.lake, IdleEngine()).run(entity="movies")
    assert {str(part.status) for part in only_table(again).partitions} == {"unchanged"}


def test_films_in_a_folder_without_the_entity_join_an_existing_day(old: Trial) -> None:
    old.put("Raw/TMDB/JSON/2025/06/17/b.json", films(1, start=20))
    assert statuses(old.run(entity="movies")) == {"dia=16": "unchanged", "dia=17": "published"}
    assert ids(old) == [1, 3, 4, 20]
    assert found(audit(old)) == []


def test_a_changed_file_of_an_old_day_replaces_its_rows(old: Trial) -> None:
    old.put(f"{MOVIES}/2025/06/17/a.json", films(2, start=4))
    assert statuses(old.run(entity="movies")) == {"dia=16": "unchanged", "dia=17": "published"}
    assert ids(old) == [1, 3, 4, 5]


def test_a_full_refresh_gives_the_same_rows(old: Trial) -> None:
    before = {folder: old.rows(folder) for folder in ("Trusted/TMDB/Parquet/Movies", LOCAL)}
    for source in ("tmdb", "csv"):
        assert old.run(source, "movies", full_refresh=True).exit_code == 0
    assert {folder: old.rows(folder) for folder in before} == before
    assert found(audit(old)) == []
