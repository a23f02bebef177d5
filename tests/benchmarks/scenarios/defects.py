"""What each tool does with 100 planted defects."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Finding, Measured
from tests.benchmarks.kinds import FILMS, LINES
from tests.benchmarks.measure import measure
from tests.benchmarks.outcome import dead, fate, written
from tests.benchmarks.planted import plant
from tests.benchmarks.tools import COMMAND, OURS, installed, run_tool

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from tests.benchmarks.bench import Bench
    from tests.benchmarks.record import Fate

JOBS: dict[str, Collection[str]] = {"movies": FILMS, "csv": LINES}
REFUSED = 3
"""Exit code of our command when it published all but the days that it refuses."""


def defects(bench: Bench) -> Measured:
    """Every tool on the same lake; one that dies on it, then on each kind of defect alone."""
    fates = [one for name in installed() for job in JOBS for one in _fates(bench, name, job)]
    silent = {
        name: sum(f.lost + f.changed + f.doubled + f.neighbours for f in fates if f.tool == name)
        for name in installed()
        if name in OURS
    }
    planted = sum(f.planted for f in fates if f.tool == next(iter(silent)))
    findings = [
        Finding(f"{planted} planted defects, {name}: lost, changed or doubled without a word", 0, count)
        for name, count in silent.items()
    ]
    return Measured(findings, fates=fates)


def _fates(bench: Bench, name: str, job: str) -> list[Fate]:
    kinds = JOBS[job]
    return _run(bench, name, job, kinds) or [one for kind in kinds for one in _alone(bench, name, job, kind)]


def _alone(bench: Bench, name: str, job: str, kind: str) -> list[Fate]:
    planted = plant(bench.folder("read"), [kind])
    return _run(bench, name, job, [kind]) or [dead(name, found) for found in planted]


def _run(bench: Bench, name: str, job: str, kinds: Collection[str]) -> list[Fate]:
    """The fates of these kinds in one run; none if it died."""
    lake = bench.folder("planted")
    planted = plant(lake, kinds)
    run = run_tool(name, job, lake, fails=True)
    if name not in OURS:
        return [] if run.code else [fate(name, found, written(lake)) for found in planted]
    assert run.code in {0, REFUSED}, run.said
    return [fate(name, found, written(lake, _refused(lake))) for found in planted]


def _refused(lake: Path) -> list[dict[str, object]]:
    listed = measure([COMMAND, "quarantine", "--lake", str(lake), "--limit", "100000", "--json"])
    records: list[dict[str, object]] = json.loads(listed.output)
    return records
