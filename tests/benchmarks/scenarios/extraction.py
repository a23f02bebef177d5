"""Scenarios of the extractor, against the offline TMDB in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.measure import measure
from tests.benchmarks.tools import COMMAND, ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Run

FILMS = 1_000
MANY_FILMS = 100_000
LATENCY_MS = 50
RATE = 35
GENRES_SHARE = 0.49
"""Of the simulator's films, those that the default genres find."""


def ingest(bench: Bench) -> Measured:
    """1,000 films at 50 ms a call, against the way of the old extractor."""
    wanted = bench.scaled(FILMS, at_least=20)
    with _simulator(films=4 * wanted, latency_ms=LATENCY_MS) as (url, token):
        ours = _ours(bench.folder("lake"), url, token, "--limit", str(wanted), "--rate", str(RATE))
        path = os.pathsep.join([str(ROOT), *sys.path])
        old = [sys.executable, "-m", "tests.benchmarks.old_extractor", url, token]
        other = measure([*old, str(bench.folder("old")), str(wanted)], {"PYTHONPATH": path})
    certificate, before = json.loads(ours.output), json.loads(other.output)
    assert certificate["got"] == before["films"] == wanted
    calls = certificate["calls"]
    size = f"{wanted:,} films, {LATENCY_MS} ms a call, {RATE} calls a second"
    seconds = f"{ours.wall_s:.1f} s and {calls:,} calls; the old way {other.wall_s:.1f} s, {before['calls']:,} calls"
    findings = [
        Finding(f"{size}: time, relative to the old way", 0.17, ours.wall_s / other.wall_s, seconds),
        Finding(f"{size}: calls, relative to the old way", 0.55, calls / before["calls"], seconds),
        Finding(
            f"{size}: time to calls ÷ rate", 1.15, ours.wall_s * RATE / calls, f"{calls / RATE:.1f} s at the least"
        ),
    ]
    return Measured(findings)


def ingest_many(bench: Bench) -> Measured:
    """100,000 films, as quickly as they come: memory."""
    wanted = bench.scaled(MANY_FILMS, at_least=1_000)
    with _simulator(films=round(wanted / GENRES_SHARE), latency_ms=0) as (url, token):
        ours = _ours(bench.folder("lake"), url, token, "--limit", "all", "--rate", "0")
    certificate = json.loads(ours.output)
    what = f"{certificate['got']:,} films, no limit of rate: peak memory in MB"
    detail = f"{ours.wall_s:.0f} s, {certificate['calls']:,} calls, {len(certificate['files']):,} files"
    return Measured([Finding(what, 200, ours.peak_bytes / 2**20, detail)])


def _ours(lake: Path, url: str, token: str, *arguments: str) -> Run:
    command = [COMMAND, "ingest-tmdb", "--lake", str(lake), "--tmdb-url", url, "--json", *arguments]
    return measure(command, {"TMDB_TOKEN": token})


@contextmanager
def _simulator(*, films: int, latency_ms: int) -> Iterator[tuple[str, str]]:
    """An offline TMDB, in a process that takes no time from ours: its address and its token."""
    command = [COMMAND, "simulate-tmdb", "--films", str(films), "--latency-ms", str(latency_ms), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = json.loads(process.stdout.readline())
            yield said["url"], said["token"]
        finally:
            process.terminate()
