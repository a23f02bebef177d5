"""The installed command, killed with all its processes at a chosen moment; and again, until it is done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.support.end_state import JOURNAL, STAGING, STATE, end_state
from tests.support.trials import MOVIES, Trial, film, films
from trustedlake.adapters.spark.sail_engine import SailEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.support.end_state import EndState

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


class Lake(Protocol):
    """A lake that runs are killed in."""

    @property
    def address(self) -> str:
        """As `--lake` has it."""
        ...

    @property
    def folder(self) -> Path:
        """A folder of this machine, for temporary files."""
        ...

    def has(self, pattern: str) -> bool:
        """Whether something in it has a path of this pattern."""
        ...

    def end_state(self) -> EndState:
        """What it holds."""
        ...


@dataclass(frozen=True)
class FolderLake:
    """A lake in a folder."""

    path: Path

    @property
    def address(self) -> str:
        """Its path."""
        return str(self.path)

    @property
    def folder(self) -> Path:
        """What contains it."""
        return self.path.parent

    def has(self, pattern: str) -> bool:
        """Whether something in it has a path of this pattern."""
        with suppress(FileNotFoundError):  # the run removes folders while they are looked into
            return any(self.path.glob(pattern))
        return False

    def end_state(self) -> EndState:
        """What it holds."""
        return end_state(self.path)


def killed_at_each(
    new_lake: Callable[[], Lake], moments: Sequence[Moment], engine: str, *, again_on: str | None = None
) -> Counter[str]:
    """Kill a run at each moment, each on a lake of its own, and run it again; count what was killed in the middle.

    Fail unless each lake ends as one clean run leaves it. `again_on`: the engine of the clean runs,
    if it is another one; then no moment can be a share of a run.
    """
    clean = new_lake()
    clean_s = run_to_the_end(clean, again_on or engine)
    expected = clean.end_state()
    assert expected.unfinished == []
    met: Counter[str] = Counter()
    for moment in moments:
        lake = new_lake()
        during = _run_killed_at(lake, moment, clean_s, engine)
        print(f"killed at {moment}: {during}")  # noqa: T201 - `pytest -s` shows it
        run_to_the_end(lake, again_on or engine)
        assert lake.end_state() == expected, f"killed at {moment}: {during}"
        met[during] += 1
    print(f"a clean run takes {clean_s:.1f} s; killed {dict(met)}")  # noqa: T201 - `pytest -s` shows it
    return met


def run_to_the_end(lake: Lake, engine: str) -> float:
    """Let it run; give the seconds it took."""
    began = time.monotonic()
    process = start_run(lake, engine)
    _, said = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 0, said
    return time.monotonic() - began


def start_run(lake: Lake, engine: str) -> subprocess.Popen[str]:
    """`trustedlake to-trusted` with the engine, in a process group of its own, its temporary files beside the lake."""
    environ = dict(os.environ) | {"TMPDIR": str(lake.folder)}  # noqa: TID251 - handed to a child
    return subprocess.Popen(
        [COMMAND, "to-trusted", "--source", "tmdb", "--engine", engine, "--lake", lake.address],
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def _run_killed_at(lake: Lake, moment: Moment, clean_s: float, engine: str) -> str:
    """Start it and kill it at the moment; say what that was in the middle of."""
    process = start_run(lake, engine)
    deadline = time.monotonic() + (LONGEST_S if moment.sign else moment.share * clean_s)
    while process.poll() is None and time.monotonic() < deadline:
        if moment.sign and lake.has(moment.sign):
            time.sleep(moment.after_s)
            break
        time.sleep(_POLL_S)
    killed = process.poll() is None
    if killed:
        os.killpg(process.pid, signal.SIGKILL)
    _, said = process.communicate(timeout=LONGEST_S)
    assert killed or process.returncode == 0, said
    return _during(lake) if killed else "after its end"


def _during(lake: Lake) -> str:
    if lake.has(JOURNAL):
        return "publishing"
    if lake.has(STAGING):
        return "framing or judging"
    return "between two tables" if lake.has(f"{STATE}/ledger/*.json") else "starting"


SERIES = MOVIES.replace("Movies", "Series")


def lay_out(lake: Path, *, series: bool) -> None:
    """Several days, with rejected records and duplicates, within a file and between two."""
    trial = Trial(lake, SailEngine())
    for day in range(16, 21):
        trial.put(f"{MOVIES}/2025/06/{day}/filmes_001.json", [*films(60, start=day), film(day), film(1, title=" ")])
        trial.put(f"{MOVIES}/2025/06/{day}/filmes_002.json", [*films(40, start=day + 55), film(2, vote_average=11)])
    if series:
        shows = [{"id": number, "name": f"Show {number}", "first_air_date": ""} for number in (1, 2, 3, 4, 5, 6, 3)]
        trial.put(
            f"{SERIES}/2025/06/17/series_001.json", [*shows, {"id": None, "name": "no number", "first_air_date": ""}]
        )
