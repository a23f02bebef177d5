"""The columns of a published table, described once; Arrow, Spark, Glue and DuckDB schemas are made from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from trustedlake.models.column import LINEAGE
from trustedlake.types import column_type

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from trustedlake.models.contract import Contract

TEXT_MAP = "map<string,string>"

_COMMENTS = {
    "rescued": "Keys the contract does not know, and sources that lost to another one, as text.",
    "file_path": "Raw file the row comes from.",
    "record_index": "Place of the record in that file.",
    "ano": "Year of the ingestion date, four digits.",
    "mes": "Month of the ingestion date, two digits.",
    "dia": "Day of the ingestion date, two digits.",
}


class TableColumn(NamedTuple):
    """A column of a table on every engine.

    Attributes:
        type: as Spark and Glue write it.
    """

    name: str
    type: str
    comment: str

    @property
    def arrow(self) -> pa.DataType:
        """The type of its Parquet column."""
        import pyarrow as pa

        return pa.map_(pa.string(), pa.string()) if self.type == TEXT_MAP else column_type(self.type).arrow

    @property
    def is_arrow(self) -> Callable[[pa.DataType], bool]:
        """Whether a Parquet column of an Arrow type holds it; engines write slightly different Arrow types."""
        return _is_text_map if self.type == TEXT_MAP else column_type(self.type).is_arrow


LINEAGE_COLUMNS = tuple(TableColumn(name, type_, _COMMENTS[name]) for name, type_ in LINEAGE)
"""Columns that say where a row comes from."""

QUARANTINE = (
    *LINEAGE_COLUMNS,
    TableColumn("verdict", "string", "rejected, duplicate or unreadable."),
    TableColumn("reasons", "array<string>", "column|rule, all of them; empty for a duplicate."),
    TableColumn("raw", "string", "The record's text exactly as in the raw file."),
    TableColumn("winner", "string", "path#index of the record that was kept instead; null unless duplicate."),
    TableColumn("run_id", "string", "The run that refused it."),
    TableColumn("contract", "int", "Version of the contract."),
)
"""The columns of Quarantine, without the partition columns."""


def trusted_columns(contract: Contract) -> tuple[TableColumn, ...]:
    """Return the columns of the Trusted files, in order, without the partition columns."""
    own = (TableColumn(column.name, column.kind.spark, column.description) for column in contract.columns)
    return (*own, TableColumn("rescued", TEXT_MAP, _COMMENTS["rescued"]), *LINEAGE_COLUMNS)


def partition_columns(contract: Contract) -> tuple[TableColumn, ...]:
    """Return the partition columns, strings; readers must declare them, or they are inferred as integers."""
    comments = ((name, _COMMENTS.get(name, "Partition, from the folders in Raw.")) for name in contract.partition)
    return tuple(TableColumn(name, "string", comment) for name, comment in comments)


def arrow_schema(contract: Contract) -> pa.Schema:
    """Return the table's Arrow schema: Trusted columns, then partition columns."""
    import pyarrow as pa

    columns = (*trusted_columns(contract), *partition_columns(contract))
    return pa.schema([pa.field(column.name, column.arrow) for column in columns])


def without_zones(schema: pa.Schema) -> pa.Schema:
    """Return the schema without time zones: times are UTC, and some readers need extra packages for zones."""
    import pyarrow as pa

    return pa.schema([pa.field(field.name, _without_zone(field.type)) for field in schema])


def _without_zone(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa
    import pyarrow.types as pt

    if pt.is_list(kind):
        return pa.list_(_without_zone(kind.value_type))
    return pa.timestamp(kind.unit) if pt.is_timestamp(kind) else kind


def _is_text_map(found: pa.DataType) -> bool:
    import pyarrow.types as pt

    def is_text(kind: pa.DataType) -> bool:
        return bool(pt.is_string(kind) or pt.is_large_string(kind))

    return bool(pt.is_map(found)) and is_text(found.key_type) and is_text(found.item_type)
