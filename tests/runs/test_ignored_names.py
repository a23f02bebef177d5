"""Files that are never data, in Raw, Trusted and Quarantine, in a folder and in a bucket: ignored and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import trustedlake
from tests.support.bucket_trials import BucketTrial
from tests.support.damage import audit, found
from tests.support.table_contracts import KEY, column, contract_file
from tests.support.trials import MOVIES, IdleEngine, Trial, film, only_table
from trustedlake.entrypoints.cli.main import main
from trustedlake.entrypoints.wiring.lake_query import querying

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

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
    trial = BucketTrial(any_bucket, "_lake.bak", sail_engine)  # folders above the zones do not count
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


def published_backup(trial: Trial, *, alone: bool) -> str:
    """Publish a file whose name is ignored now: an older version read it. Return its path."""
    folder = f"{MOVIES}/2025/06/18" if alone else DAY
    trial.put(f"{DAY}/filmes.json", [film(1, title="Right")])
    backup = trial.put(f"{folder}/g.json", OLD)
    trial.run(entity="movies")
    backup.rename(backup.with_name("g.json~"))
    ledger = trial.lake / "_trustedlake/ledger/tmdb_movies.json"
    ledger.write_text(ledger.read_text().replace("g.json", "g.json~"))
    return f"{folder}/g.json~"


@pytest.mark.parametrize("alone", [True, False])
def test_a_published_file_whose_name_is_ignored_now_counts_as_gone(trial: Trial, *, alone: bool) -> None:
    """Its rows stayed for ever if it was alone in its partition, and else they went without a question."""
    backup = published_backup(trial, alone=alone)
    rows = trial.rows()
    assert [one.vanished for one in trustedlake.status(trial.lake).tables] == [(backup,)]
    report = trial.run(entity="movies")
    assert report.exit_code == 1
    assert f"vanished since they were published: {backup} (its name is ignored now)" in only_table(report).message
    assert trial.rows() == rows
    report = trial.run(entity="movies", vanished="keep")
    assert (report.exit_code, only_table(report).kept, trial.rows()) == (0, (backup,), rows)
    assert [one.vanished for one in trustedlake.status(trial.lake).tables] == [()]
    with querying(str(trial.lake)) as tables:
        assert list(tables.ask("SELECT state FROM _files WHERE path LIKE '%~'").rows) == [("gone",)]
    report = trial.run(entity="movies", vanished="drop")
    assert (report.exit_code, only_table(report).dropped) == (0, (backup,))
    assert [row["title"] for row in trial.rows()] == ["Right"]


def test_a_file_that_the_contract_ignores_now_counts_as_gone(trial: Trial) -> None:
    def put_contract(*ignore: str) -> None:
        columns = [column("id", "integer", **KEY)]
        shop = contract_file("shop", columns, path="Raw/shop/{dia}", format="json", ignore=list(ignore))
        trial.put("contracts/shop.odcs.yaml", shop)

    put_contract()
    trial.put("Raw/shop/1/a.json", [{"id": 1}])
    trial.put("Raw/shop/2/old.json", [{"id": 2}])
    trial.run(table="shop")
    put_contract("old*")
    assert "Raw/shop/2/old.json (its name is ignored now)" in only_table(trial.run(table="shop")).message
    assert trial.run(table="shop", vanished="drop").exit_code == 0
    assert [row["id"] for row in trial.rows("Trusted/shop")] == [1]
