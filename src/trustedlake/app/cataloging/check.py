"""Compares what is published with what a catalog says of it, and with the files themselves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from trustedlake.core.cataloging.compare import compare_files, compare_partitions, compare_tables, compare_views
from trustedlake.core.cataloging.tables import catalog_table, lower_cased, partition_widths
from trustedlake.core.cataloging.views import current_view
from trustedlake.core.ignored import is_ignored
from trustedlake.errors import InputError
from trustedlake.models.catalog import Difference, DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trustedlake.models.catalog import CatalogTable
    from trustedlake.models.published import PublishedTable
    from trustedlake.ports import Catalog, ObjectStore

_REBUILT = "trustedlake to-trusted writes it again"

READ_AT_ONCE = 8
"""Files whose footers are read at the same time."""


def check(
    catalog: Catalog,
    store: ObjectStore,
    table: PublishedTable,
    columns_of: Callable[[str], Mapping[str, str]],
    *,
    database: str,
) -> Iterator[Difference]:
    """Where contract, catalog and files differ. `database` is the catalog's, which the view names.

    `columns_of` gives name and type of each column of the Parquet file at an address; it raises FileNotFoundError,
    or InputError where it can't be read.
    """
    ours = lower_cased(catalog_table(table.contract, store.address(table.folder)))
    found = catalog.table(ours.name)
    yield from compare_tables(ours, found.table if found else None)
    if found:
        registered = catalog.partitions(ours.name) if ours.partition_keys else []
        folders = _folders(store, table)
        yield from compare_partitions(
            ours, found.table, registered, table.partitions.keys(), folders, partition_widths(table.contract)
        )
    if view := current_view(table.contract, database):
        known = catalog.table(view.name)
        yield from compare_views(view, known.table if known else None)
    keys = [file.key for files in table.partitions.values() for file in files]
    with ThreadPoolExecutor(READ_AT_ONCE) as pool:
        for some in pool.map(lambda key: _check_file(ours, store, key, columns_of), keys):
            yield from some


def _check_file(
    ours: CatalogTable, store: ObjectStore, key: str, columns_of: Callable[[str], Mapping[str, str]]
) -> list[Difference]:
    try:
        return list(compare_files(ours, columns_of(store.address(key)), key))
    except FileNotFoundError:
        message, kind, hint = "the ledger knows it, and it is gone", DifferenceKind.FILE_MISSING, _REBUILT
    except InputError as error:
        message, kind, hint = error.message, DifferenceKind.FILE_UNREADABLE, error.hint
    return [Difference(kind=kind, table=ours.name, where=key, message=message, hint=hint)]


def _folders(store: ObjectStore, table: PublishedTable) -> set[str]:
    """Names of the folders with files in them, relative to the table's."""
    top = f"{table.folder}/"
    names = (info.key.removeprefix(top) for info in store.list(table.folder))
    return {name.rpartition("/")[0] for name in names if not is_ignored(name)} - {""}
