"""Turn a contract into a catalog's table, and into a view of its latest rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.partition import Template
from trustedlake.core.partition_name import partition_values
from trustedlake.core.table_schema import partition_columns, trusted_columns
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trustedlake.core.table_schema import TableColumn
    from trustedlake.models.contract import Contract


MADE_BY = "trustedlake.contract"
"""The parameter that marks entries made by this program; its value is the contract's version."""

LONGEST_COMMENT, LONGEST_DESCRIPTION = 255, 2_048
"""Glue's limits, in characters, for a column and for a table."""

PROJECTION = ("projection.", "storage.location.template")
"""Prefixes of the parameters of a partition projection."""

FIRST_YEAR, LAST_YEAR = 2020, 2040
"""Years of a projection. Athena checks every day in them unless the query rules it out."""


YEAR_DIGITS = 4
_RANGES = {"mes": (1, 12), "month": (1, 12), "dia": (1, 31), "day": (1, 31)}


def catalog_table(contract: Contract, location: str) -> CatalogTable:
    """Return the table with comments, and its partition keys as strings. `location` is the folder of its files."""
    return CatalogTable(
        name=contract.table,
        description=_one_line(contract.description, LONGEST_DESCRIPTION),
        columns=_columns(trusted_columns(contract)),
        partition_keys=_columns(partition_columns(contract)),
        location=_folder(location),
        parameters={"EXTERNAL": "TRUE", "classification": "parquet", MADE_BY: str(contract.version)},
    )


def lower_cased(table: CatalogTable) -> CatalogTable:
    """Lower-case the names of columns and partition keys, because Glue and Hive have no capitals: `Ano` -> `ano`.

    The folders keep their capitals: `Ano=2025`.
    """

    def lower(columns: Iterable[CatalogColumn]) -> tuple[CatalogColumn, ...]:
        return tuple(column.model_copy(update={"name": column.name.lower()}) for column in columns)

    return table.model_copy(update={"columns": lower(table.columns), "partition_keys": lower(table.partition_keys)})


def projected(table: CatalogTable, contract: Contract, published: Iterable[str] = ()) -> CatalogTable:
    """Compute the table's partitions from a pattern instead of registering them, so that new days appear by themselves.

    `published`: partitions that the projection must include (`ano=2019/mes=06/dia=17`). Unpartitioned tables don't
    change.
    """
    if not table.partition_keys:
        return table
    found = [partition_values(name) for name in published]
    folders = "/".join(f"{key}=${{{key.lower()}}}" for key in contract.partition)
    pattern = {"projection.enabled": "true"}
    for key, width in partition_widths(contract).items():
        pattern |= _projection(key.lower(), width, sorted({values[key] for values in found}))
    pattern["storage.location.template"] = f"{table.location}{folders}/"
    return table.model_copy(update={"parameters": table.parameters | pattern})


def partition_widths(contract: Contract) -> dict[str, int]:
    """Return partition column -> number of digits in its values; 0 for text."""
    widths = Template(contract.raw.path[0]).widths
    return {name: widths[name] for name in contract.partition}


def _projection(key: str, width: int, values: list[str]) -> dict[str, str]:
    """Return the projection of a partition key: a range for digits; for texts, the published ones, or `injected`.

    `injected`: each query has to name the value.
    """
    if not width:
        if values and not any("," in value for value in values):
            return {f"projection.{key}.type": "enum", f"projection.{key}.values": ",".join(values)}
        return {f"projection.{key}.type": "injected"}
    first, last = (FIRST_YEAR, LAST_YEAR) if width == YEAR_DIGITS else _RANGES.get(key, (0, 99))
    numbers = [first, last, *map(int, values)]
    return {
        f"projection.{key}.type": "integer",
        f"projection.{key}.range": f"{min(numbers)},{max(numbers)}",
        f"projection.{key}.digits": str(width),
    }


