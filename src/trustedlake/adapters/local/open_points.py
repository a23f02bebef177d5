"""Finds open points in a partition's staged files: sources that lost to another, and what became of corrections."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from trustedlake.adapters.local.staged_schema import open_quarantine, open_trusted, read_columns
from trustedlake.core.framing.layout import Layout
from trustedlake.core.framing.record import object_record
from trustedlake.models.contract import Duplicates
from trustedlake.models.raw import RawFormat
from trustedlake.models.report import Overruled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.ports import Newer

    Key = tuple[str, ...]


class RefusedRow(Protocol):
    """A refused record, with its text."""

    @property
    def raw(self) -> str:
        """Return the text as it stands in its file."""
        ...


_COMPARED = frozenset({"string", "int", "bigint", "double"})
"""Types for which we can tell from two texts that the values differ."""


def has_keys(contract: Contract) -> bool:
    """Return whether the text of a refused record shows which row it should have become."""
    return contract.unique_key and contract.format is RawFormat.JSON


def count_conflicts(trusted: Iterable[Path], contract: Contract) -> dict[str, int]:
    """Count source -> rows in which another source of the same column won with a different value."""
    keys = {path for column in contract.columns if len(column.paths) > 1 for path in column.paths}
    counts: Counter[str] = Counter()
    for path in trusted if keys else ():
        for rows in _read(path, contract, ["rescued"]):
            for chunk in rows.column("rescued").chunks:
                found = pc.value_counts(chunk.keys.cast(pa.string()))
                counts.update({one["values"]: one["counts"] for one in found.to_pylist() if one["values"] in keys})
    return dict(sorted(counts.items()))


def find_corrected(
    trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, layout: Layout
) -> dict[str, str]:
    """Map the address of a rejected record to the address of the accepted record with the same key."""
    if not has_keys(contract):
        return {}
    rejected = {
        address: key
        for address, verdict, raw, _ in _refused(quarantine)
        if verdict == "rejected" and (key := key_of(raw, layout, contract))
    }
    columns = ["file_path", "record_index", *contract.key]
    rows = (rows for path in trusted for rows in _read(path, contract, columns)) if rejected else ()
    winners = _find_keys(rows, contract, set(rejected.values()))
    return {address: winners[key] for address, key in rejected.items() if key in winners}


def key_of(raw: str, layout: Layout, contract: Contract) -> Key | None:
    """Return the key of a record, as texts; None if it has no readable key."""
    values = _values(raw, layout, contract.key)
    return tuple(values[name] for name in contract.key) if len(values) == len(contract.key) else None


def _find_keys(tables: Iterable[pa.Table], contract: Contract, keys: Collection[Key]) -> dict[Key, str]:
    """Return key -> address of the row with that key."""
    found: dict[Key, str] = {}
    first = pa.array(sorted({key[0] for key in keys}), pa.string())
    for rows in tables:
        likely = pc.is_in(rows.column(contract.key[0]).cast(pa.string()), first)
        for row in rows.filter(likely).to_pylist():
            key = tuple(str(row[name]) for name in contract.key)
            if key in keys:
                found[key] = f"{row['file_path']}#{row['record_index']}"
    return found


def _read(path: Path, contract: Contract, columns: Sequence[str]) -> Iterator[pa.Table]:
    with open_trusted(path, contract) as file:
        yield from read_columns(file, path, columns)


class Keys:
    """Finds the rows of a table that have the keys of refused records."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._layout = Layout.of(contract.framing())

    def key(self, record: RefusedRow) -> Key | None:
        """Return the record's key; None if its text has no readable key."""
        return key_of(record.raw, self._layout, self._contract)

    def rows(self, file: Path, keys: Collection[Key]) -> dict[Key, str]:
        """Return key -> address of the row with that key, in a Trusted file; empty if the columns are not today's."""
        columns = ["file_path", "record_index", *self._contract.key]
        try:
            rows = parquet.read_table(file, columns=columns, partitioning=None)
        except (OSError, pa.ArrowException):
            return {}  # the audit reports what is wrong with the file
        return _find_keys([rows], self._contract, keys) if set(columns) <= set(rows.column_names) else {}


def find_overruled(
    trusted: Sequence[Path],
    quarantine: Sequence[Path],
    contract: Contract,
    layout: Layout,
    newer: Newer,
) -> tuple[Overruled, ...]:
    """Find records of newer files that lost to records of older files with different values, one entry per file.

    Args:
        trusted: staged files of the partition.
        quarantine: likewise.
        contract: of the table.
        layout: of the contract.
        newer: the raw files that came after the others. If a record lost to one that came in this run, the record
            itself was corrected, so it is left out.
    """
    if not newer.files or contract.duplicates is not Duplicates.LAST or not has_keys(contract):
        return ()
    names = [column.name for column in contract.columns if column.type in _COMPARED]
    lost: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for address, verdict, raw, winner in _refused(quarantine):
        file, won = address.rpartition("#")[0], winner.rpartition("#")[0]
        if verdict == "duplicate" and file in newer.files and won != file and won not in newer.new:
            lost.setdefault(winner, []).append((address, _values(raw, layout, names)))
    rows = _rows_at(trusted, contract, names, set(lost))
    found: dict[str, Overruled] = {}
    for winner, losers in lost.items():
        for address, values in losers:
            columns = [name for name, text in values.items() if _differs(text, rows.get(winner, {}).get(name))]
            file = address.rpartition("#")[0]
            if columns:
                before = found.get(file)
                found[file] = (
                    before.model_copy(update={"records": before.records + 1})
                    if before
                    else Overruled(file_path=file, records=1, address=address, winner=winner, columns=tuple(columns))
                )
    return tuple(found.values())


def _differs(text: str, value: object) -> bool:
    """Return whether the text is another value than the kept one. A kept null is reported as a lost value instead."""
    if value is None:
        return False
    if isinstance(value, float):
        try:
            return float(text) != value
        except ValueError:
            return False
    return text != str(value)


def _rows_at(
    trusted: Iterable[Path], contract: Contract, names: Sequence[str], addresses: Collection[str]
) -> Mapping[str, dict[str, object]]:
    files = pa.array(sorted({address.rpartition("#")[0] for address in addresses}), pa.string())
    found: dict[str, dict[str, object]] = {}
    for path in trusted if addresses else ():
        for rows in _read(path, contract, ["file_path", "record_index", *names]):
            likely = pc.is_in(rows.column("file_path").cast(pa.string()), files)
            for row in rows.filter(likely).to_pylist():
                address = f"{row['file_path']}#{row['record_index']}"
                if address in addresses:
                    found[address] = row
    return found


def _refused(quarantine: Iterable[Path]) -> Iterator[tuple[str, str, str, str]]:
    """Yield address, verdict, text and winner of each refused record."""
    for path in quarantine:
        with open_quarantine(path) as file:
            for rows in read_columns(file, path, ["file_path", "record_index", "verdict", "raw", "winner"]):
                for row in rows.to_pylist():
                    address = f"{row['file_path']}#{row['record_index']}"
                    yield address, row["verdict"], row["raw"] or "", row["winner"] or ""


def _values(raw: str, layout: Layout, names: Iterable[str]) -> dict[str, str]:
    """Return column -> text for columns with a value; empty if the text is not a record."""
    try:
        record, _ = object_record(raw, 0, layout)
    except ValueError:
        return {}
    readings = ((name, layout.readers[name].read(record.members, record.nested)) for name in names)
    return {name: str(reading.value) for name, reading in readings if reading.value is not None}
