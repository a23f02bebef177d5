"""Publish the staged files: the only step that readers of the lake can see.

1. Claim the table: create the journal, only if there is none.
2. Check again that ledger and published files are as planned; if not, release the journal and plan again.
3. Move each staged file to its place. 4. Delete what the partitions no longer have; flush the folders.
5. Write the ledger by compare-and-set. 6. Release the journal. The staging folder is removed after that, when
`trustedlake.app.publishing.sweep.staging_of` exits.

A publish that is interrupted from step 3 on leaves its journal. The next run continues from it, at step 3. Every step
can run twice, and every write has a condition: what it replaces must be what was planned.
Before each step the claim is checked, so a writer that slept past its deadline stops.

One risk remains: a writer sleeps for longer than the deadline between that check and the very next
write. In a folder this does no harm, because its staged file is gone by then. In a bucket the write is a conditional
PUT, so it fails, unless a third writer deleted exactly that file in the meantime: then the
file comes back, and the next plan reports it as unknown. A delete in a bucket takes two requests: check, then delete.
Tools that write to the lake without these conditions are not prevented, but the next plan notices them.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.app.publishing.claim import DEADLINE, Claim, being_published, journal_of, may_live
from trustedlake.app.publishing.ledger_file import load_ledger, same, with_tags, write_ledger
from trustedlake.app.publishing.moves import delete_file, is_as_planned, move_file, nothing_moved
from trustedlake.app.publishing.sweep import keep_staging, release_staging
from trustedlake.errors import ConfigError, ConflictError, RetriableError
from trustedlake.models.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.app.publishing.claim import Writer
    from trustedlake.app.trusted.publish_plan import Publication
    from trustedlake.models.ledger import Ledger


class StalePlanError(RetriableError):
    """Something changed between plan and publish; nothing was published: plan again."""


def publish(writer: Writer, publication: Publication, *, ledger_before: str | None) -> Ledger:
    """Publish, and return the ledger as stored.

    Args:
        writer: holds the claim on its staging folder (`trustedlake.app.publishing.sweep.staging_of`).
        publication: the moves, the deletes, and the ledger after them without the tags of moved files.
        ledger_before: version tag of the ledger that the plan is based on; None if there was none.

    Raises:
        StalePlanError: the ledger or a published file is not as planned; nothing was changed.
        ConfigError: staging is on another file system; nothing was changed.
        ConflictError: someone else changed a published file during the publish.
        RetriableError: another publish is running, or took this one over.
    """
    with writer.shield():
        keep_staging(writer)
        claim = Claim.create(writer, _journal(writer, publication, ledger_before))
        _check(writer, claim)
        return finish(writer, claim)


def finish(writer: Writer, claim: Claim) -> Ledger:
    """Carry out the journal from the first move on, and release it. Raises the same errors as `publish`."""
    journal = claim.journal
    try:
        ledger = _write(writer, claim)
        claim.release()
    except (ConfigError, ConflictError) as error:
        # These errors are definite: if every source still exists, nothing was changed and the publish can be dropped.
        if not nothing_moved(writer.store, journal):
            claim.abandon()
            raise
        claim.release()
        if isinstance(error, ConfigError):
            raise
        raise _stale(journal) from error
    except Exception:
        claim.abandon()
        raise
    return ledger


def _journal(writer: Writer, publication: Publication, ledger_before: str | None) -> Journal:
    now = writer.store.now()
    return Journal(
        table=writer.paths.table,
        run_id=writer.run_id,
        owner=writer.host.owner(),
        since=now,
        deadline=now + DEADLINE,
        staging=writer.paths.staging(writer.run_id),
        moves=publication.moves,
        deletes=publication.deletes,
        ledger_before=ledger_before,
        ledger_after=publication.ledger,
    )


def _check(writer: Writer, claim: Claim) -> None:
    """Refuse an outdated plan and release the claim; nothing was changed yet."""
    journal = claim.journal
    try:
        ledger = writer.store.head(writer.paths.ledger)
        fresh = (ledger.tag if ledger else None) == journal.ledger_before
        fresh = fresh and is_as_planned(writer.store, writer.paths, journal)
    except Exception:
        claim.release()
        raise
    if not fresh:
        claim.release()
        raise _stale(journal)


def _write(writer: Writer, claim: Claim) -> Ledger:
    store, journal = writer.store, claim.journal
    tags: dict[str, str] = {}
    for move in journal.moves:
        with claim.step():
            tags[move.target] = move_file(store, move)
    for delete in journal.deletes:
        with claim.step():
            delete_file(store, delete)
    touched = [*tags, *(delete.key for delete in journal.deletes)]
    store.sync(sorted({key.rpartition("/")[0] for key in touched}))
    with claim.step():
        return write_ledger(store, writer.paths, with_tags(journal.ledger_after, tags), before=journal.ledger_before)


def _stale(journal: Journal) -> StalePlanError:
    return StalePlanError(
        f"{journal.table} changed while it was being judged; nothing was published", hint="run again: the state is safe"
    )


def recover(writer: Writer, *, hear: Callable[[str, bool], object] = lambda _run_id, _published: None) -> str:
    """Finish an interrupted publish of the table; return the name of the run that began it, empty if there was none.

    `hear` gets that run's name and whether its rows are published; also if there was nothing left to finish.

    A journal is left alone until its owner is known to be dead or its deadline has passed.

    Raises:
        RetriableError: its owner may still be working, or someone else is taking over, too.
        InputError: the journal is damaged, or a newer program wrote it; or a staged file is gone.
        StrayError: the journal would touch something that a publish of this table does not touch.
        ConflictError: someone else changed a published file.
    """
    found = journal_of(writer.store, writer.paths)
    if found is None:
        return ""
    journal, tag = found
    if not journal.done:
        _refuse_live(writer, journal)
    with writer.shield():
        claim = Claim.take_over(writer, journal, tag)
        finished = False
        if journal.done or _is_void(writer, journal):
            claim.release()
        else:
            # An outdated plan has changed nothing, and its claim is released; the caller plans again anyway.
            with suppress(StalePlanError):
                finish(writer, claim)
                finished = True
        release_staging(writer.store, journal.staging)
    hear(journal.run_id, finished or journal.done)
    return journal.run_id if finished else ""


def _refuse_live(writer: Writer, journal: Journal) -> None:
    if may_live(writer.store, writer.host, journal.owner, journal.deadline):
        raise being_published(journal)


def _is_void(writer: Writer, journal: Journal) -> bool:
    """Return whether the publish can't or must not go on. It is dropped then, and planned again.

    Either another publish finished after this one was planned, and the owner was killed before it noticed.
    Or its staging folder was removed before its journal appeared, and nothing was moved.
    """
    store, paths = writer.store, writer.paths
    ledger, tag = load_ledger(store, paths, forgive=True)
    if tag not in {None, journal.ledger_before}:
        return ledger is None or not same(ledger, journal.ledger_after)
    staged = [move.source for move in journal.moves if move.source_tag is None]
    return any(store.head(key) is None for key in staged) and is_as_planned(store, paths, journal)
