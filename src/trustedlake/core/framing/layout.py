"""What framing must know of a contract: which records are its own, and the columns that framed rows have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from trustedlake.core.framing.column_reader import ColumnReader
from trustedlake.types import BLANKS
from trustedlake.types.source_path import parse_records, parse_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.types.source_path import Steps


ANY = "*"
"""In `where`: any value that is not null."""


class Belonging(Enum):
    """Whose a record is."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Selection:
    """What a contract says of the records that are its own.

    Attributes:
        where: key -> the texts it may have; None stands for no value.
        one_of: a record has one of these keys; empty where the contract names none.
        nulls: texts that mean null.
        keys: of the table's columns; a record without any of them is none of the table's.
    """

    where: Mapping[str, frozenset[str | None]]
    one_of: frozenset[str]
    nulls: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Selection:
        """From the plain data of `Contract.framing()`."""
        return cls(
            where={key: frozenset(values) for key, values in plain["where"].items()},
            one_of=frozenset(plain["one_of"]),
            nulls=frozenset(text.strip(BLANKS) for text in plain["nulls"]),
            keys=frozenset(plain["keys"]),
        )

    def matches(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record's values are those that `where` asks for."""
        for key, values in self.where.items():  # noqa: SIM110 - a generator for each record costs more than the look
            if not self._has(members.get(key), values):
                return False
        return True

    def looks_like(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record has a key that makes it one of the table's."""
        return not (self.one_of or self.keys).isdisjoint(members)

    def belonging(self, members: Mapping[str, str | None], others: Sequence[Selection]) -> Belonging:
        """Whose the record is; `others` are the tables that read the same folder."""
        if not self.matches(members):
            return Belonging.ELSEWHERE
        if self.looks_like(members):
            return Belonging.OURS
        if any(other.matches(members) and other.looks_like(members) for other in others):
            return Belonging.ELSEWHERE
        return Belonging.FOREIGN

    def _has(self, text: str | None, values: frozenset[str | None]) -> bool:
        if text is None or (self.nulls and text.strip(BLANKS) in self.nulls):
            return None in values
        return text in values or ANY in values


BATCH_ROWS = 20_000
BATCH_CHARS = 8 << 20
"""A batch of framed rows is closed when it has this many rows, or characters of raw text."""


class Lineage(NamedTuple):
    """Where the rows of a file come from; the partition has no values for a table without partitions."""

    file_path: str
    partition: tuple[str, ...]


class WitnessColumn(NamedTuple):
    """A contract column whose text the proof compares."""

    name: str
    reader: ColumnReader


@dataclass(frozen=True, slots=True)
class Layout:
    """The plain data of `Contract.framing()`, looked up once.

    Attributes:
        table: name of the table.
        readers: contract column -> what reads it.
        keys: every top-level key that a column takes.
        known: those, and the keys that the contract names as nothing new.
        other_keys: the keys of every column that is not of the primary key; without any of them a file holds no
            records of the table.
        records: where the records of a document lie, tried in order.
        selection: which records are the table's.
        others: what other tables take, which may read the same files.
        parsed: keys whose parsed value a column may need, should they hold an array or an object.
        schema: of the framed rows.
    """

    table: str
    readers: Mapping[str, ColumnReader]
    key: tuple[str, ...]
    keys: frozenset[str]
    known: frozenset[str]
    other_keys: frozenset[str]
    key_keys: frozenset[str]
    records: tuple[Steps, ...]
    selection: Selection
    others: Sequence[Selection]
    witness: tuple[WitnessColumn, ...]
    dialect: Mapping[str, Any]
    schema: pa.Schema

    @classmethod
    def of(cls, framing: Mapping[str, Any]) -> Layout:
        """The layout of a contract's framing data."""
        readers = _readers(framing)
        keys = frozenset(key for reader in readers.values() for key in reader.keys)
        key = tuple(framing["key"])
        key_keys = frozenset(one for name in key for one in readers[name].keys)
        return cls(
            table=framing["table"],
            readers=readers,
            key=key,
            keys=keys,
            known=keys | frozenset(framing["known"]),
            other_keys=frozenset(one for name, reader in readers.items() if name not in key for one in reader.keys),
            key_keys=key_keys,
            records=tuple(map(parse_records, framing["records"])),
            selection=Selection.of(framing["selection"]),
            others=tuple(map(Selection.of, framing["others"])),
            witness=tuple(WitnessColumn(name, readers[name]) for name in framing["witness"]),
            dialect=framing["dialect"],
            schema=framed_schema(framing),
        )

    def batch(
        self,
        *,
        file_path: pa.Array,
        partition: Sequence[pa.Array],
        indexes: pa.Array,
        raw: pa.Array,
        texts: Mapping[str, pa.Array],
        rescued: pa.Array,
        problem: pa.Array,
    ) -> pa.RecordBatch:
        """Framed rows; `texts` are the columns that have a value in any of them, by name."""
        rows = len(raw)
        columns = [
            file_path,
            indexes,
            raw,
            *(
                texts[name] if name in texts else pa.nulls(rows, self.schema.field(text_column(name)).type)
                for name in self.readers
            ),
            rescued,
            problem,
            *partition,
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self.schema)


def _readers(framing: Mapping[str, Any]) -> dict[str, ColumnReader]:
    owners: dict[str, str] = {}
    plain_lists: dict[str, Counter[bool]] = {}
    for column in framing["columns"]:
        for steps in _steps(column):
            owners.setdefault(steps[0].name, column["name"])
            if column["list"] and len(steps) == 1:
                plain_lists.setdefault(steps[0].name, Counter())[_is_numeric(column)] += 1
    shared = {key for key, kinds in plain_lists.items() if len(kinds) > 1}
    return {
        column["name"]: ColumnReader(
            column,
            in_key=column["name"] in framing["key"],
            owns=frozenset(key for key, name in owners.items() if name == column["name"]),
            numeric=dict.fromkeys(shared, _is_numeric(column)) if column["list"] else {},
        )
        for column in framing["columns"]
    }


def _steps(column: Mapping[str, Any]) -> list[Steps]:
    return [parse_source(source) for source in column["sources"]] + [parse_source(f"`{s}`") for s in column["synonyms"]]


def _is_numeric(column: Mapping[str, Any]) -> bool:
    return column["type"] in {"int", "bigint", "double"} or column["type"].startswith("decimal")


def repeated(text: str, rows: int) -> pa.Array:
    """The same text for each row."""
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def text_column(name: str) -> str:
    """Name of the framed column with the texts of a contract column."""
    return f"text_{name}"


def framed_schema(framing: Mapping[str, Any]) -> pa.Schema:
    """Schema of framed rows: one row per record.

    `file_path string, record_index int32, raw string`; for each contract column `text_<name>`, a string, or for
    lists a list of strings, in the normal spelling of its type; `rescued map<string,string>` (null when there is
    nothing), `problem string` (null, or reasons `x|rule` joined by commas), and the partition columns, strings.
    """
    text = pa.string()
    return pa.schema(
        [
            pa.field("file_path", text),
            pa.field("record_index", pa.int32()),
            pa.field("raw", text),
            *(
                pa.field(text_column(column["name"]), pa.list_(text) if column["list"] else text)
                for column in framing["columns"]
            ),
            pa.field("rescued", pa.map_(text, text)),
            pa.field("problem", text),
            *(pa.field(name, text) for name in framing["partition"]),
        ]
    )
