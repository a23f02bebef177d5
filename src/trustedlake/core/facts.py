"""What framing found in a raw file, and what was written for it: the two sides of the balance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

REPLACED = "file|replaced"
"""Problem of every row of a file that a later delivery replaces."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    r"""One raw file, as framed from its bytes.

    Attributes:
        path: as in the lineage (`file_path`).
        size: number of bytes read.
        sha256: hexadecimal, of the bytes as stored in Raw.
        shape: `array`, `ndjson`, `page`, `object`, `documents`, `csv`, or `unreadable`.
        records: number of framed rows.
        elsewhere: records that the contract leaves to another table; they have no row.
        untaken: those of `elsewhere` that no known table takes.
        untaken_keys: the first keys of one untaken record.
        problem: why the file is unreadable, a sentence with the place; None if it is readable.
        hint: what to do about the problem; None if there is none.
        witness: sum of `core.framing.witness.witness_crcs` over its rows.
        absent: contract column -> records that have none of its keys.
        null: contract column -> records whose value is an explicit null (CSV: `\N`).
        empty: contract column -> records whose value is an empty text.
        unknown: key that the contract doesn't know -> records that have it; the first 1,000 keys, each cut to 200
            characters.
        samples: unknown key -> a value, cut to 80 characters.
        examples: the first 20 records, if no record has a key of some column: `key`, the texts of the primary key (null
            where there is none), and `texts`, unknown key -> text, cut to 80 characters.
        unframed: number of records of an unreadable file that could be looked at; they have no row.
        misread: contract column -> the first five texts, of up to 80 characters, that are not of its type.
        header: column names of a CSV file, in order; empty for JSON.
    """

    path: str
    size: int
    sha256: str
    shape: str
    records: int
    elsewhere: int = 0
    untaken: int = 0
    untaken_keys: list[str] = field(default_factory=list)
    problem: str | None = None
    hint: str | None = None
    witness: int = 0
    absent: dict[str, int] = field(default_factory=dict)
    null: dict[str, int] = field(default_factory=dict)
    empty: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, int] = field(default_factory=dict)
    samples: dict[str, str] = field(default_factory=dict)
    examples: list[dict[str, Any]] = field(default_factory=list)
    unframed: int = 0
    misread: dict[str, list[str]] = field(default_factory=dict)
    header: list[str] = field(default_factory=list)

    @property
    def seen(self) -> int:
        """Number of records that the counts by column and by key are about."""
        return self.records or self.unframed

    @property
    def told(self) -> str | None:
        """The problem and its hint in one text for the user; None if the file is readable."""
        return f"{self.problem}; {self.hint}" if self.problem and self.hint else self.problem


@dataclass(frozen=True, slots=True)
class FileCounts:
    """One raw file, as counted in the written rows.

    Attributes:
        trusted, rejected, duplicates: rows by verdict.
        witness: the same sum as in the facts, from the written rows.
    """

    trusted: int = 0
    rejected: int = 0
    duplicates: int = 0
    witness: int = 0
