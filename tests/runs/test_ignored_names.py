"""Files that are never data, in Raw, Trusted and Quarantine, in a folder and in a bucket: ignored and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.bucket_trials import BucketTrial
from tests.support.damage import audit, found
from tests.support.trials import MOVIES, IdleEngine, Trial, film, only_table
from trustedlake.entrypoints.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from trustedlake.adapters.sail import SailEngine

DAY = f"{MOVIES}/2025/06/17"
IN_RAW = [
    f"{DAY}/#filmes.json#",
    f"{DAY}/filmes.json.bak",
    f"{DAY}/filmes.json~",
    f"{MOVIES}/2025/06/17_$folder$",
    f"{MOVIES}/desktop.ini",
]
IN_ZONES = [
    f"{zone}/TMDB/Parquet/Movies/{name}"
    for zone in ("Quarantine", "Trusted")
    for name in ("Thumbs.db", "ano=2025/mes=06_$folder$")
]
OLD = '[{"movie_id": 1, "title": "Wrong", "vote_count": 1}]'


def test_ignored_files_change_nothing_in_a_folder(trial: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    trial.put(f"{DAY}/filmes.json", [film(1, title="Right"), film(2, title="")])
    for path in IN_RAW:
        trial.put(path, OLD)
    report = trial.run(entity="movies")
    assert (report.exit_code, only_table(report).ignored) == (0, tuple(sorted(IN_RAW)))
    assert [(row["title"], row["file_path"]) for row in trial.rows()] == [("Right", f"{DAY}/filmes.json")]
    for path in IN_ZONES:
        trial.put(path, "" if path.endswith("$") else "no rows")
    again = Trial(trial.lake, IdleEngine()).run(entity="movies")
    assert (again.exit_code, only_table(again).status) == (0, "unchanged")
    assert sorted(only_table(again).ignored) == sorted([*IN_RAW, *IN_ZONES])
    assert found(audit(trial)) == []
    main(["report", "--lake", str(trial.lake)], standalone_mode=False)
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ignored by name")]
    assert line.startswith("ignored by name: 9 file(s): ")
    assert line.endswith(" and 6 more")


def test_ignored_files_change_nothing_in_a_bucket(any_bucket: str, sail_engine: SailEngine, tmp_path: Path) -> None:
    trial = BucketTrial(any_bucket, "_lake.bak", sail_engine)  # what lies above the zones does not count
    local = Trial(tmp_path, sail_engine)
    local.put(f"{DAY}/filmes.json", [film(1, title="Right"), film(2, title="")])
    trial.put_folder(tmp_path)
    assert trial.run(entity="movies").exit_code == 0
    with trial.store() as store:
        for path in (*IN_RAW, *IN_ZONES):
            store.put(path, b"" if path.endswith("$") else OLD.encode())
        store._client.put_object(Bucket=any_bucket, Key=f"{store._root}{DAY}/made-by-a-console/", Body=b"x")
    again = BucketTrial(any_bucket, trial.prefix, IdleEngine()).run(entity="movies")
    assert (again.exit_code, only_table(again).status) == (0, "unchanged")
    assert len(only_table(again).ignored) == len(IN_RAW) + len(IN_ZONES) + 1
    assert trial.audit().exit_code == 0


def test_the_rows_of_a_backup_that_an_older_version_read_are_removed(trial: Trial) -> None:
    """Older ledgers list the backup as a raw file; it did not vanish, so the run doesn't ask about it."""
    trial.put(f"{DAY}/filmes.json", [film(1, title="Right")])
    backup = trial.put(f"{DAY}/g.json", OLD)
    trial.run(entity="movies")
    backup.rename(backup.with_name("g.json~"))
    ledger = trial.lake / "_trustedlake/ledger/tmdb_movies.json"
    ledger.write_text(ledger.read_text().replace("g.json", "g.json~"))
    assert [row["title"] for row in trial.rows()] == ["Wrong"]
    report = trial.run(entity="movies")
    assert (report.exit_code, only_table(report).dropped) == (0, ())
    assert [row["title"] for row in trial.rows()] == ["Right"]
