"""Read the refused records: the published Quarantine, and the records of partitions that failed the gate."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.trusted.listing import key_of, place
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.core.partition_name import WHOLE, is_selected
from trustedlake.errors import InputError
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Counts, Ledger, PublishedFile
    from trustedlake.ports import ObjectStore

REJECTED, DUPLICATE = "rejected", "duplicate"
VERDICTS = (REJECTED, DUPLICATE, "unreadable")

_INDEX = re.compile(r"-?[0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """One refused record.

    Attributes:
        verdict: `rejected`, `duplicate` or `unreadable` (a whole file, `record_index` -1).
        reasons: all reasons, as `column|rule`.
        winner: for a duplicate, the address of the record that was kept.
        failed: its partition failed the gate, so it was not published.
        corrected_by: for a rejected record, the address of the first published row of its or a later partition that
            has its key; None if there is none or it wasn't looked up.
    """

    table: str
    partition: str
    file_path: str
    record_index: int
    verdict: str
    reasons: tuple[str, ...]
    raw: str
    winner: str | None
    run_id: str
    failed: bool
    corrected_by: str | None = None

    @property
    def address(self) -> str:
        """`file_path#record_index`, as `--raw` takes it."""
        return f"{self.file_path}#{self.record_index}"


class RowReader(Protocol):
    """Reads the rows of a Parquet file as dictionaries, in bounded batches."""

    def __call__(self, file: Path) -> Iterator[dict[str, object]]:
        """Yield the file's rows."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Selects refused records; an empty field selects all.

    Attributes:
        partition: its name, the first folders of the name, or its day as `2025-06-17`.
        reason: text that one of the reasons, or the verdict, contains.
    """

    verdict: str = ""
    partition: str = ""
    reason: str = ""

    def has_partition(self, name: str) -> bool:
        """Return whether records of that partition are selected."""
        return not self.partition or is_selected(name, self.partition)

    def has(self, record: Quarantined) -> bool:
        """Return whether that record is selected."""
        if self.verdict not in {"", record.verdict}:
            return False
        return not self.reason or any(self.reason in one for one in (*record.reasons, record.verdict))


EVERYTHING = Wanted()


def refused_records(
    tables: Iterable[tuple[ObjectStore, TablePaths]], read_rows: RowReader, wanted: Wanted = EVERYTHING
) -> Iterator[Quarantined]:
    """Yield the refused records of the tables, partition by partition; duplicates come after all others.

    Raises:
        InputError: the tables have no such partition.
    """
    parts: list[_Refusals] = []
    names: dict[str, None] = {}
    for store, paths in tables:
        ledger, _ = load_ledger(store, paths)
        for name, entry in (ledger.partitions if ledger else {}).items():
            names[name] = None
            if wanted.has_partition(name):
                parts += [_Refusals(store, paths.table, name, entry.quarantine, entry.counts, failed=False)]
                parts += [
                    _Refusals(store, paths.table, name, one.files, one.counts, failed=True)
                    for one in [entry.refusal]
                    if one
                ]
    if names and not any(map(wanted.has_partition, names)):
        there = some(name or WHOLE for name in names)
        raise InputError(f"no partition {wanted.partition!r}", hint=f"there are: {there}")
    for part in parts:
        if part.rows != part.counts.duplicates:
            yield from (one for one in part.records(read_rows) if one.verdict != DUPLICATE and wanted.has(one))
    for part in parts:
        if part.counts.duplicates:
            yield from (one for one in part.records(read_rows) if one.verdict == DUPLICATE and wanted.has(one))


@dataclass(frozen=True, slots=True)
class _Refusals:
    """The refused records of a partition: beside its published rows, or of a partition that `failed` the gate."""

    store: ObjectStore
    table: str
    partition: str
    files: Sequence[PublishedFile]
    counts: Counts
    failed: bool

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    def records(self, read_rows: RowReader) -> Iterator[Quarantined]:
        for file in self.files:
            with self.store.local_file(file.key) as local:
                for row in read_rows(local):
                    yield _record(self.table, self.partition, row, failed=self.failed)


class KeyFinder(Protocol):
    """Looks up the keys of refused records among the published rows."""

    def key(self, raw: str, header: Sequence[str]) -> tuple[str, ...] | None:
        """Return the key of a record with this text, from a file with this CSV header; None if it has none."""
        ...

    def rows(self, file: Path, keys: Collection[tuple[str, ...]]) -> Mapping[tuple[str, ...], str]:
        """Return key -> address of the row that has it, for one Trusted file."""
        ...


def mark_corrected(
    tables: Iterable[tuple[ObjectStore, TablePaths]],
    records: Sequence[Quarantined],
    finder: Callable[[str], KeyFinder | None],
) -> list[Quarantined]:
    """Mark each rejected record with the first published row, of its or a later partition, that corrects it.

    `finder` returns the key finder of a table; None if its records have no keys.
    """
    corrected: dict[int, str] = {}
    for store, paths in tables:
        own = [(n, one) for n, one in enumerate(records) if one.table == paths.table and one.verdict == REJECTED]
        find = finder(paths.table) if own else None
        ledger, _ = load_ledger(store, paths) if find else (None, None)
        if find is None or ledger is None:
            continue
        headers = _headers(ledger)
        keys = {
            n: key
            for n, one in own
            if (key := find.key(one.raw, headers.get((one.partition, one.failed, one.file_path), ())))
        }
        for name, entry in ledger.partitions.items():
            wanted = {
                n: keys[n]
                for n, one in own
                if n in keys
                and n not in corrected
                and (one.partition < name or (one.partition == name and not one.failed))
            }
            for file in entry.trusted if wanted else ():
                with store.local_file(file.key) as local:
                    rows = find.rows(local, set(wanted.values()))
                corrected |= {n: rows[key] for n, key in wanted.items() if key in rows}
    return [replace(one, corrected_by=corrected.get(n)) for n, one in enumerate(records)]


def _headers(ledger: Ledger) -> dict[tuple[str, bool, str], tuple[str, ...]]:
    """Return partition, whether it failed, and path -> CSV header, for the files whose header the ledger has."""
    return {
        (name, failed, file.path): file.header
        for name, entry in ledger.partitions.items()
        for failed, files in ((False, entry.raw), (True, entry.refusal.raw if entry.refusal else ()))
        for file in files
        if file.header
    }


def _record(table: str, partition: str, row: dict[str, object], *, failed: bool) -> Quarantined:
    reasons = row["reasons"]
    return Quarantined(
        table=table,
        partition=partition,
        file_path=str(row["file_path"]),
        record_index=int(str(row["record_index"])),
        verdict=str(row["verdict"]),
        reasons=tuple(str(reason) for reason in reasons) if isinstance(reasons, list) else (),
        raw=str(row["raw"] or ""),
        winner=None if row["winner"] is None else str(row["winner"]),
        run_id=str(row["run_id"]),
        failed=failed,
    )


def count_reasons(records: Iterable[Quarantined]) -> list[tuple[str, str, int]]:
    """Count (table, reason, records), the most frequent first; a duplicate's reason is `duplicate`."""
    counts: Counter[tuple[str, str]] = Counter()
    for record in records:
        counts.update((record.table, reason) for reason in record.reasons or (record.verdict,))
    return [(table, reason, n) for (table, reason), n in counts.most_common()]


