"""One record, as its bytes stand in a raw file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from trustedlake.core.framing.explode import frame_file
from trustedlake.models.contract import RawFormat
from trustedlake.models.tables import CONTRACTS

if TYPE_CHECKING:
    from pathlib import Path

WHOLE_FILE = -1
"""Index of the row that stands for an unreadable file."""


def exact_bytes(file: Path, table: str, index: int) -> bytes | None:
    """The bytes of the record: a JSON element (0-based), a CSV line (1-based), the whole file for -1.

    None if there is no such record. Compressed files are read decompressed.
    """
    contract = CONTRACTS[table]
    if index == WHOLE_FILE:
        return file.read_bytes()
    if contract.format is RawFormat.CSV:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = data.splitlines()
        return lines[index - 1] if 0 < index <= len(lines) else None
    with file.open("rb") as stream:
        for batch in frame_file(stream, path=file.name, partition=("", "", ""), framing=contract.framing()):
            indexes = batch.column("record_index").to_pylist()
            if index in indexes:
                # JSON is framed from strictly decoded text, so this gives the file's own bytes back.
                return str(batch.column("raw")[indexes.index(index)]).encode()
    return None
