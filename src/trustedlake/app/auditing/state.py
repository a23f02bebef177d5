"""The lake's state: interrupted publishes, and staging folders that nobody needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.claim import being_published, journal_of, load_journals, may_live
from trustedlake.app.publishing.publish import recover
from trustedlake.app.publishing.sweep import CLAIM_SUFFIX, sweep
from trustedlake.errors import InputError
from trustedlake.models.audit import Finding, FindingKind
from trustedlake.models.journal import JOURNAL_VERSION, StagingClaim
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.publishing.claim import Writer
    from trustedlake.models.journal import Journal

_FIX = "trustedlake audit --fix finishes it; so does the next run of to-trusted"
_SWEEP = "trustedlake audit --fix removes it; so does the next run of to-trusted that publishes"


def refuse_live(table: Writer) -> None:
    """Check that the table is not being published.

    Raises:
        RetriableError: it is, and its writer may be alive.
        InputError: its journal is damaged, or a newer program wrote it.
    """
    found = journal_of(table.store, table.paths)
    if found is not None and not found[0].done and _may_live(table, found[0]):
        raise being_published(found[0], then="audit again when it is done")


def fix_state(tables: Sequence[Writer]) -> tuple[str, ...]:
    """Finish interrupted publishes and remove unneeded staging folders; return sentences about what was done.

    Raises:
        RetriableError: someone else is already doing it.
        ConflictError: someone else changed a published file, so the publish can't be finished.
    """
    done = []
    for table in tables:
        run_id = recover(table)
        if run_id:
            done.append(f"finished the publish of {table.paths.table} that run {run_id} began")
    done += [f"removed {staging}" for staging in sweep(tables[0])]
    return tuple(done)


def left_behind(tables: Sequence[Writer]) -> Iterator[Finding]:
    """Find journals whose writer is gone, and staging folders that no journal names and no live writer holds."""
    for table in tables:
        found = journal_of(table.store, table.paths)
        if found is not None:
            journal = found[0]
            message = (
                f"run {journal.run_id} was interrupted while it published {journal.table} (begun"
                f" {journal.since:%Y-%m-%d %H:%M:%S} UTC): what readers see may be half old, half new"
            )
            if journal.done:
                message = (
                    f"run {journal.run_id} published {journal.table}, but was interrupted before it removed its journal"
                )
            yield Finding(kind=FindingKind.PUBLISH_CUT, where=table.paths.journal, message=message, hint=_FIX)
    for staging in _stale_stagings(tables[0]):
        message = "no publish needs it, and the run that wrote it is gone"
        yield Finding(kind=FindingKind.STAGING_LEFT, where=staging, message=message, hint=_SWEEP)


def _stale_stagings(table: Writer) -> list[str]:
    """Return the staging folders, `<state>/staging/<run>/<table>`, that a sweep would remove."""
    root = join(table.paths.state, "staging")
    journals = load_journals(table.store, table.paths.state)
    named = {join(root, journal.run_id, journal.table) for journal in journals}
    found = set()
    for info in table.store.list(root):
        run_id, _, rest = info.key.removeprefix(f"{root}/").partition("/")
        found.add(join(root, run_id, rest.partition("/")[0].removesuffix(CLAIM_SUFFIX)))
    return [staging for staging in sorted(found - named) if _is_stale(table, staging)]


def _is_stale(table: Writer, staging: str) -> bool:
    try:
        found = state_file.load(table.store, staging + CLAIM_SUFFIX, StagingClaim, version=JOURNAL_VERSION, hint=_SWEEP)
    except InputError:
        return False  # only a newer program, or a person, can tell what it is
    return found is None or not _may_live(table, found[0])


def _may_live(table: Writer, claim: Journal | StagingClaim) -> bool:
    return may_live(table.store, table.host, claim.owner, claim.deadline)
