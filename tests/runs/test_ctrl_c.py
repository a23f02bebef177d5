"""Ctrl-C and SIGTERM while an engine starts or works: the run ends soon and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.end_state import JOURNAL
from tests.support.killing import FolderLake, run_to_the_end, start_run
from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.adapters.spark.sail_engine import SailEngine

STAGED = "_trustedlake/staging/*/tmdb_movies"
SIGNALS = [signal.SIGINT, signal.SIGTERM]
SAID = "interrupted: nothing was left half done, run again to continue"
LONGEST_S = 30
"""Far above the two seconds that the way out takes: above that it hangs."""

INTERRUPTED = """
import os, signal, sys, threading, time
from trustedlake.adapters.spark.sail_engine import SailEngine
if sys.argv[1] == "ignored":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
engine = SailEngine()
starting = threading.Thread(target=engine.start)
starting.start()
starting.join()
for _ in range(2):
    try:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        print("went on", end=" ")
    except KeyboardInterrupt:
        print("interrupted", end=" ")
print(engine.session.range(3).count())
engine.stop()
"""

STARTING = """
import os, signal, threading, time
from pyspark.sql.connect.session import SparkSession
from trustedlake.adapters.spark.sail_engine import SailEngine
engine = SailEngine()
def interrupt():
    while SparkSession._default_session is None:
        time.sleep(0.0005)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    engine.start()
except KeyboardInterrupt:
    print("interrupted", end=" ")
finally:
    engine.stop()
print(SparkSession._default_session)
"""

ENDED = """
import os
from trustedlake.adapters.spark.sail_engine import SailEngine
engine = SailEngine()
engine.start()
engine._connecting.result().server.stop()
try:
    engine.session.range(3).count()
except Exception as error:
    print(error, flush=True)
os._exit(0)
"""

BROKEN_OFF = """
import os, sys, threading, time
from pathlib import Path
from pyspark import SparkContext
from trustedlake.adapters.spark.spark_engine import SparkEngine
engine = SparkEngine(Path(sys.argv[1]) / "work", dict(os.environ))
starting = threading.Thread(target=engine.start)
starting.start()
while SparkContext._gateway is None:
    time.sleep(0.001)
machine = SparkContext._gateway.proc
engine.stop()
print("terminated" if machine.poll() in (143, -15) else machine.poll(), engine._session)
starting.join()
print(engine.session.range(3).count())
engine.stop()
"""


@pytest.mark.parametrize(
    ("before", "said"), [("default", "interrupted interrupted 3"), ("ignored", "went on went on 3")]
)
def test_the_pysail_server_survives_ctrl_c(before: str, said: str) -> None:
    command = [sys.executable, "-c", INTERRUPTED, before]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.returncode) == (said, 0)
    assert "RETRIES_EXCEEDED" not in done.stderr


def test_ctrl_c_while_the_client_of_pysail_connects_leaves_no_client_that_waits_for_the_server_at_the_end() -> None:
    done = subprocess.run([sys.executable, "-c", STARTING], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout.strip(), done.stderr, done.returncode) == ("interrupted None", "", 0)


def test_a_stopped_pysail_server_is_reported_within_seconds() -> None:
    done = subprocess.run([sys.executable, "-c", ENDED], capture_output=True, text=True, timeout=60, check=False)
    assert "UNAVAILABLE" in done.stdout


@pytest.mark.parametrize("sign", ["*/spark.log", f"lake/{STAGED}/framed"])
def test_ctrl_c_while_spark_starts_publishes_nothing(sign: str, tmp_path: Path) -> None:
    lake = _lake(tmp_path)
    _interrupt(lake, _run_until(lake, "spark", sign), signal.SIGINT)
    assert not lake.has("Trusted/**/*.parquet")
    _run_again(lake)


def test_after_an_interrupted_start_of_spark_the_next_one_works(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BROKEN_OFF, str(tmp_path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout.split(), done.returncode) == (["terminated", "None", "3"], 0), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(("engine", "step_s"), [("spark", 0.12), ("sail", 0.04)])
def test_an_interrupt_at_any_moment_of_the_start_leaves_nothing_behind(
    engine: str, step_s: float, number: signal.Signals, tmp_path: Path
) -> None:
    for moment in range(12):
        lake = _lake(tmp_path / str(moment))
        process = _run_until(lake, engine, f"lake/{STAGED}")
        time.sleep(moment * step_s)
        _interrupt(lake, process, number)
        _run_again(lake)


def _lake(folder: Path) -> FolderLake:
    lake = FolderLake(folder / "lake")
    Trial(lake.path, SailEngine()).put(f"{MOVIES}/2025/06/17/filmes_001.json", [*films(60), film(1, title=" ")])
    return lake


def _run_until(lake: FolderLake, engine: str, sign: str) -> subprocess.Popen[str]:
    """A run that has come so far that something has a path of this pattern."""
    process = start_run(lake, engine)
    while not any(lake.folder.glob(sign)) and process.poll() is None:
        time.sleep(0.01)
    return process


def _interrupt(lake: FolderLake, process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Ctrl-C reaches the processes of its group, SIGTERM the one that it is sent to."""
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    try:
        _, said = process.communicate(timeout=LONGEST_S)
    finally:
        process.kill()
    assert (process.returncode, said.strip()) == (130, SAID)
    assert not lake.has(JOURNAL)
    assert not lake.has("Trusted/**/*.parquet")
    assert list(lake.folder.iterdir()) == [lake.path], "its temporary files"
    assert _started_for(lake) == [], "an engine that nobody uses"


def _started_for(lake: FolderLake) -> list[str]:
    """The processes that still run with a folder of the lake's temporary files in their arguments."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            command = file.read_bytes().replace(b"\0", b" ").decode()
            found += [command] if str(lake.folder) in command else []
    return found


def _run_again(lake: FolderLake) -> None:
    """A claim on staging that was just being written is the next run's to sweep."""
    run_to_the_end(lake, "sail")
    assert lake.has("Trusted/**/*.parquet")
    assert lake.end_state().unfinished == []
