"""The view `..._current`: of each film or series its latest ingestion."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.models.contract import LINEAGE, PARTITION

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.models.contract import Contract

SUFFIX = "_current"


def current_name(contract: Contract) -> str | None:
    """Name of the table's view of the latest ingestions; None for a table without ingestion dates."""
    return f"{contract.table}{SUFFIX}" if contract.partitioned else None


def current_query(contract: Contract, table: str, quoted: Callable[[str], str]) -> str:
    """The view's SELECT, in SQL that Athena, Spark and DuckDB understand.

    Grain: one row per key, the one of its latest ingestion date. Columns: the table's, in its order.

    Args:
        contract: of a partitioned table.
        table: its name as the engine wants it, quoted where it must be.
        quoted: quotes a column's name as the engine does.
    """
    names = [*(column.name for column in contract.columns), "rescued", *dict(LINEAGE), *PARTITION]
    columns = ", ".join(quoted(name) for name in names)
    newest_first = ", ".join(f"{quoted(name)} DESC" for name in PARTITION)
    lines = (
        f"SELECT {columns}",
        "FROM (",
        f"  SELECT *, row_number() OVER (PARTITION BY {quoted(contract.key)} ORDER BY {newest_first}) AS newest",
        f"  FROM {table}",
        ") AS ranked",
        "WHERE newest = 1",
    )
    return "\n".join(lines)
