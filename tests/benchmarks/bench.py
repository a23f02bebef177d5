"""What every scenario needs: sizes, lakes to work on, the command, and the findings it ends in."""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks.generator import cached, csv_lines, films, linked
from tests.benchmarks.measure import measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.benchmarks.measure import Run

ROOT = Path(__file__).parents[2]
COMMAND = str(Path(sys.executable).with_name("trustedlake"))
# The interpreter's folder for the command itself; a JAVA_HOME that isn't there ends the search for the wheel's, too.
NO_JAVA = {"PATH": str(Path(sys.executable).parent), "JAVA_HOME": "/nonexistent"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One number held against its target.

    Attributes:
        what: what was measured, with its unit.
        target: what it should be at most.
        detail: the numbers it was made from.
    """

    what: str
    target: float
    measured: float
    detail: str = ""

    @property
    def reached(self) -> bool:
        """Whether the target was reached."""
        return self.measured <= self.target


@dataclass(frozen=True, slots=True)
class Bench:
    """The setting of a run of benchmarks.

    Attributes:
        cache: folder of generated lakes, kept from run to run.
        work: folder of lakes that runs write to; on the same file system as `cache`.
        scale: what sizes are multiplied by.
        pairs: times that two commands are run in turn.
    """

    cache: Path
    work: Path
    scale: float = 1.0
    pairs: int = 3
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def scaled(self, number: int, *, at_least: int) -> int:
        """The number at this scale."""
        return max(at_least, round(number * self.scale))

    def films(self, *, movies: int, files: int, days: int) -> Path:
        """A generated lake of films; sizes at scale 1."""
        days = self.scaled(days, at_least=min(days, 2))
        files = self.scaled(files, at_least=days)
        movies = self.scaled(movies, at_least=20 * files)
        name = f"films-{movies}-{files}-{days}"
        return cached(self.cache, name, lambda lake: films(lake, movies=movies, files=files, days=days))

    def csv(self, *, lines: int) -> Path:
        """A generated lake with one CSV file; its lines at scale 1."""
        lines = self.scaled(lines, at_least=1_000)
        return cached(self.cache, f"csv-{lines}", lambda lake: csv_lines(lake, lines=lines))

    def folder(self, name: str) -> Path:
        """A new, empty folder."""
        folder = self.work / f"{name}-{next(self._numbers)}"
        folder.mkdir(parents=True)
        return folder

    def fresh(self, lake: Path) -> Path:
        """A new lake with the same raw files and nothing else."""
        return linked(lake, self.work / f"lake-{next(self._numbers)}")


def to_trusted(lake: Path, source: str, engine: str = "spark", **variables: str) -> Run:
    """The installed command on a lake, one JSON report on stdout."""
    command = [COMMAND, "to-trusted", "--source", source, "--engine", engine, "--lake", str(lake), "--json"]
    return measure(command, **variables)


def baseline(lake: Path, job: str) -> Run:
    """The method of the job this replaces, on the same lake."""
    path = os.pathsep.join([str(ROOT), *sys.path])
    return measure([sys.executable, "-m", "tests.benchmarks.baseline", job, str(lake)], PYTHONPATH=path)
