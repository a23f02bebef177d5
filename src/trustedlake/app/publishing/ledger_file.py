"""Read and write the ledger of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.checked_keys import checked_ledger
from trustedlake.app.trusted.listing import lineage_path
from trustedlake.errors import ConfigError, ConflictError, InputError
from trustedlake.models.ledger import LEDGER_VERSION, Ledger, Partition, PublishedFile

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import ObjectStore

_DAMAGED = "--full-refresh rebuilds it from Raw"


def load_ledger(store: ObjectStore, paths: TablePaths, *, forgive: bool = False) -> tuple[Ledger | None, str | None]:
    """Load the table's ledger and its version tag; both None if there is none.

    With `forgive`, a damaged ledger counts as none. Its tag is still returned, so that it can be replaced.

    Raises:
        InputError: it is damaged, or a newer program wrote it.
        StrayError: it names files that are not this table's.
        ElsewhereError: it was written for another target.
    """
    try:
        found = read_ledger(store, paths)
        if found is not None:
            ledger, tag = found
            _require_target(store, paths, ledger)
            return checked_ledger(store, paths, ledger, where=paths.ledger), tag
    except state_file.NewerVersionError:
        raise
    except (InputError, ElsewhereError):
        if not forgive:
            raise
        info = store.head(paths.ledger)
        return None, info.tag if info else None
    return None, None


def read_ledger(store: ObjectStore, paths: TablePaths) -> tuple[Ledger, str] | None:
    """Read the ledger unchecked, only to see which folders it names. Raises InputError."""
    return state_file.load(store, paths.ledger, Ledger, version=LEDGER_VERSION, hint=_DAMAGED)


class ElsewhereError(ConfigError):
    """The table was published with other folders than the caller gives."""


def _require_target(store: ObjectStore, paths: TablePaths, ledger: Ledger) -> None:
    target = lineage_path(store, paths, paths.trusted)
    if ledger.inputs and ledger.target != target:
        raise ElsewhereError(
            f"the ledger of {ledger.table} was written for the target {ledger.target}, not {target}"
            f" ({store.address(paths.ledger)})",
            hint="if that target is yours, give it (--target, with --source and --entity); else use another --lake,"
            " or rebuild the table at the new target with to-trusted --full-refresh",
        )


def write_ledger(store: ObjectStore, paths: TablePaths, ledger: Ledger, *, before: str | None) -> Ledger:
    """Replace the ledger version `before` with `ledger`, and return the stored ledger.

    If another process already wrote the same ledger, that is fine. If someone removed the ledger by hand, the new
    one is written anyway, since it is complete.

    Raises:
        ConflictError: the stored ledger is neither the one before nor the one after.
    """
    try:
        state_file.write(store, paths.ledger, ledger, replaces=before)
    except ConflictError as error:
        stored, tag = load_ledger(store, paths, forgive=True)
        if stored is not None and same(stored, ledger):
            return stored
        if tag is not None:
            raise ConflictError(
                f"{store.address(paths.ledger)}: someone changed the ledger during a publish",
                hint="run again: it starts from the ledger as it is now",
            ) from error
        state_file.write(store, paths.ledger, ledger, replaces=None)
    return ledger


def with_tags(ledger: Ledger, tags: Mapping[str, str]) -> Ledger:
    """Fill in the version tags of these published files (by key)."""
    return _each_file(ledger, lambda file: file.model_copy(update={"tag": tags.get(file.key, file.tag)}))


def same(one: Ledger, other: Ledger) -> bool:
    """Return whether both are equal apart from version tags, which are only shortcuts."""
    return _without_tags(one) == _without_tags(other)


def _without_tags(ledger: Ledger) -> Ledger:
    return _each_file(ledger, lambda file: file.model_copy(update={"tag": ""}))


def _each_file(ledger: Ledger, change: Callable[[PublishedFile], PublishedFile]) -> Ledger:
    def changed(files: tuple[PublishedFile, ...]) -> tuple[PublishedFile, ...]:
        return tuple(change(file) for file in files)

    def partition(entry: Partition) -> Partition:
        refusal = entry.refusal and entry.refusal.model_copy(update={"files": changed(entry.refusal.files)})
        files = {"trusted": changed(entry.trusted), "quarantine": changed(entry.quarantine), "refusal": refusal}
        return entry.model_copy(update=files)

    partitions = {name: partition(entry) for name, entry in ledger.partitions.items()}
    return ledger.model_copy(update={"partitions": partitions})
