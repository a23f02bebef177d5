"""The two roots a ledger was written for; others are refused."""

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
    """The ledger with the roots of this run, the wider of two nested inputs.

    Raises:
        ConfigError: the ledger was written for another target, or for inputs that have nothing in
            common with these.
    """
    inputs = tuple(sorted(lineage_path(store, paths, root) for root in paths.inputs))
    target = lineage_path(store, paths, paths.trusted)
    if not ledger.inputs or options.full_refresh:
        return ledger.model_copy(update={"inputs": inputs, "target": target})
    if ledger.target != target:
        raise ConfigError(
            f"the ledger of {ledger.table} was written for the target {ledger.target}, not {target}",
            hint="use that target, another --lake, or --full-refresh to rebuild the table at the new one",
        )
    if not (_all_below(inputs, ledger.inputs) or _all_below(ledger.inputs, inputs)):
        raise ConfigError(
            f"the ledger of {ledger.table} was written for the input {', '.join(ledger.inputs)},"
            f" not {', '.join(inputs)}",
            hint="give all inputs of the table in one call, or --full-refresh to rebuild it from the new ones",
        )
    wider = inputs if _all_below(ledger.inputs, inputs) else ledger.inputs
    return ledger.model_copy(update={"inputs": wider})


def _all_below(folders: Iterable[str], roots: Iterable[str]) -> bool:
    tops = tuple(f"{root}/" for root in roots)
    return all(f"{folder}/".startswith(tops) for folder in folders)
