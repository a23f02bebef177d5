"""The numbers as JSON, scenario by scenario: a new measurement replaces only its own scenario."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from tests.benchmarks.bench import Finding  # noqa: TC001 - pydantic reads the annotations
from tests.benchmarks.tools import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.benchmarks.bench import Measured


@dataclass(frozen=True)
class Used:
    """What one run took."""

    wall_s: float
    cpu_s: float
    peak_bytes: int


@dataclass(frozen=True)
class Fate:
    """What one tool did with planted defects of one kind.

    Attributes:
        tool: one of the tools.
        kind: the defect, `a file is cut off`.
        planted: how many there were.
        right: the raw record came out whole, though its shape was odd, or the tool reported what is wrong with it.
        lost: a record is not there, and nothing was reported.
        changed: a value is null or another than in Raw, or a row is not a record, and nothing was reported.
        doubled: a record is there twice, and nothing was reported.
        neighbours: good records beside these defects that are not there once and whole, and nothing was reported.
        held: good records beside these defects that are not there, which was reported.
        died: the run ended in an error at such a defect, and wrote nothing of the lake.
    """

    tool: str
    kind: str
    planted: int
    right: int = 0
    lost: int = 0
    changed: int = 0
    doubled: int = 0
    neighbours: int = 0
    held: int = 0
    died: bool = False


@dataclass(frozen=True)
class Part:
    """One scenario's numbers, and where they come from.

    Attributes:
        measured: day and time, UTC.
        commit: of what was measured; `+` behind it: with changes that are not committed.
        command: what was typed.
        machine: facts of the machine.
    """

    measured: str
    commit: str
    command: str
    machine: dict[str, str]
    findings: list[Finding]
    size: str = ""
    runs: dict[str, list[Used]] = field(default_factory=dict)
    fates: list[Fate] = field(default_factory=list)


_FILE = TypeAdapter(dict[str, Part])


def part_of(measured: Measured, *, at: str, command: str, machine: dict[str, str]) -> Part:
    """What to keep of a scenario."""
    return Part(
        measured=at,
        commit=_commit(),
        command=command,
        machine=machine,
        findings=list(measured.findings),
        size=measured.size,
        runs={
            tool: [Used(round(r.wall_s, 3), round(r.cpu_s, 3), r.peak_bytes) for r in runs]
            for tool, runs in measured.runs.items()
        },
        fates=list(measured.fates),
    )


def read(file: Path) -> dict[str, Part]:
    """The parts by scenario; none where there is no file."""
    return _FILE.validate_json(file.read_bytes()) if file.exists() else {}


def write(file: Path, parts: dict[str, Part]) -> None:
    """Keep the parts; an interrupted write leaves what was there."""
    unfinished = file.with_name(f".{file.name}.unfinished")
    unfinished.write_bytes(_FILE.dump_json(parts, indent=1) + b"\n")
    unfinished.replace(file)


def _commit() -> str:
    git = shutil.which("git")
    if not git or not (ROOT / ".git").exists():
        return "unknown"

    def said(*arguments: str) -> str:
        return subprocess.run([git, "-C", ROOT, *arguments], capture_output=True, text=True, check=False).stdout.strip()

    return said("rev-parse", "--short", "HEAD") + ("+" if said("status", "--porcelain", "--", "src") else "")
