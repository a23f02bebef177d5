"""What a table promises: its columns, where they come from and the rules they keep."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ColumnType(StrEnum):
    """The types a Trusted column can have, as Spark SQL names them."""

    STRING = "string"
    INT = "int"
    BIGINT = "bigint"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    DATE = "date"
    STRINGS = "array<string>"
    BIGINTS = "array<bigint>"


class RawFormat(StrEnum):
    """How the raw files of a table are framed."""

    JSON = "json"
    CSV = "csv"


class Column(BaseModel):
    """One typed column of a Trusted table.

    Attributes:
        sources: where the value is taken from, first match wins. `key` is the text of that
            key; `key.field` a field of an object; `key[].field` that field of each element.
        required: a record without a value is rejected (`name|missing`).
        not_blank: a text of blanks only is rejected (`name|blank`).
        empty_is_null: `""` is null (always so for types other than string).
        minimum, maximum: inclusive bounds (`name|range`).
        pattern: an anchored regular expression in the portable subset (`name|pattern`).
        original: the column was in the table this lake replaces; its absence is worth a warning.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: ColumnType
    sources: tuple[str, ...] = ()
    required: bool = False
    not_blank: bool = False
    empty_is_null: bool = False
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    original: bool = False
    description: str

    @property
    def paths(self) -> tuple[str, ...]:
        """The sources, the column's own name where none is given."""
        return self.sources or (self.name,)

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level source keys, in order, each once: `genres[].id` has the key `genres`."""
        heads = (path.partition(".")[0].removesuffix("[]") for path in self.paths)
        return tuple(dict.fromkeys(heads))


class Contract(BaseModel):
    """The contract of one table.

    Attributes:
        table: name of the table, `tmdb_movies`.
        version: raised when rows written before would come out differently now.
        key: the column that identifies what a row is about.
        unique_key: of several accepted records with one key in one partition the last one wins.
            Otherwise only records equal in every contract column are duplicates.
        witness: columns whose text the proof compares, record by record.
        partitioned: the table lies in `ano=/mes=/dia=` folders, by ingestion date.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str
    version: int
    format: RawFormat
    description: str
    key: str
    unique_key: bool
    witness: tuple[str, ...]
    partitioned: bool
    columns: tuple[Column, ...] = Field(min_length=1)

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def text_columns(self) -> dict[str, str]:
        """Every source key the contract knows -> the text column that framing gives it.

        Keys in column order, each once. Spark compares column names without case, so a key
        that differs from an earlier one in case alone gets a number: `ID` -> `text_ID_2`.
        """
        names: dict[str, str] = {}
        for key in dict.fromkeys(key for column in self.columns for key in column.keys):
            twins = sum(other.casefold() == key.casefold() for other in names)
            names[key] = f"text_{key}_{twins + 1}" if twins else f"text_{key}"
        return names

    def framing(self) -> dict[str, Any]:
        """What framing needs, as plain JSON data: it runs where pydantic is not installed.

        Fields: `table`, `format`, `key` (name of the key column), `text_columns` (source key ->
        text column), `columns` (contract column -> its source keys), `witness` (columns, in
        order), `integers` (columns of whole numbers), `required` (columns), `texts` (source keys
        that may hold text only, never a nested value; key -> column).
        """
        plain_texts = [
            column
            for column in self.columns
            if column.type is ColumnType.STRING and all("." not in path for path in column.paths)
        ]
        return {
            "table": self.table,
            "format": str(self.format),
            "key": self.key,
            "text_columns": self.text_columns,
            "columns": {column.name: list(column.keys) for column in self.columns},
            "witness": list(self.witness),
            "integers": [c.name for c in self.columns if c.type in {ColumnType.INT, ColumnType.BIGINT}],
            "required": [column.name for column in self.columns if column.required],
            "texts": {key: column.name for column in plain_texts for key in column.keys},
        }


LINEAGE: tuple[tuple[str, str], ...] = (("file_path", "string"), ("record_index", "int"))
"""Where a row comes from; left out of the digest."""

PARTITION: tuple[str, ...] = ("ano", "mes", "dia")
"""Partition columns: zero-padded strings. Read with inference they become integers: declare them."""
