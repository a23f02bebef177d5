"""Which of the lake's tables a call means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from trustedlake.entrypoints.lake.registry import Registry
    from trustedlake.models.contract import Contract


@dataclass(frozen=True, slots=True)
class Asked:
    """The tables that a call names.

    Attributes:
        tables: their names.
        source, entity: the other way to name built-in tables.
    """

    tables: tuple[str, ...] = ()
    source: str | None = None
    entity: str | None = None

    def contracts(self, registry: Registry) -> tuple[Contract, ...]:
        """Return their contracts; those of all tables if none is named.

        Raises:
            ConfigError: there is no such table, or it was given both `tables` and `source` or `entity`.
        """
        if self.tables and (self.source or self.entity):
            raise ConfigError(
                "--table names a table, and --source and --entity name others",
                hint="give --table alone, or --source and --entity",
            )
        if self.tables:
            return tuple(registry.contract(table) for table in dict.fromkeys(self.tables))
        chosen = tuple(
            one for one in registry if self.source in {None, one.source} and self.entity in {None, one.entity}
        )
        if not chosen:
            raise ConfigError(
                f"no table has the source {self.source} and the entity {self.entity}",
                hint="trustedlake contract list shows the tables; --table names one",
            )
        return chosen


EVERYTHING = Asked()
"""Every table of the lake."""
