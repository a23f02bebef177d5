"""The witness row by row: its checksum in plain Python is the oracle for the version that takes all rows at once."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.quarantined_text import RawTextReader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PRIME = 2**32 - 5


def witness_crc(text: bytes, record_index: int) -> int:
    """Checksum of a record's witness text and its place in the file."""
    return zlib.crc32(text) * (record_index * 0x9E3779B1 % PRIME + 1) % PRIME


def witness_of_raw(raw: str, framing: Mapping[str, Any], header: Sequence[str]) -> bytes:
    """Witness text of one quarantined row, read from its raw text by a reader of its own."""
    return RawTextReader(framing).witness(raw, header)
