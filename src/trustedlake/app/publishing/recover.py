"""Finish the publish that another run began and did not end."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.app.publishing.journal_file import Claim, being_published, journal_of
from trustedlake.app.publishing.ledger_file import load_ledger, same
from trustedlake.app.publishing.moves import is_as_planned
from trustedlake.app.publishing.publish import StalePlanError, finish
from trustedlake.app.publishing.sweep import release_staging

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.app.publishing.writer import Writer
    from trustedlake.models.journal import Journal


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
