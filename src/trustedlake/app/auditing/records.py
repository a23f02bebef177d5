"""Compare the records of one partition: Raw with Trusted and Quarantine, and both with the ledger's counts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.auditing import DUPLICATE, REJECTED, TRUSTED, UNREADABLE, FileAccount, PartitionAccount, Some
from trustedlake.errors import InputError, RetriableError
from trustedlake.models.audit import Finding, FindingKind
from trustedlake.models.ledger import Counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from trustedlake.app.auditing.audited import Audited
    from trustedlake.core.auditing import Census
    from trustedlake.models.ledger import Partition, PublishedFile, RawFile

_REPORT = "to-trusted --full-refresh rebuilds it; if the finding stays, report it with the raw file"


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """The records of one partition.

    Attributes:
        counts: `framed` is what Raw has, the others are what the Parquet files have.
        unreadable: path -> reason, for raw files that the user accepted as unreadable.
        untaken: path -> number of its records that no table takes.
    """

    counts: Counts
    findings: tuple[Finding, ...]
    unreadable: Mapping[str, str]
    untaken: Mapping[str, int]


def check_partition(table: Audited, name: str, entry: Partition, intact: Mapping[str, str], way: str) -> RecordCheck:
    """Count the records of the partition's raw files, and find each of them in the published files.

    Args:
        table: the partition's table.
        name: the partition's name.
        entry: the partition's ledger entry.
        intact: path -> key of raw files whose bytes are the published ones; rows of other files are only counted.
        way: how to repair the partition, for findings without a hint of their own.
    """
    account = PartitionAccount({raw.path: None for raw in entry.raw})
    for raw in entry.raw:
        if raw.path in intact:
            with _local(table, intact[raw.path]) as local:
                account.files[raw.path] = FileAccount(table.census(intact[raw.path], local))
    findings = [*_take(table, account, entry)]
    for raw in entry.raw:
        findings += _of_file(raw, account.files[raw.path])
    findings += [_stranger(name or table.paths.table, path, rows) for path, rows in account.strangers.items()]
    counts = _counts(entry, account)
    if not findings and counts != entry.counts:
        findings.append(_other_counts(name or table.paths.table, entry.counts, counts))
    hinted = (one if one.hint else one.model_copy(update={"hint": way}) for one in findings)
    untaken = {path: file.census.untaken for path, file in account.files.items() if file.census and file.census.untaken}
    return RecordCheck(counts, tuple(hinted), _unreadable(entry, account), untaken)


def _take(table: Audited, account: PartitionAccount, entry: Partition) -> Iterator[Finding]:
    """Read the published rows into the account."""
    contract, evidence = table.contract, table.evidence
    for file in _there(table, entry.trusted):
        with _local(table, file.key) as local, _unreadable_is_changed(file) as changed:
            for row in evidence.trusted(local, contract):
                account.trusted(row)
        yield from changed
    for file in _there(table, entry.quarantine):
        with _local(table, file.key) as local, _unreadable_is_changed(file) as changed:
            for refused in evidence.quarantined(local):
                account.quarantined(refused)
        yield from changed


def _there(table: Audited, files: Iterable[PublishedFile]) -> Iterator[PublishedFile]:
    """Filter the files that exist; missing ones were reported before."""
    return (file for file in files if table.store.head(file.key) is not None)


@contextmanager
def _local(table: Audited, key: str) -> Iterator[Path]:
    try:
        with table.store.local_file(key) as local:
            yield local
    except FileNotFoundError as error:
        raise RetriableError(
            f"{table.store.address(key)} vanished during the audit", hint="audit again when nothing else uses the lake"
        ) from error


@contextmanager
def _unreadable_is_changed(file: PublishedFile) -> Iterator[list[Finding]]:
    found: list[Finding] = []
    try:
        yield found
    except InputError as error:
        found.append(Finding(kind=FindingKind.FILE_CHANGED, where=file.key, message=error.message, hint=""))


def _of_file(raw: RawFile, file: FileAccount) -> Iterator[Finding]:
    if file.census is None:
        yield from _counted(raw, file)
        return
    if _is_framed_otherwise(raw, file):
        census = file.census
        found = f"can't read it ({census.problem})" if census.problem else f"finds {_told(census)}"
        message = f"{_told(raw)} records were read from it, but another parser {found}"
        yield Finding(kind=FindingKind.FRAMED_OTHERWISE, where=raw.path, message=message, hint=_REPORT)
        return
    total = f"of its {raw.records:,} records"
    yield from _some(FindingKind.RECORDS_MISSING, raw, file.missing, f"{total} have no row in Trusted or Quarantine")
    yield from _some(FindingKind.RECORDS_DOUBLED, raw, file.doubled, f"{total} have more than one row")
    yield from _some(
        FindingKind.RECORDS_UNKNOWN, raw, file.unknown, "rows belong to records that the file doesn't have"
    )
    yield from _some(FindingKind.RECORDS_CHANGED, raw, file.changed, f"{total} differ from their rows")
    yield from _some(
        FindingKind.WINNER_MISSING, raw, file.lost_winners, "duplicates have no winner with their key in Trusted"
    )
    if file.census.problem and not file.verdicts[UNREADABLE]:
        message = "the file can't be read, but Quarantine has no row for it"
        yield Finding(kind=FindingKind.RECORDS_MISSING, where=raw.path, message=message, hint="")


def _counted(raw: RawFile, file: FileAccount) -> Iterator[Finding]:
    """Check what can be checked without the raw file."""
    yield from _some(FindingKind.RECORDS_DOUBLED, raw, file.doubled, "records have more than one row")
    if file.rows - file.doubled.count != raw.records:
        kind = FindingKind.RECORDS_MISSING if file.rows < raw.records else FindingKind.RECORDS_UNKNOWN
        message = f"{raw.records:,} records were published from it, but {file.rows:,} rows are there"
        difference = abs(file.rows - raw.records)
        yield Finding(kind=kind, where=raw.path, message=message, hint="", records=difference)


def _is_framed_otherwise(raw: RawFile, file: FileAccount) -> bool:
    census = file.census
    if census is None or (census.records, census.elsewhere) != (raw.records, raw.elsewhere):
        return True
    return bool(file.verdicts[UNREADABLE]) and not census.problem


def _told(found: RawFile | Census) -> str:
    left = f" (and {found.elsewhere:,} of other tables)" if found.elsewhere else ""
    return f"{found.records:,}{left}"


def _some(kind: FindingKind, raw: RawFile, some: Some, what: str) -> Iterator[Finding]:
    if some.count:
        yield Finding(
            kind=kind,
            where=raw.path,
            message=f"{some.count:,} {what}: {some}",
            hint="",
            records=some.count,
            examples=tuple(some.first),
        )


def _stranger(where: str, path: str, rows: int) -> Finding:
    message = f"{rows:,} rows come from {path or 'no file'}, but by the ledger nothing was published from it there"
    return Finding(kind=FindingKind.RECORDS_UNKNOWN, where=where, message=message, hint="", records=rows)


def _other_counts(where: str, ledger: Counts, found: Counts) -> Finding:
    message = f"the ledger counts {_sentence(ledger)}; there are {_sentence(found)}"
    return Finding(kind=FindingKind.COUNTS_DIFFER, where=where, message=message, hint=_REPORT)


def _sentence(counts: Counts) -> str:
    return (
        f"{counts.framed:,} records, {counts.trusted:,} trusted, {counts.rejected:,} rejected,"
        f" {counts.duplicates:,} duplicates, {counts.elsewhere:,} of other tables"
    )


def _counts(entry: Partition, account: PartitionAccount) -> Counts:
    files = account.files
    framed = [raw if (census := files[raw.path].census) is None else census for raw in entry.raw]
    elsewhere = sum(one.elsewhere for one in framed)
    return Counts(
        framed=sum(one.records for one in framed) + elsewhere,
        trusted=sum(file.verdicts[TRUSTED] for file in files.values()),
        rejected=sum(file.verdicts[REJECTED] for file in files.values()),
        duplicates=sum(file.verdicts[DUPLICATE] for file in files.values()),
        elsewhere=elsewhere,
    )


def _unreadable(entry: Partition, account: PartitionAccount) -> dict[str, str]:
    return {
        raw.path: (census.problem or "") if (census := account.files[raw.path].census) else "not compared"
        for raw in entry.raw
        if account.files[raw.path].verdicts[UNREADABLE] and not raw.replaced
    }
