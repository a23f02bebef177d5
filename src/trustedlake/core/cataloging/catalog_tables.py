"""A contract as a catalog's table, and its view of the latest rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.partition import Template, partition_values
from trustedlake.core.table_schema import partition_columns, trusted_columns
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trustedlake.core.table_schema import TableColumn
    from trustedlake.models.contract import Contract


MADE_BY = "trustedlake.contract"
"""The parameter that marks what this program made; its value is the contract's version."""

LONGEST_COMMENT = 255
"""Characters; Glue's limit."""

PROJECTION = ("projection.", "storage.location.template")
"""What the parameters of a projection begin with."""

FIRST_YEAR, LAST_YEAR = 2020, 2040
"""Years that a projection reaches. Athena looks for each day of them that a query does not rule out."""


YEAR_DIGITS = 4
_RANGES = {"mes": (1, 12), "month": (1, 12), "dia": (1, 31), "day": (1, 31)}


def catalog_table(contract: Contract, location: str) -> CatalogTable:
    """The table with its comments, and its partition keys as strings. `location` is the folder of its files."""
    return CatalogTable(
        name=contract.table,
        description=contract.description,
        columns=_columns(trusted_columns(contract)),
        partition_keys=_columns(partition_columns(contract)),
        location=_folder(location),
        parameters={"EXTERNAL": "TRUE", "classification": "parquet", MADE_BY: str(contract.version)},
    )


def lower_cased(table: CatalogTable) -> CatalogTable:
    """The table as a catalog without capital letters (Glue, Hive) has it: `tituloPincipal` -> `titulopincipal`."""
    columns = tuple(column.model_copy(update={"name": column.name.lower()}) for column in table.columns)
    return table.model_copy(update={"columns": columns})


def projected(table: CatalogTable, contract: Contract, published: Iterable[str] = ()) -> CatalogTable:
    """The table with its partitions computed from a pattern instead of registered: new days show by themselves.

    `published` are partitions that it must reach (`ano=2019/mes=06/dia=17`). Unpartitioned tables stay as they are.
    """
    if not table.partition_keys:
        return table
    found = [partition_values(name) for name in published]
    folders = "/".join(f"{key.name}=${{{key.name}}}" for key in table.partition_keys)
    pattern = {"projection.enabled": "true"}
    for key, width in partition_widths(contract).items():
        pattern |= _projection(key, width, sorted({values[key] for values in found}))
    pattern["storage.location.template"] = f"{table.location}{folders}/"
    return table.model_copy(update={"parameters": table.parameters | pattern})


def partition_widths(contract: Contract) -> dict[str, int]:
    """Partition column -> digits that its values have; 0 for text."""
    widths = Template(contract.raw.path[0]).widths
    return {name: widths[name] for name in contract.partition}


def _projection(key: str, width: int, values: list[str]) -> dict[str, str]:
    """How a partition key's values are computed; texts are those that are published, or given by each query."""
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
    """Whether the table's partitions are computed."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def reached(table: CatalogTable, name: str) -> bool:
    """Whether a query finds the partition by the table's projection, as somebody may have changed it.

    Of dates and of values that a query has to give (`injected`) only the folder is looked at.
    """
    parameters, values = table.parameters, partition_values(name)
    folder = parameters.get("storage.location.template", f"{table.location}{name}")
    for key, value in values.items():
        folder = folder.replace(f"${{{key}}}", value)
    listed = {key: f"projection.{key}." for key in values}
    return folder.rstrip("/") == f"{table.location}{name}" and all(
        _counts(value, parameters, listed[key]) for key, value in values.items()
    )


def _counts(value: str, parameters: Mapping[str, str], prefix: str) -> bool:
    """Whether a partition key's projection comes to the value."""
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
    """The partition in the folder `ano=2025/mes=06/dia=17` of the table."""
    return CatalogPartition(
        values=tuple(partition_values(name).values()),
        location=f"{table.location}{name}/",
        columns=table.columns,
        parameters={MADE_BY: table.parameters[MADE_BY]},
    )


def _columns(columns: Iterable[TableColumn]) -> tuple[CatalogColumn, ...]:
    return tuple(CatalogColumn(name=one.name, type=one.type, comment=one.comment[:LONGEST_COMMENT]) for one in columns)


def _folder(location: str) -> str:
    return location.rstrip("/") + "/"


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
