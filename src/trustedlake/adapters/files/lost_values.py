"""What duplicates knew and the records that were kept instead do not: counted, so that it can be told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.adapters.files.staged_schema import open_quarantine, open_trusted, read_columns
from trustedlake.core.framing.layout import Layout
from trustedlake.core.framing.record import object_record
from trustedlake.models.contract import Duplicates
from trustedlake.models.raw import RawFormat
from trustedlake.models.report import Lost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract

_DUPLICATE = "duplicate"


def lost_values(trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract) -> Lost:
    """Compare each duplicate's text in Quarantine with the record of its key that is in Trusted.

    Of JSON tables with a unique key alone: elsewhere duplicates are equal in every column.

    Raises:
        ImbalanceError: a file can't be read, or its columns or types are not the contract's.
    """
    if contract.duplicates is not Duplicates.LAST or contract.format is not RawFormat.JSON:
        return Lost()
    layout = Layout.of(contract.framing())
    duplicates = [(winner, _columns_with_value(raw, layout)) for winner, raw in _duplicates(quarantine)]
    names = sorted(set().union(*(columns for _, columns in duplicates)))
    if not names:
        return Lost()
    nulls = _nulls(trusted, contract, names, {winner for winner, _ in duplicates})
    lost = [columns & nulls.get(winner, frozenset()) for winner, columns in duplicates]
    counts = Counter(name for columns in lost for name in columns)
    return Lost(duplicates=sum(map(bool, lost)), columns=dict(sorted(counts.items())))


def _duplicates(quarantine: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Address of the winner and raw text of each duplicate."""
    for path in quarantine:
        with open_quarantine(path) as file:
            for rows in read_columns(file, path, ["verdict", "raw", "winner"]):
                some = rows.filter(pc.equal(rows.column("verdict"), _DUPLICATE))
                yield from zip(some.column("winner").to_pylist(), some.column("raw").to_pylist(), strict=True)


def _nulls(
    trusted: Iterable[Path], contract: Contract, names: Sequence[str], winners: set[str]
) -> Mapping[str, frozenset[str]]:
    """Address of each winner -> those of the columns that it has no value in."""
    files = pa.array(sorted({winner.rpartition("#")[0] for winner in winners}))
    indexes = pa.array(sorted({int(winner.rpartition("#")[2]) for winner in winners}), pa.int32())
    found = {}
    for path in trusted:
        with open_trusted(path, contract) as file:
            for rows in read_columns(file, path, ["file_path", "record_index", *names]):
                paths = rows.column("file_path").cast(pa.string())
                likely = pc.and_(pc.is_in(paths, files), pc.is_in(rows.column("record_index"), indexes))
                places = pa.table({"path": paths, "index": rows.column("record_index")}).filter(likely).to_pylist()
                flags = {name: pc.is_null(rows.column(name)).filter(likely).to_pylist() for name in names}
                for number, place in enumerate(places):
                    null = frozenset(name for name in names if flags[name][number])
                    found[f"{place['path']}#{place['index']}"] = null
    return found


def _columns_with_value(raw: str, layout: Layout) -> frozenset[str]:
    """The columns for which the record has a value; blank texts and empty lists are nothing."""
    try:
        record, _ = object_record(raw, 0, layout)
    except ValueError:
        return frozenset()
    readings = ((name, reader.read(record.members, record.nested)) for name, reader in layout.readers.items())
    return frozenset(name for name, reading in readings if reading.value)
