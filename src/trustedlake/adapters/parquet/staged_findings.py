"""Finds open points in a partition's staged files.

They are sources that lost to another, values that only a duplicate had, and the results of corrections.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from trustedlake.adapters.parquet.staged_schema import open_quarantine, open_trusted, read_columns
from trustedlake.core.facts import REPLACED
from trustedlake.core.framing.quarantined_text import RawTextReader
from trustedlake.models.contract import WITNESS_TYPES, Duplicates
from trustedlake.models.report import Lost, Overruled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.core.framing.column_reader import Reading
    from trustedlake.models.contract import Contract
    from trustedlake.ports import Newer

    Key = tuple[str, ...]


_COMPARED = WITNESS_TYPES | {"double"}
"""Types for which we can tell from two texts that the values differ."""


class StagedFiles(NamedTuple):
    """The staged files of one partition, with what reads them.

    Attributes:
        texts: reads the contract's raw texts.
        headers: path of a raw file -> its CSV header.
    """

    trusted: Sequence[Path]
    quarantine: Sequence[Path]
    contract: Contract
    texts: RawTextReader
    headers: Mapping[str, Sequence[str]]

    def rows(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Yield these columns of Trusted."""
        for path in self.trusted:
            with open_trusted(path, self.contract) as file:
                yield from read_columns(file, path, columns)

    def read(self, file: str, raw: str, names: Iterable[str] | None = None) -> Iterator[tuple[str, Reading]]:
        """Read the columns (all, if none are named) of a raw text of that raw file."""
        return self.texts.read(raw, self.headers.get(file, ()), names or self.texts.layout.readers)


def count_conflicts(staged: StagedFiles) -> dict[str, int]:
    """Count source -> rows in which another source of the same column won with a different value."""
    readers = staged.texts.layout.readers.values()
    keys = {source.label for reader in readers if len(reader.sources) > 1 for source in reader.sources}
    counts: Counter[str] = Counter()
    for rows in staged.rows(["rescued"]) if keys else ():
        for chunk in rows.column("rescued").chunks:
            found = pc.value_counts(chunk.keys.cast(pa.string()))
            counts.update({one["values"]: one["counts"] for one in found.to_pylist() if one["values"] in keys})
    return dict(sorted(counts.items()))


def lost_values(staged: StagedFiles) -> Lost:
    """Compare the text of each duplicate in Quarantine with the record in Trusted that has its key.

    This is only for tables that keep the last record of a key: elsewhere a duplicate has no values of its own.

    Raises:
        ImbalanceError: a file can't be read, or its columns or types are not the contract's.
    """
    if staged.contract.duplicates is not Duplicates.LAST:
        return Lost()
    duplicates = [
        (winner, frozenset(name for name, reading in staged.read(_file(address), raw) if reading.value))
        for address, raw, winner in _refused(staged.quarantine, "duplicate")
    ]
    names = sorted(set().union(*(columns for _, columns in duplicates)))
    if not names:
        return Lost()
    nulls = _nulls(staged, names, {winner for winner, _ in duplicates})
    lost = [columns & nulls.get(winner, frozenset()) for winner, columns in duplicates]
    counts = Counter(name for columns in lost for name in columns)
    return Lost(duplicates=sum(map(bool, lost)), columns=dict(sorted(counts.items())))


def _nulls(staged: StagedFiles, names: Sequence[str], winners: set[str]) -> Mapping[str, frozenset[str]]:
    """Return the address of each winner -> the columns, out of `names`, in which it has no value."""
    found = {}
    for addresses, rows in _rows_at(staged, names, winners):
        flags = zip(*(pc.is_null(rows.column(name)).to_pylist() for name in names), strict=True)
        for address, null in zip(addresses, flags, strict=True):
            found[address] = frozenset(compress(names, null))
    return found


def find_corrections(staged: StagedFiles) -> tuple[dict[str, str], dict[str, str]]:
    """Find the records that correct rejected ones, by key; records of replaced files are left out.

    Returns:
        Address of a rejected record -> address of the accepted record with its key; and, where no record with its key
        is accepted, -> address of the first rejected record with its key, if that is in an earlier file.
    """
    contract = staged.contract
    if not contract.unique_key:
        return {}, {}
    rejected = {
        address: key
        for address, raw, _ in _refused(staged.quarantine, "rejected", without=REPLACED)
        if (key := staged.texts.key(raw, staged.headers.get(_file(address), ())))
    }
    rows = staged.rows(["file_path", "record_index", *contract.key]) if rejected else ()
    winners = _find_keys(rows, contract, set(rejected.values()))
    corrected = {address: winners[key] for address, key in rejected.items() if key in winners}
    first: dict[Key, str] = {}
    repeated = {}
    for address in sorted(rejected.keys() - corrected.keys(), key=_order):
        earlier = first.setdefault(rejected[address], address)
        if _file(earlier) != _file(address):
            repeated[address] = earlier
    return corrected, repeated


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


