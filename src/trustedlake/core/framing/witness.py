"""The witness: texts that the proof compares record by record, so that swapped records are noticed.

A record's witness text is the texts of the contract's witness columns joined by U+001F. Its crc32 is
multiplied by a number made from the record's index. The products are added up for each raw file, once from the
bytes and once from the written rows. A sum of plain crc32 is not enough: crc32 is linear, so two records that
exchange a value can keep the sum.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustedlake.core.framing.layout import Layout

SEPARATOR = "\x1f"
_PRIME = pa.scalar(4_294_967_291, pa.uint64())
"""The largest prime below 2^32: a sum over 4 billion rows still fits into 64 bits."""

_STEP = pa.scalar(0x9E37_79B1, pa.uint64())
"""Spreads neighbouring indexes far apart."""

_ONE = pa.scalar(1, pa.uint64())


def witness_text(values: Iterable[str | None]) -> bytes:
    """Join the texts of one record's witness columns; null counts as empty."""
    return SEPARATOR.join(value or "" for value in values).encode()


def witness_crcs(texts: pa.Array, indexes: pa.Array) -> pa.Array:
    """Return checksums (uint64, below 2^32) from witness texts (binary) and the records' indexes (int32, from 0).

    Computes `crc32(text) * (index * _STEP % _PRIME + 1) % _PRIME` for all rows at once.
    """
    crcs = pa.array(map(zlib.crc32, texts.to_pylist()), pa.uint64(), size=len(texts))
    spread = pc.add(_rest(pc.multiply(indexes.cast(pa.uint64(), safe=False), _STEP)), _ONE)
    return _rest(pc.multiply(crcs, spread))


def _rest(numbers: pa.Array) -> pa.Array:
    """Return each number modulo the prime; pyarrow has no such function."""
    return pc.subtract(numbers, pc.multiply(pc.divide(numbers, _PRIME), _PRIME))


def witness_texts(columns: Mapping[str, pa.Array], layout: Layout, rows: int) -> pa.Array:
    """Return the witness texts (binary) of framed rows, from the texts of the contract's columns."""
    texts = [columns.get(column.name, pa.nulls(rows, pa.string())) for column in layout.witness]
    return join_texts(texts) if texts else pa.array([b""] * rows, pa.binary())


def join_texts(texts: Sequence[pa.Array]) -> pa.Array:
    """Join the texts of the witness columns to one witness text (binary) per row."""
    joined = pc.binary_join_element_wise(*texts, SEPARATOR, null_handling="replace", null_replacement="")
    return joined.cast(pa.binary())
