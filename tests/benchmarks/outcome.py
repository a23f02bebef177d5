"""What a tool wrote, compared with what was planted: the fate of each defect and of the good records beside it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq

from tests.benchmarks.kinds import HEADERS, Demand
from tests.benchmarks.record import Fate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

    from tests.benchmarks.planted import Defect, Planted

NUMBER = re.compile(r"#(\d+)")
DAY = re.compile(r"(?:ano=)?(\d{4})/(?:mes=)?(\d{2})/(?:dia=)?(\d{2})/")
COMPARED = ("movie_id", "title", "vote_count", "release_date", "id", "tituloPincipal", "anoFalecimento", "numeroVotos")


@dataclass(frozen=True)
class Row:
    """A row of what was written: its day (empty for CSV), and its values by names in small letters without `_`."""

    day: str
    values: Mapping[str, Any]

    def value(self, column: str) -> Any:
        """The value of a column, however the tool writes the name."""
        return self.values.get(_plain(column))


@dataclass(frozen=True)
class Written:
    """All that a tool left.

    Attributes:
        rows: by the number of the film or line.
        others: rows without one.
        swallowed: the numbers in the texts of those: a row that holds many films.
        said: addresses of what it reported as wrong: files, and lines as `file#line`.
        held: days that it reported and did not publish.
    """

    rows: Mapping[int, list[Row]]
    others: list[Row]
    swallowed: Collection[int] = frozenset()
    said: Collection[str] = frozenset()
    held: Collection[str] = frozenset()


def written(lake: Path, refused: Iterable[Mapping[str, Any]] = ()) -> Written:
    """The rows in Trusted, and what `quarantine --json` lists."""
    rows: dict[int, list[Row]] = defaultdict(list)
    others = []
    for file in sorted((lake / "Trusted").rglob("*.parquet")):
        day = _day(file.relative_to(lake).as_posix())
        for values in pq.ParquetFile(file).read().to_pylist():
            row = Row(day, {_plain(name): value for name, value in values.items()})
            found = NUMBER.fullmatch(str(row.value("overview") or row.value("nomeArtista")))
            if found:
                rows[int(found[1])].append(row)
            else:
                others.append(row)
    wrong = [record for record in refused if record["verdict"] != "duplicate"]
    files = [record["file_path"] for record in wrong if record["file_path"].endswith(".json")]
    lines = [f"{record['file_path']}#{record['record_index']}" for record in wrong]
    held = [_day(record["file_path"]) for record in wrong if record["failed"]]
    texts = [str(value) for row in others for value in row.values.values()]
    swallowed = frozenset(int(number) for text in texts for number in NUMBER.findall(text))
    return Written(rows, others, swallowed, frozenset(files + lines), frozenset(held))


def fate(tool: str, planted: Planted, found: Written) -> Fate:
    """What a tool did with the defects of a kind."""
    became = Counter(_became(defect, planted, found) for defect in planted.defects)
    own = {defect.record for defect in planted.defects if defect.record is not None}
    missing = [number for number in sorted(planted.good - own) if _of_good(number, planted, found)]
    held = sum(_day(planted.files[number]) in found.held for number in missing)
    return Fate(
        tool,
        planted.kind,
        len(planted.defects),
        right=became["right"],
        lost=became["lost"],
        changed=became["changed"],
        doubled=became["doubled"],
        neighbours=len(missing) - held,
        held=held,
    )


def dead(tool: str, planted: Planted) -> Fate:
    """The run ended in an error: it wrote nothing and reported that."""
    count = len(planted.defects)
    return Fate(tool, planted.kind, count, right=count, held=len(planted.good), died=True)


def _became(defect: Defect, planted: Planted, found: Written) -> str:
    if defect.file in found.said:
        return "right"
    rows = found.rows.get(defect.record, []) if defect.record is not None else []
    if planted.demand is Demand.ONCE:
        return {0: "lost", 1: "right"}.get(len(rows), "doubled")
    if planted.demand is Demand.WHOLE:
        asked = [number for number, file in planted.files.items() if file == defect.file]
        asked = asked if defect.record is None else [defect.record]
        wrong = {_of_good(number, planted, found) for number in asked}
        return next((word for word in ("lost", "changed", "doubled") if word in wrong), "right")
    if defect.record is None and defect.text:
        rows = [row for n, file in planted.files.items() if file == defect.file for row in found.rows.get(n, [])]
    elif defect.record is None:
        rows = _inventions(planted, found, defect)
    if rows and defect.text and all(_keeps(row, defect.text) for row in rows):
        return "right"
    return "changed" if rows else "lost"


def _inventions(planted: Planted, found: Written, defect: Defect) -> list[Row]:
    """Rows that a tool made of something that is not a record."""
    if planted.kind == HEADERS:
        return [row for row in found.others if row.value("nomeArtista") == "nomeArtista"]
    return [row for row in found.others if row.day == _day(defect.file)]


def _of_good(number: int, planted: Planted, found: Written) -> str:
    """What is wrong with a record that should be there once and whole; nothing: empty."""
    rows, expected = found.rows.get(number, []), planted.expected[number]
    if not rows:
        return "changed" if number in found.swallowed else "lost"
    if any(not _same(row.value(name), expected[name]) for row in rows for name in COMPARED if name in expected):
        return "changed"
    return "doubled" if len(rows) > 1 else ""


def _keeps(row: Row, text: str) -> bool:
    return any(str(value).startswith(text) for value in row.values.values())


def _same(value: Any, expected: Any) -> bool:
    if value is None or expected is None:
        return value is expected
    return str(value) == str(expected)


def _plain(column: str) -> str:
    return column.replace("_", "").lower()


def _day(path: str) -> str:
    found = DAY.search(f"{PurePosixPath(path).parent}/")
    return "-".join(found.groups()) if found else ""
