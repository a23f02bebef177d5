"""Registers published tables: run again it changes nothing, and two at a time end as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.cataloging.merge import merged_table, partition_changes
from trustedlake.core.cataloging.tables import catalog_table, is_projected, lower_cased, projected
from trustedlake.errors import ConflictError
from trustedlake.models.catalog import Registration, TableStatus

if TYPE_CHECKING:
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
    wanted, status = _register_table(catalog, ours, table, projection)
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


def _register_table(
    catalog: Catalog, ours: CatalogTable, table: PublishedTable, projection: bool | None, attempts: int = ATTEMPTS
) -> tuple[CatalogTable, TableStatus]:
    """The table as it is registered then, and what that took."""
    found = catalog.table(ours.name)
    asked = projection if projection is not None else found is not None and is_projected(found.table)
    wanted = projected(ours, table.partitions) if asked else ours
    try:
        if found is None:
            catalog.create(wanted)
            return wanted, TableStatus.CREATED
        wanted = merged_table(wanted, found.table)
        if wanted == found.table:
            return wanted, TableStatus.UNCHANGED
        catalog.replace(wanted, version=found.version)
    except ConflictError:
        if attempts == 1:
            raise
        return _register_table(catalog, ours, table, projection, attempts - 1)
    return wanted, TableStatus.UPDATED
