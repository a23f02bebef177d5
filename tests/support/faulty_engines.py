"""Engines that drop, double or change what they were given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from tests.support.trials import MOVIES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch, Engine


FIRST, SECOND = f"{MOVIES}/2025/06/17/a.json", f"{MOVIES}/2025/06/17/b.json"
OTHER_DAY = f"{MOVIES}/2025/06/18/c.json"

DAY = "ano=2025/mes=06/dia=17"


class FaultyEngine:
    """An engine whose result is tampered with."""

    name = "faulty 1.0"
    reason = ""

    def __init__(self, engine: Engine, fault: Callable[[Path, Path], None]) -> None:
        self._engine = engine
        self._fault = fault

    def start(self, *, size: int = 0) -> None:
        self._engine.start(size=size)

    def batch_size(self, size: int) -> int:
        return self._engine.batch_size(size)

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        self._engine.judge(batch, contract, run_id=run_id, trusted=trusted, quarantine=quarantine)
        self._fault(trusted, quarantine)


def change(folder: Path, edit: Callable[[pa.Table], pa.Table], day: str = DAY) -> None:
    """Write the one file of a partition again, its rows in the order of Raw, edited."""
    (file,) = (folder / day).glob("*.parquet")
    by_place = [("file_path", "ascending"), ("record_index", "ascending")]
    pq.write_table(edit(pq.ParquetFile(file).read().sort_by(by_place)), file)


def swap(table: pa.Table, column: str, one: int, other: int) -> pa.Table:
    """The table with one column's values of two rows exchanged."""
    values = table.column(column).to_pylist()
    values[one], values[other] = values[other], values[one]
    place = table.schema.get_field_index(column)
    return table.set_column(place, table.schema.field(place), pa.array(values, table.schema.field(place).type))


def of_file(table: pa.Table, path: str) -> pa.Table:
    return table.filter(pc.equal(table.column("file_path"), path))


def move_to_other_day(trusted: Path, _: Path) -> None:
    (file,) = (trusted / DAY).glob("*.parquet")
    (other,) = (trusted / DAY.replace("17", "18")).glob("*.parquet")
    pq.write_table(pa.concat_tables([pq.ParquetFile(other).read(), pq.ParquetFile(file).read()]), other)
    file.unlink()


def invent_a_day(trusted: Path, _: Path) -> None:
    (file,) = (trusted / DAY).glob("*.parquet")
    (trusted / DAY.replace("17", "19")).mkdir()
    (trusted / DAY.replace("17", "19") / "x.parquet").write_bytes(file.read_bytes())


FAULTS: dict[str, tuple[Callable[[Path, Path], Any], str]] = {
    "drops a file": (
        lambda t, _: change(t, lambda rows: of_file(rows, FIRST)),
        SECOND,
    ),
    "doubles a file": (
        lambda t, _: change(t, lambda rows: pa.concat_tables([rows, of_file(rows, SECOND)])),
        SECOND,
    ),
    "loses a row": (lambda t, _: change(t, lambda rows: rows.slice(1)), "a.json"),
    "doubles a row": (lambda t, _: change(t, lambda rows: pa.concat_tables([rows, rows.slice(0, 1)])), "a.json"),
    "loses one row and doubles another": (
        lambda t, _: change(t, lambda rows: pa.concat_tables([rows.slice(1), rows.slice(1, 1)])),
        "a.json",
    ),
    "changes which record is which": (lambda t, _: change(t, lambda rows: swap(rows, "record_index", 0, 1)), "a.json"),
    "gives a film another's title": (lambda t, _: change(t, lambda rows: swap(rows, "title", 0, 1)), "a.json"),
    "gives rows to the wrong file": (lambda t, _: change(t, lambda rows: swap(rows, "file_path", 0, -1)), "a.json"),
    "returns an empty frame": (lambda t, _: change(t, lambda rows: rows.slice(0, 0)), "a.json"),
    "loses a quarantined row": (lambda _, q: change(q, lambda rows: rows.slice(1)), "a.json"),
    "returns no quarantine": (lambda _, q: next((q / DAY).glob("*.parquet")).unlink(), "a.json"),
    "moves a day's rows into another day": (move_to_other_day, "17"),
    "writes a day that nobody asked for": (invent_a_day, "dia=19"),
    "writes other columns": (lambda t, _: change(t, lambda rows: rows.drop_columns(["overview"])), "overview"),
    "writes other types": (
        lambda t, _: change(t, lambda rows: rows.set_column(0, "movie_id", rows.column("movie_id").cast(pa.string()))),
        "movie_id",
    ),
    "writes half a file": (
        lambda t, _: next((t / DAY).glob("*.parquet")).write_bytes(b"PAR1 cut"),
        "can't be read",
    ),
}
