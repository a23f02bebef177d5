"""Ports for this machine's clock and processes, for TMDB, and for a data catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from trustedlake.models.catalog import CatalogPartition, CatalogTable, Registered
    from trustedlake.models.claim_holder import Owner
    from trustedlake.models.ingest import Page, TmdbList
    from trustedlake.models.lake import Entity


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current time in UTC, with time zone."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary moment; never goes back."""
        ...


class Host(Protocol):
    """Identifies this process, and tells whether another one still runs."""

    def owner(self) -> Owner:
        """Return this process, with a new token at each call."""
        ...

    def is_dead(self, owner: Owner) -> bool:
        """Return True only if the process has certainly ended: same host and boot, process gone."""
        ...


class MovieSource(Protocol):
    """Films and series from TMDB. Each method makes one call; the caller handles pace and retries.

    Safe to share between threads. Errors and logs never contain the key.

    Every method raises:
        BusyError: the call failed temporarily, or only for this film: 429, 5xx, a lost connection, or a body that is
            endless or not what was requested. `wait_s` is the response's `Retry-After`.
        FatalRemoteError: the key is wrong or has no rights, or the call itself is refused.
        ConfigError: a proxy from the environment can't be used.
    """

    @property
    def address(self) -> str:
        """The API's address, without any key."""
        ...

    def page(self, listing: TmdbList, number: int) -> Page:
        """Return page `number` (1 to 500) of a list, 20 items per page; a page beyond the end is empty."""
        ...

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """Return a film or series with its keywords: the body as TMDB sent it, as one line of UTF-8 JSON.

        The body is an object with that `id`. None: TMDB no longer has it (404).
        """
        ...

    def hang_up(self) -> None:
        """End the running calls of other threads at once: each raises BusyError. Later calls work as usual."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class Catalog(Protocol):
    """One database of a catalog: tables of external files, their partitions, and views (tables with SQL).

    Names of tables and columns are in lower case. Every method raises RetriableError if the catalog is busy
    or doesn't answer, and ConfigError or FatalRemoteError if it refuses.
    """

    def ensure_database(self) -> None:
        """Create the database if it doesn't exist."""
        ...

    def table(self, name: str) -> Registered | None:
        """Return the table as it is registered now; None if the table or the database doesn't exist."""
        ...

    def create(self, table: CatalogTable) -> None:
        """Register a table.

        Raises:
            ConflictError: a table of that name exists.
        """
        ...

    def replace(self, table: CatalogTable, *, version: str) -> None:
        """Replace the table's entry if it has that version; keep what else the catalog stores in it.

        Raises:
            ConflictError: the entry has another version: someone else wrote first.
        """
        ...

    def partitions(self, table: str) -> Sequence[CatalogPartition]:
        """Return all registered partitions of the table; empty if there is no such table."""
        ...

    def add(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Register partitions; leave those alone that someone else registered in the meantime."""
        ...

    def change(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Update registered partitions."""
        ...

    def remove(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Unregister partitions; ignore those that are gone already. No file is touched."""
        ...
