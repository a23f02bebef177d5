"""The view `..._current`: of each film or series its latest ingestion."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.cataloging.tables import MADE_BY, catalog_table, lower_cased, partition_widths
from trustedlake.core.table_schema import partition_columns, trusted_columns
from trustedlake.models.catalog import CatalogTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.models.contract import Contract

SUFFIX = "_current"


def current_name(contract: Contract) -> str | None:
    """Name of the table's view of the latest ingestions; None for a table without ingestion dates, or without a key."""
    return f"{contract.table}{SUFFIX}" if contract.key and ingestion_columns(contract) else None


def ingestion_columns(contract: Contract) -> list[str]:
    """The partition columns that hold digits, and so an order: those of the ingestion date."""
    return [name for name, width in partition_widths(contract).items() if width]


def current_view(contract: Contract, database: str) -> CatalogTable | None:
    """The view as a catalog's entry, in Athena's SQL; None for a table without ingestion dates."""
    name = current_name(contract)
    if name is None:
        return None
    table = lower_cased(catalog_table(contract, ""))
    return CatalogTable(
        name=name,
        description=f"{contract.description} Of each the row of its latest ingestion date.",
        columns=(*table.columns, *table.partition_keys),
        location="",
        sql=current_query(contract, f"{double_quoted(database)}.{double_quoted(contract.table)}", double_quoted),
        parameters={MADE_BY: str(contract.version)},
    )


def same_query(one: str, other: str) -> bool:
    """Whether two queries say the same in another layout: Athena lays out anew what it is given."""
    return _words(one) == _words(other)


def double_quoted(name: str) -> str:
    """A name as Athena's queries and DuckDB quote it."""
    return '"' + name.replace('"', '""') + '"'


def _words(sql: str) -> list[str]:
    return [word for word in re.findall(r"[\w*=-]+", sql.lower()) if word != "as"]


def current_query(contract: Contract, table: str, quoted: Callable[[str], str]) -> str:
    """The view's SELECT, in SQL that Athena, Spark and DuckDB understand.

    Grain: one row per key, the one of its latest ingestion date. Columns: the table's, in its order.

    Args:
        contract: of a partitioned table.
        table: its name as the engine wants it, quoted where it must be.
        quoted: quotes a column's name as the engine does.
    """
    columns = ", ".join(quoted(one.name) for one in (*trusted_columns(contract), *partition_columns(contract)))
    newest_first = ", ".join(f"{quoted(name)} DESC" for name in ingestion_columns(contract))
    key = ", ".join(quoted(name) for name in contract.key)
    lines = (
        f"SELECT {columns}",
        "FROM (",
        f"  SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY {newest_first}) AS newest",
        f"  FROM {table}",
        ") AS ranked",
        "WHERE newest = 1",
    )
    return "\n".join(lines)
