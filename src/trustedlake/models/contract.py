"""What a table promises: where its records come from, its columns, and the rules they keep."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from pydantic import Field, model_validator

from trustedlake.models.base import Frozen
from trustedlake.models.column import RESERVED, Column, quoted
from trustedlake.models.raw import PLACEHOLDER, Raw, RawFormat
from trustedlake.types.source_path import MEMBER_NAME

MAX_REJECTED = 0.05
"""Share of a partition's records that may be rejected, unless the contract or the call says otherwise."""

WITNESS_TYPES = frozenset({"string", "int", "bigint"})
"""Types whose values have one text on every engine, so that the proof can compare it."""

_WITNESSES = 4
"""Columns that the proof compares by default, record by record."""


class Duplicates(StrEnum):
    """What becomes of accepted records with one key in one partition."""

    LAST = "last"
    MERGE = "merge"
    EQUAL = "equal"
    KEEP = "keep"


class Contract(Frozen):
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
        for name in self.witness:
            if (type_ := self.column(name).type) not in WITNESS_TYPES:
                raise ValueError(f"{name}: a witness is {' or '.join(sorted(WITNESS_TYPES))}, not {type_}")
        for path in self.raw.path:
            if set(PLACEHOLDER.findall(path)) != set(self.partition):
                raise ValueError(f"{path}: its placeholders are not the partition {', '.join(self.partition)}")
            if overlap(self.trusted, _fixed(path)):
                raise ValueError(f"{self.trusted}: raw files lie there, or in it")
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

    @property
    def alike(self) -> tuple[str, ...]:
        """Columns in which records that may be duplicates are equal: the key, or all that are no lists."""
        return self.key or tuple(column.name for column in self.columns if not column.is_list)

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
        plain = [c for c in told if c.type in WITNESS_TYPES]
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
        told["raw"].pop("replaces")  # what it changes the ledger tells file by file
        for column in told["columns"]:
            column.pop("description")
            column.pop("expected")
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def fingerprint_beside(self, others: Sequence[Contract]) -> str:
        """The fingerprint where other tables read the same files: what they take is not refused here."""
        if not others:
            return self.fingerprint
        told = [self.fingerprint, *sorted(json.dumps(other._selection(), sort_keys=True) for other in others)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

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


def overlap(one: str, other: str) -> bool:
    """Whether one folder is the other, or lies in it; upper and lower case are one on some disks."""
    short, long = sorted((f"{one.casefold()}/", f"{other.casefold()}/"), key=len)
    return long.startswith(short)


def _fixed(path: str) -> str:
    """The folders of a template before its first placeholder."""
    return path.partition("{")[0].rpartition("/")[0] if "{" in path else path
