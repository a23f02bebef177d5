"""The run that publishes, and where it publishes to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from trustedlake.models.lake import TablePaths
    from trustedlake.ports import Host, ObjectStore


class Writer(Protocol):
    """One run working on one table: what publishing needs to know about it."""

    @property
    def store(self) -> ObjectStore:
        """The store that holds the table and the lake's state."""
        ...

    @property
    def host(self) -> Host:
        """This process."""
        ...

    @property
    def paths(self) -> TablePaths:
        """The table's folders."""
        ...

    @property
    def run_id(self) -> str:
        """The run's unique name."""
        ...

    @property
    def shield(self) -> Callable[[], AbstractContextManager[object]]:
        """Context for a publish that must not be interrupted."""
        ...
