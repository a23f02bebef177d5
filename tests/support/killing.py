"""The installed command, killed with all its processes at a chosen moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "trustedlake")
LONGEST_S = 300.0
_POLL_S = 0.0005


@dataclass(frozen=True)
class Moment:
    """When to kill.

    Attributes:
        share: this share of a clean run's time after the start.
        sign: or as soon as something in the lake has a path of this pattern;
        after_s: or so many seconds later.
    """

    share: float = 0.0
    sign: str = ""
    after_s: float = 0.0

    def __str__(self) -> str:
        return f"{self.sign} + {self.after_s * 1000:g} ms" if self.sign else f"{self.share:.0%} of the run"


def start(lake: Path, engine: str) -> subprocess.Popen[str]:
    """`trustedlake to-trusted` with the engine, in a process group of its own, its temporary files beside the lake."""
    environ = dict(os.environ) | {"TMPDIR": str(lake.parent)}  # noqa: TID251 - handed to a child
    return subprocess.Popen(
        [COMMAND, "to-trusted", "--source", "tmdb", "--engine", engine, "--lake", str(lake)],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def run_to_the_end(lake: Path, engine: str) -> float:
    """Let it run; give the seconds it took."""
    began = time.monotonic()
    process = start(lake, engine)
    _, said = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, said
    return time.monotonic() - began


def run_killed_at(lake: Path, moment: Moment, clean_s: float, engine: str) -> str:
    """Start it and kill it at the moment; say what that was in the middle of."""
    process = start(lake, engine)
    deadline = time.monotonic() + (LONGEST_S if moment.sign else moment.share * clean_s)
    while process.poll() is None and time.monotonic() < deadline:
        if moment.sign and any(lake.glob(moment.sign)):
            time.sleep(moment.after_s)
            break
        time.sleep(_POLL_S)
    killed = process.poll() is None
    if killed:
        os.killpg(process.pid, signal.SIGKILL)
    _, said = process.communicate(timeout=LONGEST_S)
    assert killed or process.returncode == 0, said
    return _state(lake) if killed else "after its end"


def _state(lake: Path) -> str:
    state = lake / "_trustedlake"
    if any((state / "journal").glob("*.json")):
        return "publishing"
    if any((state / "staging").rglob("*.parquet")):
        return "framing or judging"
    return "between two tables" if any((state / "ledger").glob("*.json")) else "starting"
