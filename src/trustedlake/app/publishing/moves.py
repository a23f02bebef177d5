"""The moves and deletes of a publish. Each one can safely run twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing.state_file import sha256_of
from trustedlake.errors import ConflictError, InputError, TrustedLakeError

if TYPE_CHECKING:
    from trustedlake.models.journal import Delete, Journal, Move
    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectInfo, ObjectStore


def move_file(store: ObjectStore, move: Move) -> str:
    """Move the file to its target, unless it is there already; return its version there.

    If the target vanished since the plan, the move goes on: there is nothing left to protect.

    Raises:
        ConflictError: the target is neither what was planned nor the file itself.
        InputError: the file is gone.
    """
    try:
        return store.move(move.source, move.target, replaces=move.replaces)
    except (TrustedLakeError, OSError) as error:
        found = store.head(move.target)
        if found is not None and _is(store, found, move):
            _remove_source(store, move)
            return found.version
        if isinstance(error, FileNotFoundError):
            raise _gone(store, move) from error
        if not isinstance(error, ConflictError):
            raise
        if found is not None:
            raise _changed(store, move.target) from error
    return store.move(move.source, move.target, replaces=None)


def delete_file(store: ObjectStore, delete: Delete) -> None:
    """Delete the published file; it may be gone already.

    Raises:
        ConflictError: it is not the version that was planned.
    """
    try:
        store.delete(delete.key, if_match=delete.tag)
    except (TrustedLakeError, OSError) as error:
        if store.head(delete.key) is None:
            return
        if isinstance(error, ConflictError):
            raise _changed(store, delete.key) from error
        raise


def nothing_moved(store: ObjectStore, journal: Journal) -> bool:
    """Return whether nothing was moved or deleted yet: every source and every file to delete still exists."""
    sources = [move.source for move in journal.moves]
    return all(store.head(key) is not None for key in (*sources, *(delete.key for delete in journal.deletes)))


def is_as_planned(store: ObjectStore, paths: TablePaths, journal: Journal) -> bool:
    """Return whether every file to replace or delete is the version that the journal expects."""
    folders = (paths.trusted, paths.quarantine, paths.failed, paths.replaced(journal.run_id))
    there: dict[str, str | None] = {info.key: info.tag for folder in folders for info in store.list(folder)}
    if any(there.get(delete.key) != delete.tag for delete in journal.deletes):
        return False
    for move in journal.moves:
        if there.get(move.target) != move.replaces:
            return False
        there.pop(move.source, None)  # moved aside, so a later move may use its place
    return True


def _is(store: ObjectStore, found: ObjectInfo, move: Move) -> bool:
    return found.size == move.size and sha256_of(store, found.key) == move.sha256


def _remove_source(store: ObjectStore, move: Move) -> None:
    """Finish a move that was interrupted between writing the target and removing the source.

    A staged source belongs to this publish and is simply deleted. A source outside of staging is deleted only if its
    tag matches, because a later move of this publish may already have put another file there.
    """
    if move.source_tag is None:
        store.delete(move.source)
        return
    source = store.head(move.source)
    if source is not None and source.tag == move.source_tag:
        store.delete(move.source, if_match=move.source_tag)


def _changed(store: ObjectStore, key: str) -> ConflictError:
    return ConflictError(
        f"{store.address(key)} changed during a publish: it is neither the old file nor the new one",
        hint="someone else wrote it; move it out of the lake, then run again to finish the publish",
    )


def _gone(store: ObjectStore, move: Move) -> InputError:
    return InputError(
        f"{store.address(move.source)} is gone, and {store.address(move.target)} is not the file that should be there",
        hint="someone removed it during a publish; move the journal in the lake's _trustedlake/journal folder away,"
        " then run with --full-refresh",
    )
