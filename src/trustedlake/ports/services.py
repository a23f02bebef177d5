"""Services that the use cases ask: TMDB, and a data catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.catalog import CatalogPartition, CatalogTable, Registered
    from trustedlake.models.ingest import Page, TmdbList
    from trustedlake.models.lake import Entity


class MovieSource(Protocol):
    """Films and series of TMDB. Each method is one call; whoever asks decides on pace and retries.

    Safe to share between threads. No error, and nothing it logs, holds the key.

    Every method raises:
        BusyError: the call failed in a way that passes, or fails for this film only: 429, 5xx, a broken line, a body
            that is not what was asked for, or has no end. `wait_s` is what the answer's `Retry-After` says.
        FatalRemoteError: the key is wrong or has no rights, or the call itself is refused.
        ConfigError: a proxy of the environment can't be used.
    """

    @property
    def address(self) -> str:
        """Where it is, without any key."""
        ...

    def page(self, listing: TmdbList, number: int) -> Page:
        """Page `number` (1 to 500) of a list, 20 items a page; beyond its end there are none."""
        ...

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """The film or series with its keywords: the body as it was sent, as one line of UTF-8 JSON.

        It is an object with that `id`. None: TMDB no longer has it (404).
        """
        ...

    def hang_up(self) -> None:
        """End the calls that other threads wait for, now: each raises BusyError. Later calls are made as ever."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


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
