"""What every scenario needs: sizes, lakes to work on, and the form of its results."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.benchmarks.generator import cached, csv_lines, films, linked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from tests.benchmarks.measure import Run
    from tests.benchmarks.record import Fate


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
class Measured:
    """What a scenario ends in.

    Attributes:
        findings: its numbers beside their targets.
        size: what the tools were given, `1,500 movies in 15 files`; empty where no tools are compared.
        runs: of each tool its runs, round by round.
        fates: what each tool did with planted defects.
    """

    findings: Sequence[Finding]
    size: str = ""
    runs: Mapping[str, Sequence[Run]] = field(default_factory=dict)
    fates: Sequence[Fate] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """The setting of a run of benchmarks.

    Attributes:
        cache: folder of generated lakes, kept from run to run.
        work: folder of lakes that runs write to; on the same file system as `cache`.
        scale: what sizes are multiplied by.
        rounds: times that the commands are run in turn.
    """

    cache: Path
    work: Path
    scale: float = 1.0
    rounds: int = 3
    _numbers: Iterator[int] = field(default_factory=itertools.count, repr=False)

    def scaled(self, number: int, *, at_least: int) -> int:
        """The number at this scale."""
        return max(at_least, round(number * self.scale))

    def films(self, *, movies: int, files: int, days: int, clean: bool = False) -> Path:
        """A generated lake of films; sizes at scale 1. `clean`: none is rejected, none a duplicate."""
        days = self.scaled(days, at_least=min(days, 2))
        files = self.scaled(files, at_least=days)
        movies = self.scaled(movies, at_least=20 * files)
        name = f"{'clean' if clean else 'films'}-{movies}-{files}-{days}"
        return cached(self.cache, name, lambda lake: films(lake, movies=movies, files=files, days=days, clean=clean))

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