def is_projected(table: CatalogTable) -> bool:
    """Whether the table's partitions are computed by a projection."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def reached(table: CatalogTable, name: str) -> bool:
    """Whether queries find the partition through the table's projection, which somebody may have changed.

    For dates, and for values that a query has to give (`injected`), only the folder is checked.
    """
    parameters = table.parameters
    values = {key.lower(): value for key, value in partition_values(name).items()}
    folder = parameters.get("storage.location.template", f"{table.location}{name}")
    for key, value in values.items():
        folder = folder.replace(f"${{{key}}}", value)
    listed = {key: f"projection.{key}." for key in values}
    return folder.rstrip("/") == f"{table.location}{name}" and all(
        _counts(value, parameters, listed[key]) for key, value in values.items()
    )


def _counts(value: str, parameters: Mapping[str, str], prefix: str) -> bool:
    """Whether a partition key's projection includes the value."""
    match parameters.get(f"{prefix}type", "").lower():
        case "enum":
            return value in [one.strip() for one in parameters.get(f"{prefix}values", "").split(",")]
        case "integer":
            try:
                first, last = (int(one) for one in parameters.get(f"{prefix}range", "").split(","))
                digits, step = (int(parameters.get(f"{prefix}{name}", "1")) for name in ("digits", "interval"))
            except ValueError:
                return False
            number = int(value)
            there = first <= number <= last and (number - first) % max(1, step) == 0
            return there and str(number).zfill(digits) == value
    return True


def catalog_partition(table: CatalogTable, name: str) -> CatalogPartition:
    """Return the table's partition in the folder `ano=2025/mes=06/dia=17`."""
    return CatalogPartition(
        values=tuple(partition_values(name).values()),
        location=f"{table.location}{name}/",
        columns=table.columns,
        parameters={MADE_BY: table.parameters[MADE_BY]},
    )


def _columns(columns: Iterable[TableColumn]) -> tuple[CatalogColumn, ...]:
    return tuple(
        CatalogColumn(name=one.name, type=one.type, comment=_one_line(one.comment, LONGEST_COMMENT)) for one in columns
    )


def _one_line(text: str, longest: int) -> str:
    """Return the text without line breaks, which Glue refuses, and not longer than Glue takes."""
    return " ".join(text.split())[:longest]


def _folder(location: str) -> str:
    return location.rstrip("/") + "/"


SUFFIX = "_current"
_OF_EACH = "One row per key: that of the latest ingestion date."


def current_name(contract: Contract) -> str | None:
    """Return the name of the view of the latest rows; None for a table without ingestion dates or without a key."""
    return f"{contract.table}{SUFFIX}" if contract.key and ingestion_columns(contract) else None


def ingestion_columns(contract: Contract) -> list[str]:
    """Return the partition columns made of digits, which can be ordered: those of the ingestion date."""
    return [name for name, width in partition_widths(contract).items() if width]


def current_view(contract: Contract, database: str) -> CatalogTable | None:
    """Return the view as a catalog entry, in Athena's SQL; None for a table without ingestion dates or a key."""
    name = current_name(contract)
    if name is None:
        return None
    table = lower_cased(catalog_table(contract, ""))
    return CatalogTable(
        name=name,
        description=_one_line(f"{contract.description} {_OF_EACH}", LONGEST_DESCRIPTION),
        columns=(*table.columns, *table.partition_keys),
        location="",
        sql=current_query(contract, f"{double_quoted(database)}.{double_quoted(contract.table)}", double_quoted),
        parameters={MADE_BY: str(contract.version)},
    )


def same_query(one: str, other: str) -> bool:
    """Whether two queries are the same except for their layout, because Athena reformats queries."""
    return _words(one) == _words(other)


def double_quoted(name: str) -> str:
    """Quote a name for Athena's queries and DuckDB."""
    return '"' + name.replace('"', '""') + '"'


def _words(sql: str) -> list[str]:
    return [word for word in re.findall(r"[\w*=-]+", sql.lower()) if word != "as"]


def current_query(contract: Contract, table: str, quoted: Callable[[str], str]) -> str:
    """Return the view's SELECT, in SQL that Athena, Spark and DuckDB understand.

    Grain: one row per key, that of its latest ingestion date. Columns: those of the table, in its order.

    Args:
        contract: of a partitioned table.
        table: the table's name, quoted for the engine if necessary.
        quoted: quotes a column name for the engine.
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
