"""What the last runs did with a table: what they changed, why they failed, and what they could not judge."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from trustedlake.app.run_reports import read_run
from trustedlake.app.trusted.partition_warnings import named_again
from trustedlake.app.trusted.run import FAILED
from trustedlake.core.shared_points import shared_points, shared_refusals
from trustedlake.errors import InputError
from trustedlake.models.report import PartitionStatus
from trustedlake.models.status import Failure, TableChange
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger
    from trustedlake.models.report import PartitionReport, RunReport, TableReport
    from trustedlake.ports import ObjectStore

GONE = "its report is not there: the run was interrupted, or somebody removed it"

RECENT = timedelta(hours=24)
"""How long before the lake's last run a run may have started and still be news."""


def find_changes(
    store: ObjectStore, paths: TablePaths, ledger: Ledger, runs: Sequence[RunReport]
) -> tuple[TableChange, ...]:
    """Return what runs did to the table: the last one that changed it, and others shortly before the lake's last run.

    The ledger names these runs, so only their reports are read, however many runs changed nothing.

    Args:
        store: holds the reports.
        paths: the table's folders.
        ledger: the table's ledger.
        runs: the lake's last reports, newest first; these are not read again.
    """
    stored = {run.run_id: run for run in runs}
    names = ledger.runs or [run.run_id for run in runs if any(_done(run, paths.table, ()))]
    # The name of a run begins with its start, so names sort by time.
    first = f"{runs[0].started - RECENT:%Y%m%dT%H%M%S}" if runs else ""
    recent = [name for number, name in enumerate(names) if number == 0 or name >= first]
    refused = [name for name, entry in ledger.partitions.items() if entry.refusal]
    changes = []
    for name in recent:
        run = stored.get(name) or _load(store, paths, name)
        done = tuple(_done(run, paths.table, refused)) if run else (GONE,)
        changes.append(TableChange(run_id=name, started=run.started if run else None, done=done))
    return tuple(one for one in changes if one.done)


def find_failure(table: str, runs: Sequence[RunReport]) -> Failure | None:
    """Return why the table's last run failed, and since when its runs have failed; `runs`: newest first."""
    found: Failure | None = None
    for run, one in _of_table(table, runs):
        if one.status != FAILED:
            break
        first = found or Failure(since=run.started, message=one.message, hint=one.hint)
        found = first.model_copy(update={"since": run.started})
    return found


def find_held(table: str, ledger: Ledger, runs: Sequence[RunReport]) -> dict[str, Failure]:
    """Return the partitions that the table's last run could not judge, why, and since when; `runs`: newest first."""
    found: dict[str, Failure] = {}
    open_still: set[str] | None = None
    for run, one in _of_table(table, runs):
        if one.status == FAILED:
            continue
        now = {part.partition: part for part in one.partitions if _is_held(part, ledger)}
        open_still = set(now) if open_still is None else open_still & now.keys()
        if not open_still:
            break
        for name in sorted(open_still):
            first = found.get(name) or Failure(since=run.started, message=now[name].message, hint=now[name].hint)
            found[name] = first.model_copy(update={"since": run.started})
    return found


def _of_table(table: str, runs: Sequence[RunReport]) -> Iterator[tuple[RunReport, TableReport]]:
    return ((run, one) for run in runs for one in run.tables if one.table == table)


def _is_held(part: PartitionReport, ledger: Ledger) -> bool:
    """Return whether a run refused the partition without judging it: the ledger has no refusal of it."""
    entry = ledger.partitions.get(part.partition)
    return part.status is PartitionStatus.REFUSED and not (entry and entry.refusal)


def _load(store: ObjectStore, paths: TablePaths, name: str) -> RunReport | None:
    try:
        return read_run(store, paths.state, name)
    except InputError:
        return None


def _done(run: RunReport, table: str, still_refused: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each partition that the run changed or refused; what many have in common, once.

    `still_refused`: partitions whose refusal is explained elsewhere.
    """
    for _, one in _of_table(table, [run]):
        judged = [part for part in one.partitions if not part.stayed]
        for point in shared_refusals(judged):
            why_not = "still open" if set(point.partitions) <= set(still_refused) else point.told
            yield f"refused: {point.where}: {why_not}"
        for part in judged:
            yield from _alone(part)
        plain = {part.partition: part.message for part in judged if _is_plain(part)}
        for point in shared_points(plain):
            yield f"published: {point.where} ({point.message})"


def _alone(part: PartitionReport) -> Iterator[str]:
    """Yield what the run did with this partition and no other."""
    name = part.partition or "the table"
    if part.fresh:
        what = "published again" if part.status is PartitionStatus.PUBLISHED else "rows kept"
        yield f"{what}: {name}: {some(f'{path} is {how}' for path, how in part.fresh.items())}"
    if part.status is PartitionStatus.REMOVED:
        yield f"removed: {name}: {part.message}"
    if part.corrected:
        yield f"corrected: {some(f'{rejected} by {accepted}' for rejected, accepted in part.corrected.items())}"
    if part.repeated:
        yield f"rejected again: {named_again(part.repeated)}"


def _is_plain(part: PartitionReport) -> bool:
    """Return whether the partition was published without new files, or for the first time."""
    return part.status is PartitionStatus.PUBLISHED and not part.fresh
