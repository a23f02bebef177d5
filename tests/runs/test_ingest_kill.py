"""`kill -9` at random moments of an extraction: a rerun ends as one clean run does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from trustedlake.simulators.tmdb import TmdbSimulator

if TYPE_CHECKING:
    from pathlib import Path

FILMS = 500
MOST_IN_FLIGHT = 12
COMMAND = [sys.executable, "-c", "from trustedlake.entrypoints.cli.main import run; run()", "ingest-tmdb"]
ARGUMENTS = ["--genres", "80,10752,18", "--limit", str(FILMS), "--rate", "0", "--json"]


def start(sim: TmdbSimulator, lake: Path) -> subprocess.Popen[bytes]:
    environment = dict(os.environ)  # noqa: TID251 - handed to a child
    environment |= {"TMDB_TOKEN": sim.token, "TRUSTEDLAKE_TMDB_URL": sim.url}
    return subprocess.Popen(
        [*COMMAND, *ARGUMENTS, "--lake", str(lake)],
        env=environment,
        cwd=lake.parent,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def raw(lake: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in lake.rglob("filmes_*.json")}


@pytest.mark.parametrize(
    "kills", [pytest.param(2, id="a-sample"), pytest.param(10, id="ten-moments", marks=pytest.mark.slow)]
)
def test_an_extraction_killed_at_random_moments_ends_as_one_clean_run(kills: int, tmp_path: Path) -> None:
    chance = random.Random(kills)
    with TmdbSimulator(films=1200, latency_ms=20) as sim:
        clean = tmp_path / "clean"
        began = time.monotonic()
        assert start(sim, clean).wait(120) == 0
        took = time.monotonic() - began
        expected, clean_calls = raw(clean), Counter(path for path, _, _ in sim.calls)
        assert len(expected) == FILMS // 100
        for turn in range(kills):
            calls = len(sim.calls)
            lake = tmp_path / str(turn)
            process = start(sim, lake)
            while len(sim.calls) == calls:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.7) * took)
            process.send_signal(signal.SIGKILL)
            process.wait()
            came = len(sim.calls) - calls
            assert start(sim, lake).wait(120) == 0
            assert raw(lake) == expected, f"killed after {came} calls"
            repeated = len(sim.calls) - calls - clean_calls.total()
            assert repeated <= MOST_IN_FLIGHT, f"killed after {came} calls"
            assert [one.name for one in (lake / "_trustedlake/ingest").iterdir() if one.is_dir()] == []
