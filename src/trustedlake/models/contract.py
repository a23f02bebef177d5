"""What a table promises: where its records come from, its columns, and the rules they keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from trustedlake.types import ArrayType, ColumnType, column_type
from trustedlake.types.moments import check_format
from trustedlake.types.source_path import MEMBER_NAME, parse_records, parse_source

DEFAULT_RECORDS = ("[].results[]", "results[]", "[]", ".")
"""Where records lie in a JSON document, unless the contract says otherwise: the shapes that TMDB's files have."""

CSV_NULLS = ("", r"\N")
"""Texts of a CSV file that mean null, unless the contract names others."""

MAX_REJECTED = 0.05
"""Share of a partition's records that may be rejected, unless the contract or the call says otherwise."""

_WITNESSES = 4
"""Columns that the proof compares by default, record by record."""

Bound = int | float
Null = str | None


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RawFormat(StrEnum):
    """How the raw files of a table are framed."""

    JSON = "json"
    CSV = "csv"


class Duplicates(StrEnum):
    """What becomes of accepted records with one key in one partition."""

    LAST = "last"
    MERGE = "merge"
    EQUAL = "equal"
    KEEP = "keep"


class Column(_Frozen):
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


class Dialect(_Frozen):
    r"""How a CSV file is written.

    Attributes:
        delimiter: between two fields.
        quote: around a field that holds delimiters, quotes (doubled) or line breaks; None: a quote is a letter.
        header: the first line names the columns; else `columns` do, in order, or the contract's columns.
        skip: lines before the header, or the first record, that are none.
        encoding: name of a Python codec.
    """

    delimiter: str = Field(default="|", min_length=1, max_length=1)
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    header: bool = True
    columns: tuple[str, ...] = ()
    skip: int = Field(default=0, ge=0)
    encoding: str = "utf-8"


class Raw(_Frozen):
    """Where the records of a table come from.

    Attributes:
        path: folder templates below the lake, `Raw/TMDB/JSON/Movies/{ano:04d}/{mes:02d}/{dia:02d}`; all have the
            same placeholders, which are the partition columns.
        files: patterns of file names; empty: every file.
        ignore: patterns of file names that are left out, and told.
        records: where the records lie in a JSON document, tried in order.
        where: key -> values of which a record must have one; None stands for no value, `*` for any.
        one_of: a record has one of these keys, or it is none of the table's.
        nulls: texts that mean null.
        known: keys that are kept in `rescued` and are nothing new.
        max_rejected: share of a partition's records (0 to 1) that may be rejected; the caller's wins.
        replaces: `name`: a later delivery of a file name replaces the earlier one.
    """

    path: tuple[str, ...] = Field(min_length=1)
    format: RawFormat
    files: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    records: tuple[str, ...] = DEFAULT_RECORDS
    where: dict[str, tuple[Null, ...]] = {}
    one_of: tuple[str, ...] = ()
    nulls: tuple[str, ...] | None = None
    known: tuple[str, ...] = ()
    dialect: Dialect = Dialect()
    max_rejected: float | None = Field(default=None, ge=0, le=1)

    @field_validator("records")
    @classmethod
    def _are_records(cls, records: tuple[str, ...]) -> tuple[str, ...]:
        for one in records:
            parse_records(one)
        return records

    @property
    def null_texts(self) -> tuple[str, ...]:
        """Texts that mean null: those given, or the format's own."""
        if self.nulls is not None:
            return self.nulls
        return CSV_NULLS if self.format is RawFormat.CSV else ()


class Contract(_Frozen):
    """The contract of one table.

    Attributes:
        table: name of the table, `tmdb_movies`.
        version: the first number of the contract file's version.
        key: the columns that together identify what a row is about.
        duplicates: what becomes of accepted records with one key in one partition.
        prefer: patterns of file names; a record of an earlier pattern's file wins over later ones.
        witness: columns whose text the proof compares, record by record.
        trusted: folder of the published Parquet, below the lake.
        partition: the partition columns, which the templates' placeholders name; strings.
        source, entity: what `--source` and `--entity` call a built-in table; empty for others.
    """

    table: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    version: int = 1
    description: str = ""
    raw: Raw
    trusted: str
    partition: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    duplicates: Duplicates = Duplicates.LAST
    prefer: tuple[str, ...] = ()
    witness: tuple[str, ...] = ()
    source: str = ""
    entity: str = ""
    columns: tuple[Column, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _is_whole(self) -> Contract:
        names = [column.name for column in self.columns]
        folded = [name.casefold() for name in (*names, *self.partition, *RESERVED)]
        twins = sorted({name for name in names if folded.count(name.casefold()) > 1})
        if twins:
            raise ValueError(f"{twins[0]}: two columns of {self.table} have this name")
        for name in (*self.key, *self.witness):
            if name not in names:
                raise ValueError(f"{name}: {self.table} has no such column")
        if not self.key and self.duplicates in {Duplicates.LAST, Duplicates.MERGE}:
            raise ValueError(f"{self.table}: duplicates: {self.duplicates} needs a primaryKey")
        return self

    @property
    def format(self) -> RawFormat:
        """How its raw files are framed."""
        return self.raw.format

    @property
    def partitioned(self) -> bool:
        """Whether the table lies in partition folders."""
        return bool(self.partition)

    @property
    def unique_key(self) -> bool:
        """Whether of several accepted records with one key in one partition only one becomes a row."""
        return self.duplicates in {Duplicates.LAST, Duplicates.MERGE}

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def witnesses(self) -> tuple[str, ...]:
        """The columns that the proof compares: those given, else key, required and other texts and whole numbers.

        None that a record's text does not tell, and none that may be filled from another record.
        """
        merged = self.duplicates is Duplicates.MERGE
        told = [c for c in self.columns if MEMBER_NAME not in c.sources and (self.is_required(c) or not merged)]
        if self.witness:
            return tuple(name for name in self.witness if any(c.name == name for c in told))
        plain = [c for c in told if c.type in {"string", "int", "bigint"}]
        ranked = sorted(plain, key=lambda c: (c.name not in self.key, not c.required, c.type != "string"))
        return tuple(column.name for column in ranked[:_WITNESSES])

    def is_required(self, column: Column) -> bool:
        """Whether a record needs a value in the column: the key's columns do where the key decides."""
        return column.required or (column.name in self.key and self.unique_key)

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of everything that rows depend on: another one means that rows may come out differently."""
        told = self.model_dump(mode="json", exclude={"description", "source", "entity", "trusted", "version"})
        told["raw"].pop("max_rejected")
        told["raw"].pop("known")
        for column in told["columns"]:
            column.pop("description")
            column.pop("expected")
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def framing(self, others: Sequence[Contract] = ()) -> dict[str, Any]:
        """What framing needs, as plain JSON data: it runs where pydantic is not installed.

        `others`: tables that may read the same files; what they take is not this one's to reject.
        """
        raw = self.raw
        return {
            "table": self.table,
            "format": str(raw.format),
            "key": list(self.key),
            "required": [column.name for column in self.columns if self.is_required(column)],
            "witness": list(self.witnesses),
            "partition": list(self.partition),
            "records": list(raw.records),
            "selection": self._selection(),
            "others": [other._selection() for other in others],
            "known": sorted({*raw.known, *raw.where, *raw.one_of}),
            "dialect": raw.dialect.model_dump(),
            "columns": [self._framed(column) for column in self.columns],
        }

    def _selection(self) -> dict[str, Any]:
        where = {key: list(values) for key, values in self.raw.where.items()}
        keys = sorted({key for column in self.columns for key in column.keys})
        return {"where": where, "one_of": list(self.raw.one_of), "nulls": list(self.raw.null_texts), "keys": keys}

    def _framed(self, column: Column) -> dict[str, Any]:
        nulls = self.raw.null_texts if column.nulls is None else column.nulls
        return {
            "name": column.name,
            "type": column.scalar.name,
            "list": column.is_list,
            "sources": list(column.sources or (quoted(column.name),)),
            "synonyms": list(column.synonyms),
            "nulls": list(nulls),
            "split": column.split,
            "options": {
                "formats": list(column.formats),
                "decimal": column.decimal,
                "grouping": column.grouping,
                "booleans": dict(column.booleans),
            },
        }


def quoted(key: str) -> str:
    """A key as a source path takes it to the letter."""
    return f"`{key}`" if set(key) & set(".[]{}`@") or key != key.strip() else key


LINEAGE: tuple[tuple[str, str], ...] = (("file_path", "string"), ("record_index", "int"))
"""Where a row comes from; left out of the digest."""

RESERVED = ("rescued", *(name for name, _ in LINEAGE))
"""Columns that every Trusted table has besides the contract's and the partition's."""
