"""The tools that are compared: each a command for a lake, run as a whole process."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.measure import measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.benchmarks.measure import Run

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("trustedlake"))
# The interpreter's folder for the command itself; a JAVA_HOME that isn't there ends the search for the wheel's, too.
NO_JAVA = {"PATH": str(Path(sys.executable).parent), "JAVA_HOME": "/nonexistent"}
PEERS_PYTHON = ROOT / ".venv-bench/bin/python"

SOURCE_JOB, DLT, FLOOR, POLARS = "the source job on Spark", "dlt", "DuckDB, the floor", "polars"
SPARK, SAIL = "trustedlake on Spark", "trustedlake on sail"
ONE_LANE = "trustedlake on Spark, --lanes off"
TOOLS = (SOURCE_JOB, DLT, POLARS, FLOOR, SPARK, SAIL)
_PEERS = (DLT, POLARS, FLOOR)
OURS = {SPARK: ("spark",), SAIL: ("sail",), ONE_LANE: ("spark", "--lanes", "off")}
"""Engine and further options of the command."""
_SCRIPTS = {SOURCE_JOB: "source_job", DLT: "dlt_pipeline", FLOOR: "duckdb_copy", POLARS: "polars_frames"}


class NotInstalledError(Exception):
    """What a scenario needs is not there; the message says what brings it."""


def installed() -> Sequence[str]:
    """Those of `TOOLS` that can be run here; all of them after `make .venv-bench/.ready`."""
    return [name for name in TOOLS if PEERS_PYTHON.exists() or name not in _PEERS]


def to_trusted(
    lake: Path | str,
    source: str,
    engine: str = "spark",
    *,
    more: Sequence[str] = (),
    fails: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Run:
    """The installed command on a lake, one JSON report on stdout."""
    command = [COMMAND, "to-trusted", "--source", source, "--engine", engine, "--lake", str(lake), "--json", *more]
    return measure(command, variables, fails=fails)


def run_tool(name: str, job: str, lake: Path, *, fails: bool = False) -> Run:
    """Run one of `TOOLS`, or of `OURS`, on a lake; `fails`: it may."""
    if name in OURS:
        engine, *more = OURS[name]
        return to_trusted(lake, "tmdb" if job == "movies" else "csv", engine, more=more, fails=fails)
    python = str(PEERS_PYTHON) if name in _PEERS else sys.executable
    script = f"tests.benchmarks.peers.{_SCRIPTS[name]}"
    return measure([python, "-m", script, job, str(lake)], {"PYTHONPATH": os.fspath(ROOT)}, fails=fails)
