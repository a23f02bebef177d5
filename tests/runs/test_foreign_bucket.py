"""A lake in a bucket from somebody else: its ledger and journal cannot lead a command to other objects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.damage import LEDGER
from tests.support.trials import MOVIES, Trial, films, only_table
from trustedlake.app.publishing.checked_keys import StrayError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from trustedlake.adapters.spark.sail_engine import SailEngine

JOURNAL = "_trustedlake/journal/tmdb_movies.json"
DAY = f"{MOVIES}/2025/06/17/filmes_001.json"
STAGED = "_trustedlake/staging/x/tmdb_movies"
HERS = "hers/Trusted/TMDB/Parquet/Movies/ano=2025/mes=06/dia=17/part-00000.parquet"

Change = dict[str, Any]


def published(ledger: Change) -> Change:
    (entry,) = ledger["partitions"].values()
    file: Change = entry["trusted"][0]
    return file


LEDGERS: dict[str, Callable[[Change], object]] = {
    "another lake's file": lambda ledger: published(ledger).update(key=f"../{HERS}"),
    "a raw file above": lambda ledger: next(iter(ledger["partitions"].values()))["raw"][0].update(path="../hers/x"),
}
JOURNALS: dict[str, Change] = {
    "deletes another lake's file": {"deletes": [{"key": f"../{HERS}", "tag": "t"}]},
    "moves over Raw": {
        "moves": [{"source": f"{STAGED}/p", "target": DAY, "size": 4, "sha256": "0" * 64, "replaces": None}]
    },
    "stages above": {"run_id": "../../hers", "staging": "_trustedlake/staging/../../hers/tmdb_movies"},
}


@pytest.fixture
def lake(bucket: str, tmp_path: Path, sail_engine: SailEngine) -> BucketTrial:
    """A published day, and another lake beside it."""
    local = Trial(tmp_path / "lake", sail_engine)
    local.put(DAY, films(2))
    trial = BucketTrial(bucket, "mine/lake", sail_engine)
    trial.put_folder(local.lake)
    assert trial.run(entity="movies").exit_code == 0
    with BucketTrial(bucket, "mine", sail_engine).store() as store:
        store.put(HERS, b"hers")
    return trial


def journal(ledger: Change, change: Change) -> Change:
    return {
        "table": "tmdb_movies",
        "run_id": "x",
        "owner": {"token": "t", "host": "h", "boot": "b", "pid": 1, "started": "s"},
        "since": "2020-01-01T00:00:00Z",
        "deadline": "2020-01-01T00:00:00Z",
        "staging": STAGED,
        "moves": [],
        "deletes": [],
        "ledger_before": None,
        "ledger_after": ledger,
    } | change


def test_no_command_follows_a_ledger_or_journal_to_other_places_in_a_bucket(lake: BucketTrial) -> None:
    with BucketTrial(lake.bucket, "", lake.engine).store() as store:

        def everything() -> Mapping[str, str]:
            return {info.key: info.tag for info in store.list("") if "/runs/" not in info.key}

        def refused_everywhere(name: str, state: str) -> None:
            before = everything()
            report = lake.run(entity="movies")
            assert (report.exit_code, state in only_table(report).message) == (1, True), name
            with pytest.raises(StrayError, match=state):
                lake.audit(fix=True)
            assert everything() == before, name

        true = store.read(f"mine/lake/{LEDGER}")
        for name, change in LEDGERS.items():
            ledger = json.loads(true)
            change(ledger)
            store.put(f"mine/lake/{LEDGER}", json.dumps(ledger).encode())
            refused_everywhere(name, LEDGER)
        store.put(f"mine/lake/{LEDGER}", true)
        for name, lie in JOURNALS.items():
            store.put(f"mine/lake/{JOURNAL}", json.dumps(journal(json.loads(true), lie)).encode())
            refused_everywhere(name, JOURNAL)
        store.delete(f"mine/lake/{JOURNAL}")
    assert lake.audit().exit_code == 0
