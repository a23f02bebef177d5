"""Four commands update one lake in a bucket at once: it balances, and the losers say so."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_trials import BucketTrial
from tests.support.trials import MOVIES, films

if TYPE_CHECKING:
    from trustedlake.adapters.spark.sail_engine import SailEngine

COMMAND = str(Path(sys.executable).parent / "trustedlake")
WRITERS = 4
FILES = {
    f"{MOVIES}/2025/06/16/filmes_001.json": [*films(30), {"id": 31, "title": " "}, *films(1)],
    f"{MOVIES}/2025/06/17/filmes_001.json": films(20),
}


def start(lake: str) -> subprocess.Popen[str]:
    command = [COMMAND, "to-trusted", "--source", "tmdb", "--engine", "sail", "--json", "--lake", lake]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_four_concurrent_writers_leave_a_bucket_in_balance(
    rounds: int, minio_bucket: str, sail_engine: SailEngine
) -> None:
    ended: Counter[str] = Counter()
    for number in range(rounds):
        trial = BucketTrial(minio_bucket, f"lake-{number}", sail_engine)
        with trial.store() as store:
            for key, records in FILES.items():
                store.put(key, json.dumps(records).encode())
        for writer in [start(trial.lake) for _ in range(WRITERS)]:
            said, complained = writer.communicate(timeout=120)
            assert writer.returncode in {0, 4}, complained
            (table,) = json.loads(said)["tables"]
            ended[table["status"]] += 1
            assert table["status"] == "failed" or table["counts"]["trusted"] == 50
        after = trial.run(entity="movies")
        assert (after.tables[0].status, after.tables[0].counts.framed) == ("unchanged", 52)
        assert trial.audit().exit_code == 0
        assert not [key for key in trial.snapshot() if "/staging/" in key or "/journal/" in key]
    assert ended["published"] >= rounds
    print(f"{WRITERS} at once, {rounds} times: {dict(ended)}")  # noqa: T201 - `pytest -s` shows it
