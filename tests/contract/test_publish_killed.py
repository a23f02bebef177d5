"""A publish in a real process, killed by the system at a random moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.buckets import store_at
from tests.support.publishing import PATHS, Run, check_end, prepare, run
from trustedlake.adapters.local.host import LocalHost

KILLS = 6
LONGEST_S = {"folder": 0.06, "bucket": 0.35}

PUBLISH = """
import sys
from tests.support.buckets import store_at
from tests.support.publishing import Run, run
from trustedlake.adapters.local.host import LocalHost
writer = Run(store_at(sys.argv[1]), LocalHost(), sys.argv[2])
print("ready", flush=True)
run(writer)
print("done", flush=True)
"""


@pytest.mark.parametrize("kind", ["folder", "bucket"])
def test_a_killed_process_is_found_dead_and_its_publish_is_finished(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20250617)
    lake = str(tmp_path) if kind == "folder" else f"s3://{request.getfixturevalue('bucket')}"
    for round_ in range(KILLS):
        store = store_at(f"{lake}/{round_}")
        prepare(store)
        command = [sys.executable, "-c", PUBLISH, f"{lake}/{round_}", "run1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, LONGEST_S[kind]))
            process.kill()
        run(Run(store, LocalHost(), "run2"))
        check_end(store, ["run1", "run2"])
        assert store.head(PATHS.journal) is None
