"""Where tables are registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.catalog import CatalogPartition, CatalogTable, Registered


class Catalog(Protocol):
    """One database of a catalog: tables of external files, their partitions, and views, which are tables with SQL.

    Names of tables and columns are in lower case. Every method raises RetriableError where the catalog is busy
    or doesn't answer, ConfigError or FatalRemoteError where it refuses.
    """

    def ensure_database(self) -> None:
        """Make the database, if there is none."""
        ...

    def table(self, name: str) -> Registered | None:
        """The table as it is registered now; None if it isn't, or there is no database."""
        ...

    def create(self, table: CatalogTable) -> None:
        """Register a table.

        Raises:
            ConflictError: there is one of that name.
        """
        ...

    def replace(self, table: CatalogTable, *, version: str) -> None:
        """Let the table's entry of that version say this; what else the catalog keeps in it stays as it is.

        Raises:
            ConflictError: the entry has another version: someone else wrote first.
        """
        ...

    def partitions(self, table: str) -> Sequence[CatalogPartition]:
        """All registered partitions of the table; none where there is no such table."""
        ...

    def add(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Register partitions; those that someone registered meanwhile are left as they are."""
        ...

    def change(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Let registered partitions say this."""
        ...

    def remove(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Forget partitions; those that are gone already are fine. No file is touched."""
        ...
