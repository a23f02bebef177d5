"""Open the published tables of a lake for SQL queries."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.app.querying import (
    correction_rows,
    file_rows,
    ledgered_tables,
    partition_rows,
    published_table,
    quarantine_files,
    require_files,
    require_unchanged,
    run_rows,
    warning_rows,
)
from trustedlake.app.run_reports import list_runs
from trustedlake.app.trusted.raw_files import RawFiles
from trustedlake.entrypoints import interrupt
from trustedlake.entrypoints.lake.address import Roots, place_of, resolve
from trustedlake.entrypoints.lake.open_store import refuse_missing, store_at
from trustedlake.entrypoints.lake.open_tables import places
from trustedlake.entrypoints.lake.registry import registry_at
from trustedlake.entrypoints.settings import Settings
from trustedlake.errors import InputError, MissingExtraError
from trustedlake.models.lake import STATE
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.adapters.duckdb.query import DuckDBQuery, StateRows
    from trustedlake.app.querying import Row
    from trustedlake.entrypoints.lake.address import Folder, Place
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import PublishedTable
    from trustedlake.ports import ObjectStore

_NEEDED = {"duckdb", "pyarrow"}


@dataclass(frozen=True, slots=True)
class OpenedLake:
    """A lake, opened for reading.

    Attributes:
        folder: the lake's place.
        home: its own store.
        tables: every known table in its store, with its folders and its raw files.
        published: the tables that have published rows.
    """

    folder: Folder
    home: ObjectStore
    tables: Sequence[tuple[ObjectStore, TablePaths, RawFiles]]
    published: Sequence[tuple[ObjectStore, PublishedTable]]

    def require_published(self) -> None:
        """Check that something is published. Raises InputError if not."""
        if not self.published:
            refuse_missing(Roots(self.folder), self.home)
            raise InputError(
                f"nothing is published in {self.folder}",
                hint=f"{typed('to-trusted', '--source', 'tmdb', lake=self.folder)}    (Raw to Trusted)",
            )


@contextmanager
def published_tables(lake: str | Place | None) -> Iterator[Sequence[tuple[ObjectStore, PublishedTable]]]:
    """Open the tables of the lake that have published rows, each with its store.

    Raises:
        InputError: no such lake, or nothing is published in it.
    """
    with _opened(lake) as found:
        found.require_published()
        yield found.published


@contextmanager
def _opened(lake: str | Place | None) -> Iterator[OpenedLake]:
    settings, clock, place = Settings(), SystemClock(), place_of(lake)
    roots = resolve(place, settings.lake)
    folder = roots.root / roots.lake
    known = {one.table: one for one in registry_at(roots, settings, clock, place.contracts)}
    contracts = tuple(known.values())
    with (
        places(roots, contracts, clock, known=contracts) as found,
        store_at(Roots(folder), settings, clock, contracts=contracts) as home,
    ):
        tables = [(store, paths, RawFiles(known[paths.table], contracts, alone=paths.named)) for store, paths in found]
        opened = [(store, published_table(store, paths, known[paths.table])) for store, paths in found]
        published = [(store, table) for store, table in opened if table is not None]
        yield OpenedLake(folder, home, tables, published)


@contextmanager
def querying(lake: str | Place | None) -> Iterator[DuckDBQuery]:
    """Open the lake's published tables and its state for queries.

    Raises:
        MissingExtraError: duckdb or pyarrow is not installed.
        InputError: no such lake, or it never had a run.
    """
    try:
        from trustedlake.adapters.duckdb.query import DuckDBQuery, Readable
    except ModuleNotFoundError as error:
        if error.name not in _NEEDED:
            raise
        raise MissingExtraError(str(error.name), extra="query") from error
    with interrupt.terminated_like_interrupted(), _opened(lake) as opened:
        if not list_runs(opened.home, STATE):
            opened.require_published()
        readable = [
            Readable(table, store.address, partial(require_unchanged, store, table))
            for store, table in opened.published
        ]
        with closing(DuckDBQuery(readable, _state(opened))) as query:
            yield query


def _state(lake: OpenedLake) -> Sequence[StateRows]:
    """Return the tables of the lake's state; slow ones are read only when a query uses them."""
    from trustedlake.adapters.duckdb.query import StateRows
    from trustedlake.core import state_tables

    tables = list(ledgered_tables(lake.tables))
    refused = [(table, one) for table in tables for one in quarantine_files(table)]

    def require_refused() -> None:
        for table in tables:
            files = [one.file for owner, one in refused if owner is table]
            require_files(table.store, [table.paths.quarantine, table.paths.failed], files)

    def corrections() -> Iterable[Row]:
        from trustedlake.adapters.parquet.parquet_rows import read_rows
        from trustedlake.adapters.parquet.staged_findings import key_finders
        from trustedlake.app.quarantine import REJECTED, Wanted, mark_corrected, refused_records

        stores = [(table.store, table.paths) for table in tables]
        rejected = list(refused_records(stores, read_rows, Wanted(REJECTED)))
        finders = key_finders(table.raw_files.contract for table in tables)
        return correction_rows(mark_corrected(stores, rejected, finders.get))

    return (
        StateRows(state_tables.RUNS, partial(run_rows, lake.home, STATE)),
        StateRows(state_tables.PARTITIONS, partial(partition_rows, tables)),
        StateRows(state_tables.FILES, partial(file_rows, lake.tables)),
        StateRows(state_tables.WARNINGS, partial(warning_rows, tables)),
        StateRows(
            state_tables.QUARANTINED,
            files=tuple((table.store.address(one.file.key), one.known) for table, one in refused),
            late=frozenset({state_tables.CORRECTED_BY.name}),
            late_rows=corrections,
            require_unchanged=require_refused,
        ),
    )
