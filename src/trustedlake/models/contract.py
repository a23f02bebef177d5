"""The contract of a table: where its records come from, its columns, and the rules for their values."""

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
from trustedlake.models.raw import Raw, RawFormat
from trustedlake.types import SCALARS
from trustedlake.types.path_template import placeholders
from trustedlake.types.source_path import MEMBER_NAME

MAX_REJECTED = 0.05
"""Share of a partition's records that may be rejected, unless the contract or the call says otherwise."""

TABLE_NAME = "[A-Za-z_][A-Za-z0-9_]*"
"""The regular expression of a table's name."""

QUIET = frozenset({"version", "description", "source", "entity"})
QUIET_RAW = frozenset({"known", "max_rejected", "replaces"})
QUIET_COLUMN = frozenset({"description", "expected"})
"""Fields of a table, of its raw files and of a column that don't affect rows that were judged. Of `replaces`, the
ledger records the effect, file by file."""

WITNESS_TYPES = frozenset(name for kind in SCALARS if kind.has_one_text for name in kind.names)
"""Types whose values have the same text on every engine, so that the proof can compare it."""

_WITNESSES = 4
"""Number of columns that the proof compares by default, record by record."""


_QUIET: dict[str, Any] = {
    **dict.fromkeys((*QUIET, "trusted"), True),
    "raw": QUIET_RAW,
    "columns": {"__all__": QUIET_COLUMN},
}


class Duplicates(StrEnum):
    """What happens to accepted records that have the same key in one partition."""

    LAST = "last"
    MERGE = "merge"
    EQUAL = "equal"
    KEEP = "keep"


class Contract(Frozen):
    """The contract of one table.

    Attributes:
        table: name of the table, such as `tmdb_movies`.
        version: the major version of the contract file.
        key: the columns that together identify what a row describes.
        duplicates: what happens to accepted records that have the same key in one partition.
        prefer: patterns of file names; a record from a file of an earlier pattern wins over later ones.
        witness: columns whose text the proof compares, record by record.
        trusted: folder of the published Parquet, below the lake.
        partition: the partition columns, named by the templates' placeholders; strings.
        source, entity: values of `--source` and `--entity` for a built-in table; empty for others.
    """

    table: str = Field(pattern=f"^{TABLE_NAME}$")
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
                raise ValueError(f"{name}: a witness must be {' or '.join(sorted(WITNESS_TYPES))}, not {type_}")
        for path in self.raw.path:
            if set(placeholders(path)) != set(self.partition):
                raise ValueError(f"{path}: its placeholders do not match the partition {', '.join(self.partition)}")
            if overlap(self.trusted, _fixed(path)):
                raise ValueError(f"{self.trusted}: this folder overlaps the folder of the raw files")
        if not self.key and self.duplicates in {Duplicates.LAST, Duplicates.MERGE}:
            raise ValueError(f"{self.table}: duplicates: {self.duplicates} needs a primaryKey")
        return self

    @property
    def format(self) -> RawFormat:
        """The format of its raw files."""
        return self.raw.format

    @property
    def partitioned(self) -> bool:
        """Whether the table is stored in partition folders."""
        return bool(self.partition)

    @property
    def unique_key(self) -> bool:
        """Whether only one of several accepted records with the same key in one partition becomes a row."""
        return self.duplicates in {Duplicates.LAST, Duplicates.MERGE}

    @property
    def alike(self) -> tuple[str, ...]:
        """Columns in which possible duplicates are equal: the key, or without a key all columns that are not lists."""
        return self.key or tuple(column.name for column in self.columns if not column.is_list)

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @cached_property
    def witnesses(self) -> tuple[str, ...]:
        """The columns that the proof compares: `witness`, else key, required and other texts and whole numbers.

        Leaves out columns whose value is not in the record's text, and columns that may be filled from another record.
        """
        merged = self.duplicates is Duplicates.MERGE
        told = [c for c in self.columns if MEMBER_NAME not in c.sources and (self.is_required(c) or not merged)]
        if self.witness:
            return tuple(name for name in self.witness if any(c.name == name for c in told))
        plain = [c for c in told if c.type in WITNESS_TYPES]
        ranked = sorted(plain, key=lambda c: (c.name not in self.key, not c.required, c.type != "string"))
        return tuple(column.name for column in ranked[:_WITNESSES])

    def is_required(self, column: Column) -> bool:
        """Whether a record needs a value in the column; key columns do if the key must be unique."""
        return column.required or (column.name in self.key and self.unique_key)

    @cached_property
    def fingerprint(self) -> str:
        """Checksum of everything that affects the rows: if it changes, rows may come out differently.

        Defaults are left out, so that a new field with a default does not make every lake judge every day again.
        """
        told = self.model_dump(mode="json", exclude=_QUIET, exclude_defaults=True)
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    def fingerprint_beside(self, others: Sequence[Contract]) -> str:
        """Return the fingerprint if `others` read the same files: their selections decide which records are foreign."""
        if not others:
            return self.fingerprint
        told = [self.fingerprint, *sorted(json.dumps(other._selection(), sort_keys=True) for other in others)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    def framing(self, others: Sequence[Contract] = ()) -> dict[str, Any]:
        """Return what framing needs as plain JSON data, because it runs where pydantic is not installed.

        `others`: tables that may read the same files; this table doesn't reject their records.
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
    """Whether one folder is the other or contains it; ignores case, because some disks do."""
    short, long = sorted((f"{one.casefold()}/", f"{other.casefold()}/"), key=len)
    return long.startswith(short)


def _fixed(path: str) -> str:
    """Return the folders of a template before its first placeholder."""
    return path.partition("{")[0].rpartition("/")[0] if "{" in path else path
