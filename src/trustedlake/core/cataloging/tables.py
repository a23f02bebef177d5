"""The contracts as tables of a catalog."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.partition import partition_values
from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable
from trustedlake.models.contract import LINEAGE, PARTITION

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    first = min([FIRST_YEAR, *(int(partition_values(name)[0]) for name in published)])
    folders = "/".join(f"{key.name}=${{{key.name}}}" for key in table.partition_keys)
    pattern = {
        "projection.enabled": "true",
        "projection.ano.type": "integer",
        "projection.ano.range": f"{first},{LAST_YEAR}",
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
