"""The accept lane on disk: reads framed Arrow files, writes Parquet with the certain rows and the engine's rows."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc, parquet

from trustedlake.adapters.local.disk import refusals
from trustedlake.core.accept_lane import SIZE, accept, in_key_order
from trustedlake.core.framing.layout import framed_schema
from trustedlake.core.partition_name import partition_name
from trustedlake.core.table_schema import arrow_schema, trusted_columns
from trustedlake.ports import COMPRESSION
from trustedlake.threads import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Batch

AT_ONCE = 60_000_000
"""Raw bytes of whole partitions that are processed together."""

LARGEST = 256 << 20
"""Largest single partition, in raw bytes: the rows of a larger one would need too much memory at once."""

ROW_GROUP = 1 << 17
"""Rows per row group of a Parquet file."""


class ParquetAcceptor:
    """Port `Acceptor`."""

    def batch_size(self, size: int) -> int:
        """See the port."""
        return min(size, AT_ONCE)

    def accept(self, batch: Batch, contract: Contract, *, rest: Path) -> AcceptedRows:
        """See the port."""
        pa.default_memory_pool().release_unused()  # otherwise it keeps the memory of the previous batch
        files = {file.stem: _map(file) for file in sorted(batch.framed.glob("*.arrow"))}
        left: Mapping[str, int]
        if batch.size > LARGEST:
            rows, uncertain, left = arrow_schema(contract).empty_table(), None, {SIZE: batch.records}
        else:
            empty = framed_schema(contract.framing()).empty_table()
            # The accept lane doesn't need the records' raw text, so the text stays on disk.
            rows, certain, left = accept(pa.concat_tables([empty, *files.values()]).drop_columns(["raw"]), contract)
            uncertain = pc.invert(certain)
        number = batch.records - rows.num_rows
        if number:
            rest.mkdir(parents=True)
            _write_rest(files, uncertain, rest)
        return AcceptedRows(rows, contract, batch, left, _rest(batch, rest, number) if number else None)


class AcceptedRows:
    """Port `Accepted`: certain rows in memory."""

    def __init__(
        self, rows: pa.Table, contract: Contract, batch: Batch, left: Mapping[str, int], rest: Batch | None
    ) -> None:
        self.records = rows.num_rows
        self.left = left
        self.rest = rest
        self._rows = rows
        self._contract = contract
        self._most = batch.rows_per_file

    def write(self, trusted: Path, judged: Path | None) -> None:
        """See the port."""
        theirs = {} if judged is None else _by_partition(judged)
        ours = [(name, rows, theirs.pop(name, ())) for name, rows in self._partitions()]
        for _ in map_in_threads(lambda one: self._write(trusted / one[0], one[1], one[2]), ours):
            pass
        for name, files in theirs.items():
            for file in files:
                (trusted / name).mkdir(parents=True, exist_ok=True)
                file.rename(trusted / name / file.name)

    def _write(self, folder: Path, rows: pa.Table, judged: Iterable[Path]) -> None:
        """Write a partition's rows, and the engine's among them."""
        folder.mkdir(parents=True, exist_ok=True)
        schema = pa.schema([pa.field(column.name, column.arrow) for column in trusted_columns(self._contract)])
        if more := [_same(_read(file), schema) for file in judged]:
            rows = in_key_order(pa.concat_tables([rows, *more]), self._contract)
        for number in range(math.ceil(len(rows) / self._most)):
            file = folder / f"part-{number:05d}.parquet"
            with refusals(file):
                some = rows.slice(number * self._most, self._most)
                parquet.write_table(some, file, compression=COMPRESSION, row_group_size=ROW_GROUP)

    def _partitions(self) -> Iterator[tuple[str, pa.Table]]:
        """Yield name and rows of each partition, without the partition columns; its rows are contiguous."""
        names = self._contract.partition
        plain = self._rows.drop_columns(list(names)) if names else self._rows
        if not len(plain):
            return
        if not names:
            yield "", plain
            return
        row = pc.subtract(pc.cumulative_sum(pa.repeat(1, len(plain))), 1)
        groups = self._rows.select(names).append_column("row", row).group_by(list(names), use_threads=False)
        # pyarrow gives the groups in an order of its own, even without threads.
        for group in groups.aggregate([("row", "min"), ("row", "count")]).to_pylist():
            name = partition_name(names, [group[column] for column in names])
            yield name, plain.slice(group["row_min"], group["row_count"])


def _read(file: Path) -> pa.Table:
    with parquet.ParquetFile(file) as opened:
        return opened.read()


def _map(file: Path) -> pa.Table:
    """Memory-map the rows of an Arrow file: only the parts that are used are read."""
    with pa.memory_map(str(file)) as source:
        return ipc.open_file(source).read_all()


def _write_rest(files: Mapping[str, pa.Table], uncertain: pa.Array | None, out: Path) -> None:
    """Write the rows of each file as Parquet: all of them, or those for which `uncertain` is true."""
    place = 0
    for name, table in files.items():
        rows = table if uncertain is None else table.filter(uncertain.slice(place, len(table)))
        place += len(table)
        if len(rows):
            file = out / f"{name}.parquet"
            with refusals(file):
                parquet.write_table(rows, file, compression="lz4")


def _rest(batch: Batch, folder: Path, records: int) -> Batch:
    """Return the batch of the remaining records; its raw bytes are estimated by their share."""
    size = math.ceil(batch.size * records / max(batch.records, 1))
    return replace(batch, framed=folder, records=records, size=size, partitions=min(batch.partitions, records))


def _by_partition(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.rglob("*.parquet")):
        name = file.parent.relative_to(folder).as_posix()
        found.setdefault("" if name == "." else name, []).append(file)
    return found


def _same(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Give an engine's rows our column order and types: engines name the elements of a list differently."""
    return rows.select(schema.names).cast(schema)
