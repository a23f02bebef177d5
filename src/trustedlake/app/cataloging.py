"""Register the published tables in a data catalog, and compare contract, catalog and Parquet files."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trustedlake.core.cataloging.catalog_tables import (
    catalog_table,
    current_view,
    is_projected,
    lower_cased,
    partition_widths,
    projected,
)
from trustedlake.core.cataloging.compare import (
    compare_files,
    compare_partitions,
    compare_tables,
    compare_views,
    merged_table,
    merged_view,
    partition_changes,
)
from trustedlake.core.ignored import is_ignored
from trustedlake.errors import ConflictError, InputError
from trustedlake.models.catalog import Difference, DifferenceKind, Registration, RegistrationStatus
from trustedlake.threads import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trustedlake.models.catalog import CatalogTable
    from trustedlake.models.ledger import PublishedTable
    from trustedlake.ports import Catalog, ObjectStore


ATTEMPTS = 5
"""How many times we try to write an entry, each time from its newest version, if someone else keeps writing it."""


def register(catalog: Catalog, table: PublishedTable, location: str, *, projection: bool | None) -> Registration:
    """Update the table's catalog entry to what is published.

    Args:
        catalog: its database exists.
        table: what is published.
        location: address of its folder.
        projection: True: compute the partitions from a pattern. False: register each partition. None: as it is
            registered now; a new table registers each partition.

    Raises:
        ConfigError: the catalog has a table of that name that belongs to someone else.
        ConflictError: others keep writing the entry.
    """
    ours = lower_cased(catalog_table(table.contract, location))
    wanted, status = _write(catalog, ours.name, partial(_wanted, ours, table, projection))
    if not wanted.partition_keys or is_projected(wanted):
        return Registration(table=ours.name, location=ours.location, status=status)
    added, changed, removed = partition_changes(wanted, table.partitions, catalog.partitions(ours.name))
    catalog.add(ours.name, added)
    catalog.change(ours.name, changed)
    catalog.remove(ours.name, removed)
    return Registration(
        table=ours.name,
        location=ours.location,
        status=status,
        added=len(added),
        updated=len(changed),
        removed=len(removed),
    )


def register_view(catalog: Catalog, table: PublishedTable, database: str) -> Registration | None:
    """Register the table's view of the latest ingestions; None if it has none. Raises the same errors as `register`."""
    ours = current_view(table.contract, database)
    if ours is None:
        return None
    _, status = _write(catalog, ours.name, lambda theirs: merged_view(ours, theirs) if theirs else ours)
    return Registration(table=ours.name, location="", status=status)


def _wanted(
    ours: CatalogTable, table: PublishedTable, projection: bool | None, theirs: CatalogTable | None
) -> CatalogTable:
    """Return what the table's entry should say, given what it says now."""
    asked = projection if projection is not None else theirs is not None and is_projected(theirs)
    wanted = projected(ours, table.contract, table.partitions) if asked else ours
    return merged_table(wanted, theirs) if theirs else wanted


def _write(
    catalog: Catalog, name: str, wanted_of: Callable[[CatalogTable | None], CatalogTable], attempts: int = ATTEMPTS
) -> tuple[CatalogTable, RegistrationStatus]:
    """Write the entry that `wanted_of` makes from the current one; return it, and how it was registered."""
    found = catalog.table(name)
    wanted = wanted_of(found.table if found else None)
    try:
        if found is None:
            catalog.create(wanted)
            return wanted, RegistrationStatus.CREATED
        if wanted == found.table:
            return wanted, RegistrationStatus.UNCHANGED
        catalog.replace(wanted, version=found.version)
    except ConflictError:
        if attempts == 1:
            raise
        return _write(catalog, name, wanted_of, attempts - 1)
    return wanted, RegistrationStatus.UPDATED


_REBUILT = "trustedlake to-trusted writes it again"

READ_AT_ONCE = 8
"""Number of files whose footers are read at the same time."""


def check(
    catalog: Catalog,
    store: ObjectStore,
    table: PublishedTable,
    columns_of: Callable[[str], Mapping[str, str]],
    *,
    database: str,
) -> Iterator[Difference]:
    """Find differences between contract, catalog and files. `database` is the catalog's; the view names it.

    `columns_of` returns name and type of each column of the Parquet file at an address; it raises FileNotFoundError,
    or InputError if the file can't be read.
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
    for some in map_in_threads(lambda key: _check_file(ours, store, key, columns_of), keys, READ_AT_ONCE):
        yield from some


def _check_file(
    ours: CatalogTable, store: ObjectStore, key: str, columns_of: Callable[[str], Mapping[str, str]]
) -> list[Difference]:
    try:
        return list(compare_files(ours, columns_of(store.address(key)), key))
    except FileNotFoundError:
        message, kind, hint = "the ledger lists it, but the file is gone", DifferenceKind.FILE_MISSING, _REBUILT
    except InputError as error:
        message, kind, hint = error.message, DifferenceKind.FILE_UNREADABLE, error.hint
    return [Difference(kind=kind, table=ours.name, where=key, message=message, hint=hint)]


def _folders(store: ObjectStore, table: PublishedTable) -> set[str]:
    """Return the names of the folders with files in them, relative to the table's folder."""
    top = f"{table.folder}/"
    names = (info.key.removeprefix(top) for info in store.list(table.folder))
    return {name.rpartition("/")[0] for name in names if not is_ignored(name)} - {""}
