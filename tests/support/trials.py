"""Whole runs on a lake in a folder, with the quick engine: what a command does, without starting Java."""

from __future__ import annotations

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from trustedlake.adapters.spark.sail_engine import SailEngine
from trustedlake.adapters.spark.spark_engine import SparkEngine
from trustedlake.app.trusted.job import Options
from trustedlake.entrypoints.cli.main import run
from trustedlake.entrypoints.lake import compose
from trustedlake.errors import TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.app.quarantine import Quarantined
    from trustedlake.models.choices import Lanes
    from trustedlake.models.report import PartitionReport, RunReport
    from trustedlake.ports import Engine

REPO = Path(__file__).parents[2]
FIXTURES = REPO / "data" / "fixtures"
MOVIES = "Raw/TMDB/JSON/Movies"
CSV = "Raw/Local/CSV/Movies"


def lanes_of(engine: Engine) -> Lanes:
    """An engine that a test made up is asked about every record: else what it does wrong would not be met."""
    return "auto" if isinstance(engine, SailEngine | SparkEngine) else "off"


def command(*arguments: str) -> tuple[int, str]:
    """Exit code and stderr of the command, called as a user calls it."""
    err = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()), redirect_stderr(err):
        patch.setattr(sys, "argv", ["trustedlake", *arguments])
        with pytest.raises(SystemExit) as left:
            run()
    return int(left.value.code or 0), err.getvalue()


class Trial:
    """A lake in a folder, and the engine that runs on it."""

    def __init__(self, lake: Path, engine: Engine) -> None:
        self.lake = lake
        self.engine = engine

    def put(self, path: str, content: bytes | str | list[Any] | dict[str, Any]) -> Path:
        """Write a file of the lake: bytes, text, or anything as one line of JSON."""
        file = self.lake / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, bytes | str):
            content = json.dumps(content, ensure_ascii=False)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    def command(self, *arguments: str) -> tuple[int, str]:
        """Exit code and stderr of `to-trusted` on the lake."""
        return command("to-trusted", "--source", "tmdb", "--lake", str(self.lake), *arguments)

    def run(
        self,
        source: str = "tmdb",
        entity: str | None = None,
        *,
        table: str | None = None,
        contracts: tuple[str, ...] = (),
        inputs: tuple[str, ...] = (),
        target: str | None = None,
        **options: Any,
    ) -> RunReport:
        """Run Raw to Trusted, of a `table` or a source; errors of a table stand in the report, others are raised."""
        given = tuple(str(self.lake / one) for one in inputs)
        where = target and str(self.lake / target)
        place = compose.Place(lake=str(self.lake), inputs=given, target=where, contracts=contracts)
        asked = compose.Asked((table,)) if table else compose.Asked(source=source, entity=entity)
        with compose.home(place, engine=self.engine, lanes=lanes_of(self.engine)) as home:
            return home.to_trusted(asked, Options(**options))

    def refused(self) -> list[Quarantined]:
        """What `trustedlake quarantine` shows."""
        with compose.home(compose.Place(lake=str(self.lake)), engine=self.engine) as home:
            return list(home.refused())

    def rows(self, folder: str = "Trusted/TMDB/Parquet/Movies") -> list[dict[str, Any]]:
        """The rows of a published table, in order of file and index; partition columns as the folders name them."""
        rows: list[dict[str, Any]] = []
        for file in sorted((self.lake / folder).rglob("*.parquet")):
            parts = dict(part.split("=") for part in file.relative_to(self.lake / folder).parts[:-1])
            rows += [row | parts for row in pq.ParquetFile(file).read().to_pylist()]
        return sorted(rows, key=lambda row: (row["file_path"], row["record_index"]))

    def snapshot(self) -> Mapping[str, bytes]:
        """Every file of the lake but the run reports, by path."""
        files = (file for file in sorted(self.lake.rglob("*")) if file.is_file() and file.name != ".lock")
        return {
            str(path): file.read_bytes()
            for file in files
            if not str(path := file.relative_to(self.lake)).startswith("_trustedlake/runs/")
        }


class IdleEngine:
    """An engine that must not be needed."""

    name = "idle"
    reason = ""

    def start(self, *, size: int = 0) -> None:  # noqa: ARG002 - the port's
        """Fail the test."""
        raise AssertionError("the engine was started, but there was nothing to judge")

    def batch_size(self, size: int) -> int:  # noqa: ARG002 - the port's
        """Fail the test."""
        raise AssertionError("the engine was asked, but there was nothing to judge")

    def judge(self, *_: Any, **__: Any) -> None:
        """Fail the test."""
        raise AssertionError("the engine was used, but there was nothing to judge")


def only_table(report: RunReport) -> Any:
    """The report's only table."""
    assert len(report.tables) == 1
    return report.tables[0]


def only_partition(report: RunReport) -> PartitionReport:
    """The only partition of the report's only table."""
    table = only_table(report)
    assert not table.message, table.message
    assert len(table.partitions) == 1
    part: PartitionReport = table.partitions[0]
    return part


def statuses(report: RunReport) -> dict[str, str]:
    """`dia=17` -> status, of the only table's partitions."""
    return {part.partition[-6:]: str(part.status) for part in only_table(report).partitions}


def ids(trial: Trial, name: str = "movie_id", folder: str = "Trusted/TMDB/Parquet/Movies") -> list[object]:
    """The keys of a Trusted table."""
    return sorted(row[name] for row in trial.rows(folder))


def film(number: int, **changes: Any) -> dict[str, Any]:
    """A film with the ten fields of the source."""
    return {
        "movie_id": number,
        "title": f"Film {number}",
        "overview": "",
        "release_date": "2024-03-05",
        "popularity": 1.5,
        "vote_average": 7,
        "vote_count": 10,
        "collection": None,
        "genres": ["Crime"],
        "keywords": [],
    } | changes


def films(count: int, start: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Films with consecutive numbers."""
    return [film(number, **changes) for number in range(start, start + count)]


__all__ = [
    "CSV",
    "FIXTURES",
    "MOVIES",
    "REPO",
    "IdleEngine",
    "SailEngine",
    "Trial",
    "TrustedLakeError",
    "film",
    "films",
    "ids",
    "only_partition",
    "only_table",
    "statuses",
]


def give_a_past(trial: Trial) -> None:
    """Two published days, one with drift and rejected films; a refused one; files that no run or no table takes."""
    trial.put(f"{MOVIES}/2025/06/16/a.json", films(5))
    trial.run(entity="movies")
    found = [film(7), film(8, title=None, movie_id="x")]
    drifted = [{name: value for name, value in one.items() if name != "vote_average"} for one in found]
    trial.put(f"{MOVIES}/2025/06/18/a.json", drifted)
    trial.put(f"{MOVIES}/2025/06/19/a.json", b'[{"movie_id": 2')
    trial.run(entity="movies")
    trial.put(f"{MOVIES}/2025/06/20/a.json", films(1))
    trial.put("Raw/TMDB/JSON/Actors/2025/x.json", "[]")
