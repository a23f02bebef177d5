"""Where the raw files of a table are, and how they are written."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field, field_validator

from trustedlake.models.base import Frozen
from trustedlake.types.source_path import parse_records

DEFAULT_RECORDS = ("[].results[]", "results[]", "[]", ".")
"""Where the records of a JSON document are, unless the contract says otherwise: the shapes of TMDB's files."""

CSV_NULLS = ("", r"\N")
"""Texts in a CSV file that mean null, unless the contract names others."""

Null = str | None


class RawFormat(StrEnum):
    """The format of a table's raw files."""

    JSON = "json"
    CSV = "csv"


class Dialect(Frozen):
    r"""How a CSV file is written.

    Attributes:
        delimiter: separates two fields.
        quote: encloses a field that holds delimiters, quotes (doubled) or line breaks; None: quotes are plain text.
        header: the first line names the columns; else `columns` does, in order, or the contract's columns.
        skip: number of lines to skip before the header, or before the first record.
        encoding: name of a Python codec.
    """

    delimiter: str = Field(default="|", min_length=1, max_length=1)
    quote: str | None = Field(default=None, min_length=1, max_length=1)
    header: bool = True
    columns: tuple[str, ...] = ()
    skip: int = Field(default=0, ge=0)
    encoding: str = "utf-8"


class Raw(Frozen):
    """Where the raw files of a table are, and which of their records belong to it.

    Attributes:
        path: folder templates below the lake, `Raw/TMDB/JSON/Movies/{ano:04d}/{mes:02d}/{dia:02d}`; all have the
            same placeholders, which are the partition columns.
        files: patterns of file names; empty: every file.
        ignore: patterns of file names that are left out and reported.
        records: paths to the records of a JSON document, tried in order.
        where: key -> values; a record must have one of them. None means no value, `*` any value.
        one_of: a record without any of these keys does not belong to the table.
        nulls: texts that mean null.
        known: keys that are kept in `rescued` and not reported as new.
        max_rejected: share of a partition's records (0 to 1) that may be rejected; the caller can override it.
        replaces: `name`: if a partition has several files of one name, the latest replaces the others.
    """

    path: tuple[str, ...] = Field(min_length=1)
    format: RawFormat
    files: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    records: tuple[str, ...] = DEFAULT_RECORDS
    where: dict[str, tuple[Null, ...]] = Field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    nulls: tuple[str, ...] | None = None
    known: tuple[str, ...] = ()
    dialect: Dialect = Dialect()
    max_rejected: float | None = Field(default=None, ge=0, le=1)
    replaces: Literal["name"] | None = None

    @field_validator("records")
    @classmethod
    def _are_records(cls, records: tuple[str, ...]) -> tuple[str, ...]:
        for one in records:
            parse_records(one)
        return records

    @property
    def null_texts(self) -> tuple[str, ...]:
        """Texts that mean null: those of the contract, or the format's defaults."""
        if self.nulls is not None:
            return self.nulls
        return CSV_NULLS if self.format is RawFormat.CSV else ()