class Keys:
    """Finds the rows of a table that have the keys of refused records."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._texts = RawTextReader(contract.framing())

    def key(self, raw: str, header: Sequence[str]) -> Key | None:
        """Return the key of a record with this text; None if it has no readable key."""
        return self._texts.key(raw, header)

    def rows(self, file: Path, keys: Collection[Key]) -> dict[Key, str]:
        """Return key -> address of the row with that key, in a Trusted file; empty if the columns are not today's."""
        columns = ["file_path", "record_index", *self._contract.key]
        try:
            rows = parquet.read_table(file, columns=columns, partitioning=None)
        except (OSError, pa.ArrowException):
            return {}  # the audit reports what is wrong with the file
        return _find_keys([rows], self._contract, keys) if set(columns) <= set(rows.column_names) else {}


def key_finders(contracts: Iterable[Contract]) -> Mapping[str, Keys]:
    """Return table -> its finder, for the tables with a unique key."""
    return {one.table: Keys(one) for one in contracts if one.unique_key}


def find_overruled(staged: StagedFiles, newer: Newer) -> tuple[Overruled, ...]:
    """Find records of newer files that lost to records of older files with different values, one entry per file.

    Args:
        staged: the partition's staged files.
        newer: the raw files that came after the others. If a record lost to a record that came in this run, it was
            corrected, so it is left out.
    """
    if not newer.files or staged.contract.duplicates is not Duplicates.LAST:
        return ()
    names = [column.name for column in staged.contract.columns if column.type in _COMPARED]
    if not names:
        return ()
    lost: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for address, raw, winner in _refused(staged.quarantine, "duplicate"):
        file, won = _file(address), _file(winner)
        if file in newer.files and won != file and won not in newer.new:
            readings = staged.read(file, raw, names)
            values = {name: str(reading.value) for name, reading in readings if reading.value is not None}
            lost.setdefault(winner, []).append((address, values))
    rows = {
        address: row
        for addresses, some in _rows_at(staged, names, set(lost))
        for address, row in zip(addresses, some.to_pylist(), strict=True)
    }
    found: dict[str, Overruled] = {}
    for winner, losers in lost.items():
        for address, values in losers:
            columns = [name for name, text in values.items() if _differs(text, rows.get(winner, {}).get(name))]
            file = _file(address)
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
    staged: StagedFiles, names: Sequence[str], addresses: Collection[str]
) -> Iterator[tuple[list[str], pa.Table]]:
    """Yield these columns of the rows that may have one of the addresses, with the rows' addresses."""
    files = pa.array(sorted(set(map(_file, addresses))), pa.string())
    indexes = pa.array(sorted({int(one.rpartition("#")[2]) for one in addresses}), pa.int32())
    for rows in staged.rows(["file_path", "record_index", *names]) if addresses else ():
        paths = rows.column("file_path").cast(pa.string())
        likely = pc.and_(pc.is_in(paths, files), pc.is_in(rows.column("record_index"), indexes))
        some = rows.filter(likely)
        places = zip(some.column("file_path").to_pylist(), some.column("record_index").to_pylist(), strict=True)
        yield [f"{path}#{index}" for path, index in places], some.select(names)


def _refused(quarantine: Iterable[Path], verdict: str, *, without: str = "") -> Iterator[tuple[str, str, str]]:
    """Yield address, text and winner of each refused record with that verdict, but not with the reason `without`."""
    names = ["file_path", "record_index", "raw", "winner", "reasons"]
    for path in quarantine:
        with open_quarantine(path) as file:
            for rows in read_columns(file, path, ["verdict", *names]):
                some = rows.filter(pc.equal(rows.column("verdict"), verdict))
                columns = (some.column(name).to_pylist() for name in names)
                for raw_file, index, raw, winner, reasons in zip(*columns, strict=True):
                    if without not in (reasons or ()):
                        yield f"{raw_file}#{index}", raw or "", winner or ""


def _order(address: str) -> tuple[bytes, int]:
    """Return what addresses are sorted by: file, then index."""
    path, _, index = address.rpartition("#")
    return path.encode(), int(index)


def _file(address: str) -> str:
    """Return the path in `path#index`."""
    return address.rpartition("#")[0]
