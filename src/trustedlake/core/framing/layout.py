"""What framing needs from a contract: which records belong to the table, and the columns of framed rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from trustedlake.core.framing.column_reader import ColumnReader
from trustedlake.types import BLANKS, column_type
from trustedlake.types.source_path import parse_records, parse_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.types.source_path import Steps


ANY = "*"
"""In `where`: any value but null."""


class Belonging(Enum):
    """Which table a record belongs to: this one, another one of the same folder, or none."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Selection:
    """The rules of a contract that say which records belong to the table.

    Attributes:
        where: key -> allowed texts; None means no value.
        one_of: a record must have one of these keys; empty if the contract names none.
        nulls: texts that mean null.
        keys: keys that the table's columns read; a record without any of them does not belong to the table.
    """

    where: Mapping[str, frozenset[str | None]]
    one_of: frozenset[str]
    nulls: frozenset[str]
    keys: frozenset[str]

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Selection:
        """Build it from the plain data of `Contract.framing()`."""
        return cls(
            where={key: frozenset(values) for key, values in plain["where"].items()},
            one_of=frozenset(plain["one_of"]),
            nulls=frozenset(text.strip(BLANKS) for text in plain["nulls"]),
            keys=frozenset(plain["keys"]),
        )

    def matches(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record's values satisfy `where`."""
        for key, values in self.where.items():  # noqa: SIM110 - a generator for each record is slower than this loop
            if not self._has(members.get(key), values):
                return False
        return True

    def looks_like(self, members: Mapping[str, str | None]) -> bool:
        """Whether the record has a key that is typical of the table."""
        return not (self.one_of or self.keys).isdisjoint(members)

    def belonging(self, members: Mapping[str, str | None], others: Sequence[Selection]) -> Belonging:
        """Say which table the record belongs to; `others` are the tables that read the same folder."""
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
"""A batch of framed rows is closed when it has this many rows, or this many characters of raw text."""


class Lineage(NamedTuple):
    """Where the rows of a file come from; `partition` is empty for a table without partitions."""

    file_path: str
    partition: tuple[str, ...]


class WitnessColumn(NamedTuple):
    """A contract column whose text is compared by the proof."""

    name: str
    reader: ColumnReader


@dataclass(frozen=True, slots=True)
class Layout:
    """The plain data of `Contract.framing()`, prepared for fast access.

    Attributes:
        table: name of the table.
        readers: contract column -> its reader.
        key: columns of the primary key.
        keys: every top-level key that a column reads.
        known: `keys`, and the keys that the contract lists as known.
        other_keys: keys of the columns outside the primary key; a file without any of them holds no records of
            the table.
        key_keys: keys of the primary key's columns.
        records: paths to the records of a document, tried in order.
        selection: which records belong to the table.
        others: selections of other tables that may read the same files.
        witness: the columns that the proof compares.
        dialect: the CSV dialect.
        schema: schema of the framed rows.
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
        """Build the layout from a contract's framing data."""
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
        """Make a batch of framed rows; `texts` has only the columns with a value in some row, by name."""
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
    return column_type(column["type"]).is_number


def repeated(text: str, rows: int) -> pa.Array:
    """Return the same text for each row."""
    return pa.repeat(pa.scalar(text, pa.string()), rows)


def text_column(name: str) -> str:
    """Return the name of the framed column that holds the texts of a contract column."""
    return f"text_{name}"


def framed_schema(framing: Mapping[str, Any]) -> pa.Schema:
    """Return the schema of framed rows (one row per record).

    - `file_path string, record_index int32, raw string`
    - for each contract column `text_<name>`: a string, or a list of strings, in the normal spelling of its type
    - `rescued map<string,string>`: null if there is nothing
    - `problem string`: null, or reasons `x|rule` joined by commas
    - the partition columns: strings
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
