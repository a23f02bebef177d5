"""What there is to audit: the tables of a lake, where their ledgers say they lie."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.host import LocalHost
from trustedlake.adapters.stores.local_store import LocalStore
from trustedlake.app.auditing.audited import Audited
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.trusted.run import new_run_id
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.places import Roots, table_paths
from trustedlake.errors import MissingExtraError
from trustedlake.models.lake import STATE, Entity, Source, TablePaths
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.auditing.audited import Evidence
    from trustedlake.models.ledger import Ledger
    from trustedlake.ports import Clock, ObjectStore

_EVIDENCE = {"pyarrow", "orjson"}


def audited_tables(lake: Path, sources: Sequence[Source], entities: Sequence[Entity], clock: Clock) -> list[Audited]:
    """The tables to audit.

    Raises:
        MissingExtraError: pyarrow or orjson is not installed.
    """
    evidence, host, run_id = _evidence(), LocalHost(), new_run_id(clock)
    return [
        Audited(store, host, interrupt.deferred, paths, CONTRACTS[paths.table], run_id, evidence)
        for store, paths in places(lake, sources, entities, clock)
    ]


def places(
    lake: Path, sources: Sequence[Source], entities: Sequence[Entity], clock: Clock
) -> Iterator[tuple[ObjectStore, TablePaths]]:
    """Each table's store, and its folders as its last run was told: a lake may be laid out otherwise."""
    store = LocalStore(lake, clock, state=lake / STATE)
    for source in sources:
        for entity in entities:
            usual = table_paths(Roots(lake, "", (), None), source, entity)
            ledger, _ = load_ledger(store, usual, forgive=True)
            roots = _roots(lake, ledger)
            own = store if roots.root == lake else LocalStore(roots.root, clock, state=lake / STATE)
            yield own, table_paths(roots, source, entity)


def _roots(lake: Path, ledger: Ledger | None) -> Roots:
    """The folders that the ledger was written for; the usual ones without a ledger."""
    if ledger is None or not ledger.inputs:
        return Roots(lake, "", (), None)
    folders = [lake / one for one in (*ledger.inputs, ledger.target)]  # an absolute one stays what it is
    root = Path(os.path.commonpath([lake, *folders]))
    *inputs, target = (_key(folder, root) for folder in folders)
    return Roots(root, _key(lake, root), tuple(inputs), target)


def _key(folder: Path, root: Path) -> str:
    key = folder.relative_to(root).as_posix()
    return "" if key == "." else key


def _evidence() -> Evidence:
    try:
        from trustedlake.adapters.auditing.evidence import FileEvidence
    except ModuleNotFoundError as error:
        if error.name not in _EVIDENCE:
            raise
        raise MissingExtraError(str(error.name), extra="spark") from error
    return FileEvidence()
