"""The installed command with closed or full output streams, as supervisors, full disks and `head` leave them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.trials import MOVIES, Trial, films
from trustedlake.adapters.spark.sail_engine import SailEngine

STREAMS = [
    ("report --list", ">&-", 0),
    ("report --list", "2>&-", 0),
    ("report --list", "<&-", 0),
    ("report --list", ">&- 2>&- <&-", 0),
    ("report --list", "2> /dev/full", 0),
    ("report --list", "| head -0", 0),
    ("report --list --json", "> /dev/full", 1),
    ("doctor", ">&-", 0),
    ("doctor", "> /dev/full", 1),
    ("doctor", "| head -1", 0),
    ("catalog", "> /dev/full", 1),
    ("catalog --json", "| head -0", 0),
    ("quarantine --help", "> /dev/full", 1),
    ("--version", ">&-", 0),
    ("no-such", "2> /dev/full", 2),
    ("no-such", "2>&-", 2),
    ("query - --lake films", "<&-", 2),
    ("query 'FROM range(100000)' --format ndjson --lake films", "| head -1", 0),
    ("query 'FROM range(100000)' --format csv --lake films", "> /dev/full", 1),
    ("query 'FROM range(9)' --json --lake films", ">&-", 0),
    ("quarantine --json --lake films", "| head -0", 0),
    ("to-trusted --source tmdb --engine sail --lake films", ">&- 2>&-", 0),
    ("to-trusted --source tmdb --engine sail --lake films --full-refresh", "> /dev/full", 0),
    ("to-trusted --source tmdb --engine sail --lake films --full-refresh --json", "> /dev/full", 0),
    ("to-trusted --source tmdb --engine sail --lake films --full-refresh --preview 1", "| head -0", 0),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a lake that has no run, and one with films that are published."""
    folder = tmp_path_factory.mktemp("streams")
    (folder / "lake" / "_trustedlake" / "runs").mkdir(parents=True)
    trial = Trial(folder / "films", SailEngine())
    trial.put(f"{MOVIES}/2025/06/17/filmes_001.json", films(3))
    assert trial.run().exit_code == 0
    return folder


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(("call", "streams", "code"), STREAMS)
def test_a_closed_or_full_stream_causes_no_traceback(folder: Path, call: str, streams: str, code: int) -> None:
    command = Path(sys.executable).parent / "trustedlake"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} {call} {streams}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr
