"""The doctor's checks of a lake: work that is waiting, and what earlier runs left behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.accepting_warnings import accepted_places
from trustedlake.app.auditing.state import left_behind, refuse_live
from trustedlake.app.publishing.ledger_file import ElsewhereError, load_ledger
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.core.advice import about_untaken
from trustedlake.core.file_names import is_compressed
from trustedlake.errors import InputError, RetriableError, TrustedLakeError
from trustedlake.models.audit import FindingKind
from trustedlake.models.doctor import Check, CheckState
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from trustedlake.app.trusted.raw_files import RawFiles
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import Host, ObjectStore

UNPACKED = 8
"""Estimated bytes of text per byte of a gzip file."""


@dataclass(frozen=True, slots=True)
class Examined:
    """One table to check; it is a `trustedlake.app.publishing.claim.Writer`, although nothing is written."""

    store: ObjectStore
    host: Host
    shield: Callable[[], AbstractContextManager[object]]
    paths: TablePaths
    run_id: str
    raw_files: RawFiles


def raw_zone(tables: Sequence[Examined]) -> RawZone:
    """Return the raw zone of the lake that has these tables."""
    return RawZone([(one.store, one.paths, one.raw_files) for one in tables])


def pending_bytes(tables: Sequence[Examined], zone: RawZone) -> int:
    """Estimate the bytes of raw text that no run has published or refused; compares sizes, since checksums are slow."""
    return sum(_pending(table, zone) for table in tables)


def check_raw_zone(tables: Sequence[Examined], zone: RawZone, lake: str) -> Iterator[Check]:
    """Check that some table takes each file in Raw."""
    known = accepted_places(tables[0].store, tables[0].paths.state)
    found = [one for one in zone.leftover.places if not known.why(one.path)]
    for problem in zone.problems:
        yield Check(name="raw", state=CheckState.WARNING, says=f"can't list all of Raw: {problem}", mend="")
    if found:
        says = f"{sum(one.files for one in found):,} file(s) that no table takes: {some(one.path for one in found)}"
        yield Check(name="raw", state=CheckState.WARNING, says=says, mend=about_untaken(found[:1], lake))
    elif not zone.problems:
        yield Check(name="raw", state=CheckState.OK, says="each file is a table's, or ignored by its name")


def check_state(tables: Sequence[Examined]) -> Iterator[Check]:
    """Check ledgers, publishes and staging folders."""
    seen = 0
    for table in tables:
        try:
            ledger, _ = load_ledger(table.store, table.paths)
        except (InputError, ElsewhereError) as error:
            yield Check(name="ledger", state=CheckState.WARNING, says=error.message, mend=error.hint)
            continue
        seen += ledger is not None
    yield Check(name="ledgers", state=CheckState.OK, says=f"{seen} of {len(tables)} tables published")
    try:
        for table in tables:
            refuse_live(table)
        left = list(left_behind(tables))
    except RetriableError as error:
        yield Check(name="publish", state=CheckState.OK, says=error.message)
        return
    except TrustedLakeError as error:
        yield Check(name="publish", state=CheckState.WARNING, says=error.message, mend=error.hint)
        return
    for finding in left:
        name = "publish" if finding.kind is FindingKind.PUBLISH_CUT else "staging"
        says = f"{finding.where}: {finding.message}"
        yield Check(name=name, state=CheckState.WARNING, says=says, mend=finding.hint)
    if not left:
        yield Check(name="publish", state=CheckState.OK, says="no unfinished publish, nothing left in staging")


def _pending(table: Examined, zone: RawZone) -> int:
    try:
        listing = zone.listing((table.store, table.paths, table.raw_files))
        ledger, _ = load_ledger(table.store, table.paths, forgive=True)
    except InputError:
        return 0  # no raw files, or none that this version can read
    known = {
        (raw.path, raw.size)
        for entry in (ledger.partitions.values() if ledger else ())
        for raw in (*entry.raw, *(entry.refusal.raw if entry.refusal else ()))
    }
    waiting = [listed.file for listed in listing.files if (listed.file.path, listed.file.size) not in known]
    return sum(file.size * (UNPACKED if is_compressed(file.path) else 1) for file in waiting)
