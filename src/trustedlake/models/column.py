"""A column of a table's contract: where its values come from, their type, and the rules they keep."""

from __future__ import annotations

from pydantic import Field, field_validator

from trustedlake.models.base import Frozen
from trustedlake.types import ArrayType, ColumnType, column_type
from trustedlake.types.moments import check_format
from trustedlake.types.source_path import parse_source

FORBIDDEN_IN_NAMES = frozenset(" ,;{}()=`\"'<>.\\/")
"""Signs that no column's name may have: Parquet, SQL, paths and partition folders each read them in their own way."""

LINEAGE: tuple[tuple[str, str], ...] = (("file_path", "string"), ("record_index", "int"))
"""Where a row comes from; left out of the digest."""

RESERVED = ("rescued", *(name for name, _ in LINEAGE))
"""Columns that every Trusted table has besides the contract's and the partition's."""

Bound = int | float


class Column(Frozen):
    """One typed column of a Trusted table.

    Attributes:
        name: of the column; also the key it is taken from where no `sources` are given.
        type: as Spark SQL names it: `bigint`, `decimal(10,2)`, `array<string>`; `json` keeps a value's JSON text.
        sources: paths the value is taken from, the first that has one wins: `a`, `a.b`, `a[].b`, `a.b[].c`,
            `crew[job=Director].name`, `@key`; a key with such signs stands between backticks.
        synonyms: other top-level keys, to the letter; they come after the sources.
        required: a record without a value is rejected (`name|missing`).
        not_blank: a text of blanks only is rejected (`name|blank`).
        nulls: texts that mean null, in place of the table's.
        minimum, maximum: inclusive bounds (`name|range`).
        min_length: characters a text must have (`name|length`).
        pattern: a regular expression in the portable subset, found anywhere unless anchored (`name|pattern`).
        enum: the values it may have (`name|enum`).
        unique: of several records of a partition with one value, all but the last are rejected (`name|unique`).
        formats: how dates and timestamps are written, tried in order.
        decimal, grouping: marks of numbers in texts.
        split: what separates the elements of a list that is written as one text.
        booleans: word -> whether it means true.
        expected: its absence from a whole file is worth a warning, also if the table never had values in it.
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
            raise ValueError(f"{name!r} is no name for a column; choose another one and add the key as a synonym")
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
        """The type, with all that it means."""
        return column_type(self.type)

    @property
    def scalar(self) -> ColumnType:
        """The type of the value, or of each element of a list."""
        return self.kind.element if isinstance(self.kind, ArrayType) else self.kind

    @property
    def is_list(self) -> bool:
        """Whether the column holds lists."""
        return isinstance(self.kind, ArrayType)

    @property
    def keys(self) -> tuple[str, ...]:
        """The top-level keys it takes from, in order, each once: `genres[].id` has the key `genres`."""
        return tuple(dict.fromkeys(parse_source(path)[0].name for path in self.paths))

    @property
    def paths(self) -> tuple[str, ...]:
        """Every source in order of preference, synonyms as paths: what the reference page shows."""
        own = self.sources or (quoted(self.name),)
        return tuple(dict.fromkeys((*own, *map(quoted, self.synonyms))))


def quoted(key: str) -> str:
    """A key as a source path takes it to the letter."""
    return f"`{key}`" if set(key) & set(".[]{}`@") or key != key.strip() else key
