"""A publish in a real process, killed by the system at a moment nobody chose."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

from tests.support.publishing import PATHS, Run, check_end, prepare, run
from trustedlake.adapters.clock import SystemClock
from trustedlake.adapters.host import LocalHost
from trustedlake.adapters.stores.local_store import LocalStore

KILLS = 6
LONGEST_S = 0.06

PUBLISH = """
import sys
from pathlib import Path
from tests.support.publishing import Run, run
from trustedlake.adapters.clock import SystemClock
from trustedlake.adapters.host import LocalHost
from trustedlake.adapters.stores.local_store import LocalStore
writer = Run(LocalStore(Path(sys.argv[1]), SystemClock()), LocalHost(), sys.argv[2])
print("ready", flush=True)
run(writer)
print("done", flush=True)
"""


def test_a_killed_process_is_known_to_be_dead_and_its_publish_is_finished(tmp_path: Path) -> None:
    chance = random.Random(20250617)
    for round_ in range(KILLS):
        store = LocalStore(tmp_path / str(round_), SystemClock())
        prepare(store)
        command = [sys.executable, "-c", PUBLISH, str(tmp_path / str(round_)), "run1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, LONGEST_S))
            process.kill()
        run(Run(store, LocalHost(), "run2"))
        check_end(store, ["run1", "run2"])
        assert store.head(PATHS.journal) is None
