"""Compare raw and published files with the ledger, and say how to repair what differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.app.trusted.listing import key_of, place
from trustedlake.app.trusted.published import Published, published_files
from trustedlake.core.partition_name import canonical_twin
from trustedlake.models.audit import Finding, FindingKind
from trustedlake.models.lake import WHOLE_TABLE, join
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustedlake.app.auditing.audited import Audited
    from trustedlake.models.ledger import Ledger, Partition, PublishedFile, RawFile

REBUILD = "to-trusted rebuilds the partition from Raw"
_ANEW = "to-trusted --full-refresh rebuilds the table from Raw; a normal run does not notice this damage"
_MEND_RAW = "its newest raw files were refused (trustedlake quarantine shows why): fix them, and to-trusted rebuilds it"
_ASIDE = "to-trusted --full-refresh rebuilds the table and moves such files aside; or remove them by hand"
_RESTORE = "Raw never changes: restore the file"


@dataclass(frozen=True, slots=True)
class Mending:
    """The hints for one partition.

    Attributes:
        published: for damage in Trusted and Quarantine.
        failed: for damage in the files of its refusal.
    """

    published: str
    failed: str = REBUILD


def mending(entry: Partition, published: Published, ledger: Ledger) -> Mending:
    """Say how to repair the partition.

    A run compares published files with the ledger by size and version, and by checksum if only the version differs.
    It does not see other damage. It can't rebuild a refused partition, nor one with kept rows of vanished files.
    """
    kept = [raw.path for raw in entry.raw if raw.path in ledger.kept]
    if kept:
        way = f"restore {some(kept)}, whose rows are kept, and {REBUILD}; or remove those rows: --vanished drop"
    elif entry.refusal is not None:
        way = _MEND_RAW
    else:
        way = _ANEW if published.intact((*entry.trusted, *entry.quarantine)) else REBUILD
    aside = entry.refusal.files if entry.refusal else ()
    return Mending(way, _ANEW if published.intact(aside) else REBUILD)


@dataclass(frozen=True, slots=True)
class RawCheck:
    """The raw files behind one partition.

    Attributes:
        intact: path -> key, for files whose bytes are the published ones.
    """

    intact: Mapping[str, str]
    findings: tuple[Finding, ...]


def check_raw(table: Audited, entry: Partition, ledger: Ledger) -> RawCheck:
    """Compare the raw files of a partition with their checksums in the ledger.

    Two differences are not findings: a vanished file whose rows are kept, and a changed file that was refused.
    """
    intact: dict[str, str] = {}
    findings = []
    refused = {raw.path: raw.sha256 for raw in entry.refusal.raw} if entry.refusal else {}
    for raw in entry.raw:
        key = key_of(table.store, table.paths, raw.path)
        now = _sha256(table, key)
        if key is not None and now == raw.sha256:
            intact[raw.path] = key
        elif now is None and raw.path not in ledger.kept:
            findings.append(_vanished(raw))
        elif now is not None and now != refused.get(raw.path):
            message = f"its sha256 was {raw.sha256[:12]}… when it was published and is {now[:12]}… now"
            run = "to-trusted" if _is_seen(table, key, raw) else "to-trusted --full-refresh"
            findings.append(_finding(FindingKind.RAW_CHANGED, raw.path, message, f"{_RESTORE}, or run {run}"))
    return RawCheck(intact, tuple(findings))


def _is_seen(table: Audited, key: str | None, raw: RawFile) -> bool:
    """Return whether a run notices by itself that the raw file changed."""
    now = None if key is None else table.store.head(key)
    return now is None or now.size != raw.size or now.version != raw.tag


def check_published(table: Audited, ledger: Ledger) -> Iterator[Finding]:
    """Compare the files in Trusted, Quarantine and `failed` with the ledger."""
    published = Published(table.store, table.paths, ledger)
    for name, entry in sorted(ledger.partitions.items()):
        ways = mending(entry, published, ledger)
        for file in (*entry.trusted, *entry.quarantine):
            yield from _published(table, file, ways.published)
        for file in entry.refusal.files if entry.refusal else ():
            yield from _published(table, file, ways.failed)
        yield from _misplaced(table, name, entry)
    for info in published.unknown:
        yield _unknown(table, info.key)


def _published(table: Audited, file: PublishedFile, way: str) -> Iterator[Finding]:
    now = _sha256(table, file.key)
    if now is None:
        message = f"the ledger has it with {file.rows:,} rows, but the file is gone"
        yield _finding(FindingKind.FILE_MISSING, file.key, message, way)
    elif now != file.sha256:
        message = f"its sha256 was {file.sha256[:12]}… when it was published and is {now[:12]}… now"
        yield _finding(FindingKind.FILE_CHANGED, file.key, message, way)


def _misplaced(table: Audited, name: str, entry: Partition) -> Iterator[Finding]:
    """Find published files outside of the partition's folders, and raw files of another ingestion date."""
    paths = table.paths
    homes = {join(root, name) for root in (paths.trusted, paths.quarantine, paths.failed)}
    for file in published_files(entry):
        if file.key.rpartition("/")[0] not in homes:
            message = f"the ledger has it in {name or 'the table'}, but it is in another folder"
            yield _finding(FindingKind.WRONG_PARTITION, file.key, message, _ANEW)
    if name == WHOLE_TABLE:
        return
    for raw in entry.raw:
        key = key_of(table.store, table.paths, raw.path)
        # If the path no longer leads into the lake, the caller named the file.
        placed = place(table.store, table.paths, key, table.raw_files) if key is not None else None
        placed = placed or table.raw_files.place(raw.path, anywhere=True)
        home = table.raw_files.partition(placed) if placed else "no partition"
        if home != name:
            message = f"the ledger has it in {name} of {table.paths.table}; its path says {home}"
            yield _finding(FindingKind.WRONG_PARTITION, raw.path, message, _ANEW)


def _unknown(table: Audited, key: str) -> Finding:
    for root in (table.paths.trusted, table.paths.quarantine):
        folder = key.removeprefix(f"{root}/").rpartition("/")[0]
        twin = canonical_twin(folder, table.raw_files.partitioning.widths)
        if twin is not None:
            message = f"{folder} is {twin} written with integers: readers find one day in two folders"
            return _finding(FindingKind.TWIN_PARTITION, key, message, _ASIDE)
    message = "readers of the table find it, but the ledger doesn't list it"
    return _finding(FindingKind.FILE_UNKNOWN, key, message, _ASIDE)


def _vanished(raw: RawFile) -> Finding:
    message = f"{raw.records:,} records were published from it, but the file is gone"
    hint = f"{_RESTORE}; or choose: to-trusted --vanished keep keeps its rows, --vanished drop removes them"
    return _finding(FindingKind.RAW_VANISHED, raw.path, message, hint)


def _finding(kind: FindingKind, where: str, message: str, hint: str) -> Finding:
    return Finding(kind=kind, where=where, message=message, hint=hint)


def _sha256(table: Audited, key: str | None) -> str | None:
    """Return the checksum of the file; None if there is none."""
    return None if key is None or table.store.head(key) is None else sha256_of(table.store, key)
