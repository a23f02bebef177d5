"""The contracts as tables of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.partition import partition_values
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable
from trustedlake.models.contract import LINEAGE, PARTITION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.models.contract import Contract

MADE_BY = "trustedlake.contract"
"""The parameter that marks what this program made; its value is the contract's version."""

LONGEST_COMMENT = 255
"""Characters; Glue's limit."""

PROJECTION = ("projection.", "storage.location.template")
"""What the parameters of a projection begin with."""

FIRST_YEAR, LAST_YEAR = 2020, 2040
"""Years that a projection reaches. Athena looks for each day of them that a query does not rule out."""

_COMMENTS = {
    "rescued": "Keys the contract does not know, as text.",
    "file_path": "Raw file the row comes from.",
    "record_index": "Place of the record in that file.",
    "ano": "Year of the ingestion date, four digits.",
    "mes": "Month of the ingestion date, two digits.",
    "dia": "Day of the ingestion date, two digits.",
}


def catalog_table(contract: Contract, location: str) -> CatalogTable:
    """The table with its comments, and its partition keys as strings. `location` is the folder of its files."""
    columns = [
        CatalogColumn(name=column.name, type=str(column.type), comment=column.description[:LONGEST_COMMENT])
        for column in contract.columns
    ]
    others = [("rescued", "map<string,string>"), *LINEAGE]
    columns += [CatalogColumn(name=name, type=kind, comment=_COMMENTS[name]) for name, kind in others]
    keys = PARTITION if contract.partitioned else ()
    return CatalogTable(
        name=contract.table,
        description=contract.description,
        columns=tuple(columns),
        partition_keys=tuple(CatalogColumn(name=key, type="string", comment=_COMMENTS[key]) for key in keys),
        location=_folder(location),
        parameters={"EXTERNAL": "TRUE", "classification": "parquet", MADE_BY: str(contract.version)},
    )


def lower_cased(table: CatalogTable) -> CatalogTable:
    """The table as a catalog without capital letters (Glue, Hive) has it: `tituloPincipal` -> `titulopincipal`."""
    columns = tuple(column.model_copy(update={"name": column.name.lower()}) for column in table.columns)
    return table.model_copy(update={"columns": columns})


def projected(table: CatalogTable, published: Iterable[str] = ()) -> CatalogTable:
    """The table with its partitions computed from a pattern instead of registered: new days show by themselves.

    `published` are partitions that it must reach (`ano=2019/mes=06/dia=17`). Unpartitioned tables stay as they are.
    """
    if not table.partition_keys:
        return table
    years = [FIRST_YEAR, LAST_YEAR, *(int(partition_values(name)[0]) for name in published)]
    folders = "/".join(f"{key.name}=${{{key.name}}}" for key in table.partition_keys)
    pattern = {
        "projection.enabled": "true",
        "projection.ano.type": "integer",
        "projection.ano.range": f"{min(years)},{max(years)}",
        "projection.ano.digits": "4",
        "projection.mes.type": "integer",
        "projection.mes.range": "1,12",
        "projection.mes.digits": "2",
        "projection.dia.type": "integer",
        "projection.dia.range": "1,31",
        "projection.dia.digits": "2",
        "storage.location.template": f"{table.location}{folders}/",
    }
    return table.model_copy(update={"parameters": table.parameters | pattern})


def is_projected(table: CatalogTable) -> bool:
    """Whether the table's partitions are computed."""
    return table.parameters.get("projection.enabled", "").lower() == "true"


def reached(table: CatalogTable, name: str) -> bool:
    """Whether a query finds the partition by the table's projection, as somebody may have changed it.

    Of dates and of values that a query has to give (`injected`) only the folder is looked at.
    """
    parameters, values = table.parameters, dict(zip(PARTITION, partition_values(name), strict=True))
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
        values=partition_values(name),
        location=f"{table.location}{name}/",
        columns=table.columns,
        parameters={MADE_BY: table.parameters[MADE_BY]},
    )


def _folder(location: str) -> str:
    return location.rstrip("/") + "/"