def count_days(records: Iterable[Quarantined]) -> list[tuple[str, str, int, int, int]]:
    """Count (table, partition, rejected, duplicates, unreadable files), in order."""
    counts: Counter[tuple[str, str, str]] = Counter((one.table, one.partition, one.verdict) for one in records)
    days = sorted({(table, partition) for table, partition, _ in counts})
    return [(*day, *(counts[*day, verdict] for verdict in VERDICTS)) for day in days]  # type: ignore[misc]


def raw_bytes(
    tables: Iterable[tuple[ObjectStore, TablePaths]], contracts: Mapping[str, Contract], address: str, exact: Exact
) -> bytes:
    """Read the exact bytes of the record at `path#index` from its raw file.

    Raises:
        InputError: no such address, file or record.
    """
    path, _, index = address.rpartition("#")
    if not path or not _INDEX.fullmatch(index):
        raise InputError(
            f"{address!r} is not a record's address", hint="it is path#index, as trustedlake quarantine shows"
        )
    found_in_raw = False
    for store, paths in tables:
        key = key_of(store, paths, path)
        contract = contracts[paths.table]
        raw_files = RawFiles(contract, tuple(contracts.values()))
        # Tables may share folders, so the path templates decide whether this table reads the file.
        if key is None or not key.startswith(paths.input_folders) or place(store, paths, key, raw_files) is None:
            continue
        try:
            with store.local_file(key) as local:
                found = exact(local, contract, int(index))
        except FileNotFoundError as error:
            raise InputError(f"{path} is no longer in Raw", hint="restore it to see the record's bytes") from error
        if found is not None:
            return found
        found_in_raw = True
    if found_in_raw:
        raise InputError(f"{path} has no record {index}", hint="trustedlake quarantine shows the addresses")
    raise InputError(
        f"{path} is not a raw file of this lake",
        hint="trustedlake quarantine shows the addresses; raw files outside of the lake need --input",
    )


class Exact(Protocol):
    """Finds a record's bytes in a raw file."""

    def __call__(self, file: Path, contract: Contract, index: int) -> bytes | None:
        """Return the record's bytes; the whole file for index -1; None if there is no such record."""
        ...
