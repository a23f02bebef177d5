"""The witness: what the proof compares record by record, so that two records can't change places unseen.

A record's witness text is the texts of the contract's witness columns joined by U+001F; its crc32
times a number made of the record's index is added up for each raw file on both sides of the balance.
The sum alone would not do: crc32 is linear, so two records that exchange a value can keep the sum.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from trustedlake.core.framing.layout import Layout
from trustedlake.core.framing.record import object_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SEPARATOR = "\x1f"
CSV_SEPARATOR = "|"
CSV_NULL = r"\N"
_PRIME = pa.scalar(4_294_967_291, pa.uint64())
"""The largest below 2^32: sums of 4 billion rows still fit 64 bits."""

_STEP = pa.scalar(0x9E37_79B1, pa.uint64())
"""Spreads neighbouring indexes."""

_ONE = pa.scalar(1, pa.uint64())

_EMPTY = pa.scalar("")  # made once: pyarrow takes longer to make it than to compare a hundred texts with it

_INTEGER = re.compile(r"([+-]?)([0-9]++)(?:\.0*+)?")
_CANONICAL = r"\A(?:0|-?[1-9][0-9]*)?\z"


def witness_text(values: Iterable[str | None]) -> bytes:
    """The texts of one record's witness columns, null as nothing, joined."""
    return SEPARATOR.join(value or "" for value in values).encode()


def witness_crcs(texts: pa.Array, indexes: pa.Array) -> pa.Array:
    """Checksums (uint64, below 2^32) of witness texts (binary) and their records' places in the file (int32, from 0).

    `crc32(text) * (index * _STEP % _PRIME + 1) % _PRIME`, of all rows at once.
    """
    crcs = pa.array(map(zlib.crc32, texts.to_pylist()), pa.uint64(), size=len(texts))
    spread = pc.add(_rest(pc.multiply(indexes.cast(pa.uint64(), safe=False), _STEP)), _ONE)
    return _rest(pc.multiply(crcs, spread))


def _rest(numbers: pa.Array) -> pa.Array:
    """What is left of each when it is divided by the prime; pyarrow has no such function."""
    return pc.subtract(numbers, pc.multiply(pc.divide(numbers, _PRIME), _PRIME))


def canonical_integer(text: str) -> str:
    """A whole number as a typed column shows it: `007`, ` 7` and `7.0` are `7`; other text only loses blanks."""
    text = text.strip()
    match = _INTEGER.fullmatch(text)
    if match is None:
        return text
    sign, digits = match[1], match[2].lstrip("0") or "0"
    return f"-{digits}" if sign == "-" and digits != "0" else digits


def witness_texts(columns: Mapping[str, pa.Array], layout: Layout, rows: int) -> pa.Array:
    """Witness texts (binary) of framed rows, from the columns of their source keys.

    A column's text is the first of its keys' texts that is neither null nor empty.
    """
    texts = []
    for column in layout.witness:
        found = [_or_null(columns[key], integer=column.integer) for key in column.keys if key in columns]
        text = pc.coalesce(*found) if found else pa.nulls(rows, pa.string())
        texts.append(text)
    return join_texts(texts)


def join_texts(texts: Sequence[pa.Array]) -> pa.Array:
    """One witness text (binary) per row, from the texts of its witness columns."""
    joined = pc.binary_join_element_wise(*texts, SEPARATOR, null_handling="replace", null_replacement="")
    return joined.cast(pa.binary())


def _or_null(texts: pa.Array, *, integer: bool) -> pa.Array:
    if integer and not pc.all(pc.match_substring_regex(texts, _CANONICAL), min_count=0).as_py():
        texts = pa.array([None if text is None else canonical_integer(text) for text in texts.to_pylist()], pa.string())
    return empty_as_null(texts)


def empty_as_null(texts: pa.Array) -> pa.Array:
    """The texts, null in place of an empty one."""
    empty = pc.equal(texts, _EMPTY)
    return pc.if_else(empty, None, texts) if empty.true_count else texts


def witness_of_raw(raw: str, framing: Mapping[str, Any], header: Sequence[str]) -> bytes:
    """The witness text of a quarantined row, from its raw text alone, as framing saw it.

    A JSON text that is one object of at most MAX_DEPTH levels has its members' texts, whatever it was
    rejected for; a CSV line with as many fields as the header has those. Every other raw text has none.
    """
    return RawWitness(framing)(raw, header)


class RawWitness:
    """`witness_of_raw` for many rows of one table."""

    def __init__(self, framing: Mapping[str, Any]) -> None:
        self._layout = Layout.of(framing)
        self._is_csv = framing["format"] == "csv"

    def __call__(self, raw: str, header: Sequence[str]) -> bytes:
        """The witness text of one row; `header` is that of its file, empty for JSON."""
        members = _csv_members(raw, header) if self._is_csv else _json_members(raw, self._layout)
        return witness_text(
            next((text for key in column.keys if (text := _text(members.get(key), integer=column.integer))), None)
            for column in self._layout.witness
        )


def _text(value: str | None, *, integer: bool) -> str | None:
    return canonical_integer(value) if value is not None and integer else value


def _json_members(raw: str, layout: Layout) -> Mapping[str, str | None]:
    if not raw.startswith("{"):
        return {}
    try:
        record, end = object_record(raw, 0, layout)
    except ValueError:
        return {}
    return record.members if end == len(raw) else {}


def _csv_members(raw: str, header: Sequence[str]) -> Mapping[str, str | None]:
    fields = raw.split(CSV_SEPARATOR)
    if len(fields) != len(header):
        return {}
    return {name: None if field == CSV_NULL else field for name, field in zip(header, fields, strict=True)}
