"""A column of a table's contract: where its values come from, their type, and their rules."""

from __future__ import annotations

from pydantic import Field, field_validator

from trustedlake.models.base import Frozen
from trustedlake.types import ColumnType, Notation, column_type
from trustedlake.types.moments import check_format
from trustedlake.types.source_path import parse_source

FORBIDDEN_IN_NAMES = frozenset(" ,;{}()=`\"'<>.\\/")
"""Characters that a column name can't have: Parquet, SQL, paths and partition folders treat them differently."""

LINEAGE: tuple[tuple[str, str], ...] = (("file_path", "string"), ("record_index", "int"))
"""Columns that say where a row comes from; left out of the digest."""

RESERVED = ("rescued", *(name for name, _ in LINEAGE))
"""Columns of every Trusted table besides the contract's columns and the partition columns."""

Bound = int | float


class Column(Frozen):
    """One typed column of a Trusted table.

    Attributes:
        name: name of the column; also the key it reads if there are no `sources`.
        type: as in Spark SQL: `bigint`, `decimal(10,2)`, `array<string>`; `json` keeps a value's JSON text.
        sources: paths to the value; the first path with a value wins: `a`, `a.b`, `a[].b`, `a.b[].c`,
            `crew[job=Director].name`, `@key`. Write a key with special characters between backticks.
        synonyms: other top-level keys, exactly as written; they come after the sources.
        required: a record without a value is rejected (`name|missing`).
        not_blank: a text of only blanks is rejected (`name|blank`).
        nulls: texts that mean null; replaces the table's list.
        minimum, maximum: inclusive bounds (`name|range`).
        min_length: minimum number of characters of a text (`name|length`).
        pattern: a regular expression in the portable subset; may match anywhere unless anchored (`name|pattern`).
        enum: the allowed values (`name|enum`).
        unique: if several records of a partition have the same value, only the last is accepted (`name|unique`).
        formats: how dates and timestamps are written, tried in order.
        decimal, grouping: decimal and grouping mark of numbers in texts.
        split: separator of the elements of a list that is written as one text.
        booleans: word -> whether it means true.
        expected: warn if a whole file lacks it, even if the table never had values in it.
    """

    name: str = Field(min_length=1)
    type: str
    description: str = ""
    sources: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    required: bool = False
    not_blank: bool = False
    nulls: tuple[str, ...] | None = None
    minimum: Bound | None = None
    maximum: Bound | None = None
    min_length: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    unique: bool = False
    formats: tuple[str, ...] = ()
    decimal: str = "."
    grouping: str = ""
    split: str | None = None
    booleans: dict[str, bool] = {}
    expected: bool = False

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if FORBIDDEN_IN_NAMES.intersection(name) or not name.isprintable():
            raise ValueError(f"{name!r} can't be the name of a column; choose another one and add the key as a synonym")
        return name

    @field_validator("type")
    @classmethod
    def _is_a_type(cls, name: str) -> str:
        return column_type(name).name

    @field_validator("sources")
    @classmethod
    def _are_sources(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        for one in sources:
            parse_source(one)
        return sources

    @field_validator("formats")
    @classmethod
    def _are_formats(cls, formats: tuple[str, ...]) -> tuple[str, ...]:
        for one in formats:
            check_format(one)
        return formats

    @property
    def kind(self) -> ColumnType:
        """The type as an object."""
        return column_type(self.type)

    @property
    def scalar(self) -> ColumnType:
        """The type of the value, or of each element if it is a list."""
        return self.kind.scalar

    @property
    def notation(self) -> Notation:
        """How its values are written in Raw."""
        return Notation(self.formats, self.decimal, self.grouping, self.booleans)

    @property
    def is_list(self) -> bool:
        """Whether the column holds lists."""
        return self.kind.is_list

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys it reads, in order, without repeats: `genres[].id` has the key `genres`."""
        return tuple(dict.fromkeys(parse_source(path)[0].name for path in self.paths))

    @property
    def paths(self) -> tuple[str, ...]:
        """All sources in order of preference, synonyms as paths; the reference page shows them."""
        own = self.sources or (quoted(self.name),)
        return tuple(dict.fromkeys((*own, *map(quoted, self.synonyms))))


def quoted(key: str) -> str:
    """Quote a key for a source path if it has special characters."""
    return f"`{key}`" if set(key) & set(".[]{}`@") or key != key.strip() else key
