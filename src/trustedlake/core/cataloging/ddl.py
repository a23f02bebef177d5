"""The tables as SQL statements for Athena, Spark and DuckDB, with each engine's quoting."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.cataloging.catalog_tables import (
    catalog_table,
    current_name,
    current_query,
    double_quoted,
    is_projected,
    lower_cased,
    projected,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.models.catalog import CatalogColumn, CatalogTable
    from trustedlake.models.contract import Contract


_PATTERN = re.compile(r"[\[*?]")
"""Characters that DuckDB treats as a pattern in a path; brackets around them make them literal."""


def athena_statements(contract: Contract, location: str, database: str, *, projection: bool) -> list[str]:
    """Athena: tables use Hive's backticks, views use Trino's double quotes."""
    table = lower_cased(catalog_table(contract, location))
    if projection:
        table = projected(table, contract)
    name = f"{_backticked(database)}.{_backticked(table.name)}"
    parts = [
        f"CREATE EXTERNAL TABLE IF NOT EXISTS {name} (\n{_columns(table.columns)}\n)",
        f"COMMENT {_text(table.description)}",
        *([f"PARTITIONED BY (\n{_columns(table.partition_keys)}\n)"] if table.partition_keys else []),
        "STORED AS PARQUET",
        f"LOCATION {_text(table.location)}",
        f"TBLPROPERTIES (\n{_properties(table)}\n)",
    ]
    statements = [f"CREATE DATABASE IF NOT EXISTS {_backticked(database)}", "\n".join(parts)]
    if table.partition_keys and not is_projected(table):
        statements.append(f"MSCK REPAIR TABLE {name}")
    quoted = f"{double_quoted(database)}.{double_quoted(table.name)}"
    return statements + _view(contract, quoted, f"{double_quoted(database)}.", double_quoted)


def spark_statements(contract: Contract, location: str, database: str) -> list[str]:
    """Spark: partition keys are listed with the columns, and partitions are found by listing folders."""
    table = catalog_table(contract, location)
    schema = _backticked(spark_database(database))
    name = f"{schema}.{_backticked(table.name)}"
    keys = ", ".join(_backticked(key.name) for key in table.partition_keys)
    parts = [
        f"CREATE TABLE IF NOT EXISTS {name} (\n{_columns((*table.columns, *table.partition_keys))}\n)",
        "USING parquet",
        *([f"PARTITIONED BY ({keys})"] if keys else []),
        f"LOCATION {_text(table.location)}",
        f"COMMENT {_text(table.description)}",
    ]
    statements = [f"CREATE DATABASE IF NOT EXISTS {schema}", "\n".join(parts)]
    if keys:
        statements.append(f"MSCK REPAIR TABLE {name}")
    return statements + _view(contract, name, f"{schema}.", _backticked)


def spark_database(database: str) -> str:
    """Return the database's name for Spark, which can't create a name with a hyphen, quoted or not."""
    return database.replace("-", "_")


def duckdb_statements(contract: Contract, location: str, database: str) -> list[str]:
    """DuckDB: a view over the files, with the partition keys declared as text (DuckDB would infer numbers)."""
    table = catalog_table(contract, location)
    schema = double_quoted(database)
    name = f"{schema}.{double_quoted(table.name)}"
    folders = "".join(f"{key.name}=*/" for key in table.partition_keys)
    types = ", ".join(f"{_single_quoted(key.name)}: VARCHAR" for key in table.partition_keys)
    hive = f", hive_partitioning = true, hive_types = {{{types}}}" if types else ", hive_partitioning = false"
    files = _single_quoted(_PATTERN.sub(r"[\g<0>]", table.location) + f"{folders}*.parquet")
    columns = [
        f"COMMENT ON COLUMN {name}.{double_quoted(column.name)} IS {_single_quoted(column.comment)}"
        for column in (*table.columns, *table.partition_keys)
    ]
    return [
        f"CREATE SCHEMA IF NOT EXISTS {schema}",
        f"CREATE OR REPLACE VIEW {name} AS\nSELECT *\nFROM read_parquet({files}{hive})",
        f"COMMENT ON VIEW {name} IS {_single_quoted(table.description)}",
        *columns,
        *_view(contract, name, f"{schema}.", double_quoted),
    ]


def _view(contract: Contract, table: str, prefix: str, quoted: Callable[[str], str]) -> list[str]:
    view = current_name(contract)
    if view is None:
        return []
    return [f"CREATE OR REPLACE VIEW {prefix}{quoted(view)} AS\n{current_query(contract, table, quoted)}"]


def _columns(columns: tuple[CatalogColumn, ...]) -> str:
    return ",\n".join(f"  {_backticked(one.name)} {one.type} COMMENT {_text(one.comment)}" for one in columns)


def _properties(table: CatalogTable) -> str:
    # Athena sets EXTERNAL itself.
    pairs = {key: value for key, value in table.parameters.items() if key != "EXTERNAL"}
    return ",\n".join(f"  {_text(key)} = {_text(value)}" for key, value in pairs.items())


def _text(text: str) -> str:
    r"""Quote a literal for Hive and Spark, which escape with `\` and don't know doubled quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _single_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _backticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
