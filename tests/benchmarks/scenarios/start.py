"""Spark's own start, from nothing to the first answer."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.bench import Measured
from tests.benchmarks.measure import interleave, measure
from tests.benchmarks.scenarios.wording import compared
from tests.benchmarks.tools import ROOT

if TYPE_CHECKING:
    from tests.benchmarks.bench import Bench
    from tests.benchmarks.measure import Run

PLAIN = "a plain getOrCreate()"


def spark_start(bench: Bench) -> Measured:
    """A local session to its first answer, ours against a plain one."""
    runs = interleave({"ours": partial(_start, "ours"), PLAIN: partial(_start, "plain")}, bench.rounds)
    return Measured(compared("a local Spark's first answer", runs, "ours", {PLAIN: 0.8}))


def _start(which: str, _round: int) -> Run:
    command = [sys.executable, "-m", "tests.benchmarks.spark_start", which]
    return measure(command, {"PYTHONPATH": os.fspath(ROOT)})
