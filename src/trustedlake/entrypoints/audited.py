"""What there is to audit: the tables of a lake, where their ledgers say they lie."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.host import LocalHost
from trustedlake.app.auditing.audited import Audited
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.trusted.run import new_run_id
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.places import Folder, Roots, folder, rooted, table_paths
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.stores import store_at
from trustedlake.errors import MissingExtraError
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.auditing.audited import Evidence
    from trustedlake.models.lake import Entity, Source, TablePaths
    from trustedlake.models.ledger import Ledger
    from trustedlake.ports import Clock, ObjectStore

_EVIDENCE = {"pyarrow", "orjson"}


@contextmanager
def audited_tables(
    lake: Folder, sources: Sequence[Source], entities: Sequence[Entity], clock: Clock
) -> Iterator[list[Audited]]:
    """The tables to audit; their stores are closed at the end.

    Raises:
        MissingExtraError: pyarrow or orjson is not installed.
    """
    evidence, host, run_id = _evidence(), LocalHost(), new_run_id(clock)
    with places(lake, sources, entities, clock) as found:
        yield [
            Audited(store, host, interrupt.deferred, paths, CONTRACTS[paths.table], run_id, evidence)
            for store, paths in found
        ]


@contextmanager
def places(
    lake: Folder, sources: Sequence[Source], entities: Sequence[Entity], clock: Clock
) -> Iterator[list[tuple[ObjectStore, TablePaths]]]:
    """Each table's store, and its folders as its last run was told: a lake may be laid out otherwise."""
    settings = Settings()
    with ExitStack() as stores:
        store = stores.enter_context(store_at(lake, settings, clock))
        found = []
        for source in sources:
            for entity in entities:
                ledger, _ = load_ledger(store, table_paths(Roots(lake), source, entity), forgive=True)
                roots, own = _roots(lake, ledger), store
                if roots.root != lake:
                    own = stores.enter_context(store_at(roots.root, settings, clock, lake=roots.lake))
                found.append((own, table_paths(roots, source, entity)))
        yield found


def _roots(lake: Folder, ledger: Ledger | None) -> Roots:
    """The folders that the ledger was written for; the usual ones without a ledger."""
    if ledger is None or not ledger.inputs:
        return Roots(lake)
    *inputs, target = (_folder(lake, one) for one in (*ledger.inputs, ledger.target))
    return rooted(lake, inputs, target)


def _folder(lake: Folder, told: str) -> Folder:
    """A folder as the ledger tells it: an address, an absolute path, or a path in the lake."""
    return lake / told if isinstance(lake, Path) else folder(told)


def _evidence() -> Evidence:
    try:
        from trustedlake.adapters.auditing.evidence import FileEvidence
    except ModuleNotFoundError as error:
        if error.name not in _EVIDENCE:
            raise
        raise MissingExtraError(str(error.name), extra="spark") from error
    return FileEvidence()
