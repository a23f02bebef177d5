"""The input folders that a ledger was written for; unrelated inputs are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import lineage_path
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.app.trusted.options import Options
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import Ledger
    from trustedlake.ports import ObjectStore


def with_roots(ledger: Ledger, store: ObjectStore, paths: TablePaths, options: Options) -> Ledger:
    """Update the ledger's inputs with those of this run; of two nested inputs, keep the wider one.

    Raises:
        ConfigError: neither the ledger's inputs nor these contain the other.
    """
    inputs = tuple(sorted(lineage_path(store, paths, root) for root in paths.inputs))
    target = lineage_path(store, paths, paths.trusted)
    if not ledger.inputs or options.full_refresh:
        return ledger.model_copy(update={"inputs": inputs, "target": target})
    if not are_nested(inputs, ledger.inputs):
        raise ConfigError(
            f"the ledger of {ledger.table} was written for the input {', '.join(ledger.inputs)},"
            f" not {', '.join(inputs)} ({store.address(paths.ledger)})",
            hint="give all inputs of the table in one call, or --full-refresh to rebuild it from the new ones",
        )
    wider = inputs if _all_below(ledger.inputs, inputs) else ledger.inputs
    return ledger.model_copy(update={"inputs": wider})


def are_nested(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether one of the two sets of folders lies completely inside the other."""
    some, others = list(some), list(others)
    return _all_below(some, others) or _all_below(others, some)


def _all_below(folders: Iterable[str], roots: Iterable[str]) -> bool:
    tops = tuple(f"{root}/" for root in roots)
    return all(f"{folder}/".startswith(tops) for folder in folders)
