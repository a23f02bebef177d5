"""Read the journal of a table: the plan of a publish, which is its writer's claim, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.bounds import checked_journal
from trustedlake.models.journal import JOURNAL_VERSION, Journal
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectStore


def load_journal(store: ObjectStore, key: str) -> tuple[Journal, str] | None:
    """Load the journal of a running or interrupted publish and its version tag; None if there is none.

    Raises:
        InputError: it is damaged, or a newer program wrote it.
    """
    hint = f"move {store.address(key)} away, then run with --full-refresh"
    return state_file.load(store, key, Journal, version=JOURNAL_VERSION, hint=hint)


def journal_of(store: ObjectStore, paths: TablePaths) -> tuple[Journal, str] | None:
    """Load the table's journal, checked so that it is safe to carry out, and its version tag; None if there is none.

    Raises:
        InputError: it is damaged, or a newer program wrote it.
        StrayError: it would touch something that a publish of this table does not touch.
    """
    found = load_journal(store, paths.journal)
    return None if found is None else (checked_journal(store, paths, found[0]), found[1])


def load_journals(store: ObjectStore, state: str) -> list[Journal]:
    """Load the journals of all tables, unchecked: don't carry them out. Raises InputError."""
    found = (load_journal(store, info.key) for info in store.list(join(state, "journal")))
    return [one[0] for one in found if one is not None]
