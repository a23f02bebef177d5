"""Publish what was staged: the only step that readers of the lake can see.

1. Claim the table: create the journal, only if there is none.
2. Look again whether ledger and published files are as planned; if not, release it and plan anew.
3. Move each staged file to its place. 4. Delete what the partitions no longer have; flush the folders.
5. Write the ledger by compare-and-set. 6. Release the journal; its staging folder
goes after it, when `trustedlake.app.publishing.sweep.staging_of` is left.

Whoever is cut from 3 on leaves a journal that `trustedlake.app.publishing.publish` goes on from, at 3. Every step
may be done twice, and every write has a condition: what it replaces must be what was planned.
Before each step the claim is checked, so a writer that slept past its deadline stops.

What remains: a writer that sleeps for longer than the deadline between that check and the very next
write. In a folder this harms nothing, for its staged file is gone then. In a bucket the write is a PUT
with a condition, so it fails, unless a third writer deleted that very file in the meantime: then the
file comes back, the next plan finds it unknown and says so. A deletion there is checked, then done, in
two requests. Tools that write to the lake past these conditions are noticed by the next plan, not prevented.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.app.publishing.journal_file import DEADLINE, Claim, being_published, journal_of
from trustedlake.app.publishing.ledger_file import load_ledger, same, with_tags, write_ledger
from trustedlake.app.publishing.moves import delete_file, is_as_planned, move_file, nothing_moved
from trustedlake.app.publishing.sweep import keep_staging, release_staging
from trustedlake.errors import ConfigError, ConflictError, RetriableError
from trustedlake.models.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.app.publishing.writer import Writer
    from trustedlake.app.trusted.publication import Publication
    from trustedlake.models.ledger import Ledger


class StalePlanError(RetriableError):
    """Something changed between plan and publish; nothing was published: plan anew."""


def publish(writer: Writer, publication: Publication, *, ledger_before: str | None) -> Ledger:
    """Publish, and return the ledger as it is stored then.

    Args:
        writer: holds the claim on its staging folder (`trustedlake.app.publishing.sweep.staging_of`).
        publication: the moves, the deletes, and the ledger after them without the tags of moved files.
        ledger_before: version tag of the ledger that was planned on; None if there was none.

    Raises:
        StalePlanError: the ledger or a published file is not as planned; nothing was changed.
        ConfigError: staging lies on another file system; nothing was changed.
        ConflictError: a published file changed during the publish, by other hands.
        RetriableError: another publish is under way, or took this one over.
    """
    with writer.shield():
        keep_staging(writer)
        claim = Claim.create(writer, _journal(writer, publication, ledger_before))
        _check(writer, claim)
        return finish(writer, claim)


def finish(writer: Writer, claim: Claim) -> Ledger:
    """Do what the journal says, from the first move on, and release it. Raises as `publish` does."""
    journal = claim.journal
    try:
        ledger = _write(writer, claim)
        claim.release()
    except (ConfigError, ConflictError) as error:
        # Definite answers. While every source is still there nothing was changed, and it can be undone.
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
    """Refuse a plan that is out of date, and release the claim: nothing was changed yet."""
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
    """Finish a cut publish of the table; return the name of the run that began it, empty if there was none.

    `hear` is told that run's name, also where nothing was left to finish, and whether its rows are published.

    The owner of a journal is left alone until it is provably dead or its deadline is past.

    Raises:
        RetriableError: its owner may still be at work, or someone else takes over, too.
        InputError: the journal is damaged, or a newer program wrote it; or a staged file is gone.
        StrayError: the journal would touch something else than a publish of this table does.
        ConflictError: a published file was changed by other hands.
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
            # A stale one had changed nothing, and its claim is released: the caller plans anyway.
            with suppress(StalePlanError):
                finish(writer, claim)
                finished = True
        release_staging(writer.store, journal.staging)
    hear(journal.run_id, finished or journal.done)
    return journal.run_id if finished else ""


def _refuse_live(writer: Writer, journal: Journal) -> None:
    if writer.store.now() < journal.deadline and not writer.host.is_dead(journal.owner):
        raise being_published(journal)


def _is_void(writer: Writer, journal: Journal) -> bool:
    """Whether the publish can't go on, or must not: it is dropped, and planned anew.

    Either another one was finished since it was planned, and its owner was cut before it saw that.
    Or its staging was swept before its journal appeared, and nothing was moved.
    """
    store, paths = writer.store, writer.paths
    ledger, tag = load_ledger(store, paths, forgive=True)
    if tag not in {None, journal.ledger_before}:
        return ledger is None or not same(ledger, journal.ledger_after)
    staged = [move.source for move in journal.moves if move.source_tag is None]
    return any(store.head(key) is None for key in staged) and is_as_planned(store, paths, journal)
