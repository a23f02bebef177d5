"""Registers published tables: run again it changes nothing, and two at a time end as one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from trustedlake.core.cataloging.merge import merged_table, merged_view, partition_changes
from trustedlake.core.cataloging.tables import catalog_table, is_projected, lower_cased, projected
from trustedlake.core.cataloging.views import current_view
from trustedlake.errors import ConflictError
from trustedlake.models.catalog import Registration, TableStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.models.catalog import CatalogTable
    from trustedlake.models.published import PublishedTable
    from trustedlake.ports import Catalog

ATTEMPTS = 5
"""Times that an entry is read again because someone else wrote it meanwhile."""


def register(catalog: Catalog, table: PublishedTable, location: str, *, projection: bool | None) -> Registration:
    """Let the catalog say what is published of the table.

    Args:
        catalog: its database is there.
        table: what is published.
        location: address of its folder.
        projection: compute the partitions from a pattern (True), register each (False), or as it is registered now,
            which for a new table is each (None).

    Raises:
        ConfigError: the catalog has a table of that name that is someone else's.
        ConflictError: others write the entry all the time.
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
    """Let the catalog have the table's view of the latest ingestions; None where it has none. Raises as `register`."""
    ours = current_view(table.contract, database)
    if ours is None:
        return None
    _, status = _write(catalog, ours.name, lambda theirs: merged_view(ours, theirs) if theirs else ours)
    return Registration(table=ours.name, location="", status=status)


def _wanted(
    ours: CatalogTable, table: PublishedTable, projection: bool | None, theirs: CatalogTable | None
) -> CatalogTable:
    """What the table's entry should say, given what it says now."""
    asked = projection if projection is not None else theirs is not None and is_projected(theirs)
    wanted = projected(ours, table.contract, table.partitions) if asked else ours
    return merged_table(wanted, theirs) if theirs else wanted


def _write(
    catalog: Catalog, name: str, wanted_of: Callable[[CatalogTable | None], CatalogTable], attempts: int = ATTEMPTS
) -> tuple[CatalogTable, TableStatus]:
    """Let the entry say what is wanted, given what it says now; what it says then, and what that took."""
    found = catalog.table(name)
    wanted = wanted_of(found.table if found else None)
    try:
        if found is None:
            catalog.create(wanted)
            return wanted, TableStatus.CREATED
        if wanted == found.table:
            return wanted, TableStatus.UNCHANGED
        catalog.replace(wanted, version=found.version)
    except ConflictError:
        if attempts == 1:
            raise
        return _write(catalog, name, wanted_of, attempts - 1)
    return wanted, TableStatus.UPDATED
