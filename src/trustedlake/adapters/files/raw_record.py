"""One record, as its bytes stand in a raw file."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

from trustedlake.core.framing.explode import frame_file
from trustedlake.models.raw import RawFormat

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract

WHOLE_FILE = -1
"""Index of the row that stands for an unreadable file."""


def exact_bytes(file: Path, contract: Contract, index: int) -> bytes | None:
    """The bytes of the record: a JSON element (0-based), a CSV line (1-based), the whole file for -1.

    None if there is no such record. Compressed files are read decompressed.
    """
    if index == WHOLE_FILE:
        return file.read_bytes()
    if contract.format is RawFormat.CSV and contract.raw.dialect.quote is None:
        data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        lines = data.splitlines()
        return lines[index - 1] if 0 < index <= len(lines) else None
    partition = tuple("" for _ in contract.partition)
    with file.open("rb") as stream:
        for batch in frame_file(stream, path=file.name, partition=partition, framing=contract.framing()):
            indexes = batch.column("record_index").to_pylist()
            if index in indexes:
                # Framed from strictly decoded text, so this gives the file's own bytes back.
                raw = str(batch.column("raw")[indexes.index(index)])
                return raw.encode("utf-8" if contract.format is RawFormat.JSON else contract.raw.dialect.encoding)
    return None
