"""Collect the data of a lake's page."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import trustedlake
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.run_reports import list_runs, read_runs
from trustedlake.app.status import lake_status
from trustedlake.app.trusted.listing import key_of, place
from trustedlake.errors import TrustedLakeError
from trustedlake.models.overview import Overview, TableOverview

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.app.trusted.raw_files import RawFiles
    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.status import TableStatus
    from trustedlake.ports import Clock, ObjectStore


RUNS = 12
"""Number of runs shown."""


def lake_overview(lake: str, home: ObjectStore, state: str, tables: Sequence[RawTable], clock: Clock) -> Overview:
    """Collect the whole lake for its page; nothing is written, and no Parquet file is read.

    Args:
        lake: its address.
        home: the lake's own store, which has its state.
        state: key of the state's folder.
        tables: every known table in its store.
        clock: for the page's time.
    """
    status = lake_status(tables)
    known = {paths.table: (store, paths, raw_files) for store, paths, raw_files in tables}
    return Overview(
        lake=lake,
        made=clock.now(),
        trustedlake=trustedlake.__version__,
        status=status,
        tables=tuple(_table(*known[one.table], one) for one in status.tables),
        runs=tuple(read_runs(home, state, list_runs(home, state)[-RUNS:])),
    )


def _table(store: ObjectStore, paths: TablePaths, raw_files: RawFiles, status: TableStatus) -> TableOverview:
    ledger = None
    with suppress(TrustedLakeError):  # `status.problem` reports it
        ledger, _ = load_ledger(store, paths)
    pending: dict[str, tuple[str, ...]] = {}
    for path in status.pending:
        placed = place(store, paths, key_of(store, paths, path) or "", raw_files)
        if placed is not None:
            name = raw_files.partition(placed)
            pending[name] = (*pending.get(name, ()), path)
    return TableOverview(status=status, description=raw_files.contract.description, ledger=ledger, pending=pending)
