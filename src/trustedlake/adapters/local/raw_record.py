"""The exact bytes of one record in its raw file, for commands that show it."""

from __future__ import annotations

import codecs
from contextlib import suppress
from typing import TYPE_CHECKING

from trustedlake.core.framing.csv_dialect import FramingDialect
from trustedlake.core.framing.csv_file import text_blocks
from trustedlake.core.framing.csv_lines import QuotedText
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.source import BLOCK, Source, UnreadableError
from trustedlake.models.raw import RawFormat

if TYPE_CHECKING:
    from pathlib import Path

    from trustedlake.models.contract import Contract

WHOLE_FILE = -1
"""Record index of the row that represents an unreadable file."""

_BIG_ENDIAN = {"utf-16": codecs.BOM_UTF16_BE, "utf-32": codecs.BOM_UTF32_BE}
"""Codecs that write a byte order mark before each text -> the mark of a file whose high bytes come first."""


def exact_bytes(file: Path, contract: Contract, index: int) -> bytes | None:
    """Return the bytes of the record: a JSON element (0-based), a CSV line (1-based), the whole file for -1.

    Returns None if there is no such record; a file that framing refuses has no other than -1. A single record is
    decompressed; the whole file is returned as stored.
    """
    if index == WHOLE_FILE:
        return file.read_bytes()
    find = _csv_record if contract.format is RawFormat.CSV else _json_record
    return find(file, contract, index)


def _csv_record(file: Path, contract: Contract, index: int) -> bytes | None:
    dialect = FramingDialect.of(contract.framing()["dialect"])
    raw = None
    with file.open("rb") as stream, suppress(UnreadableError):
        source = Source(stream, file.name)
        start = source.read(4)
        source.rewind()
        text = QuotedText(dialect, text_blocks(source, dialect, BLOCK))
        text.skip_lines(dialect.skip)
        raw = next((record.raw for record in text.records() if record.line == index), None)
    if raw is None:
        return None
    if dialect.is_utf8:
        return raw.encode("utf-8", "surrogateescape")
    # Any other text was decoded strictly, so encoding it again gives exactly the bytes of the file.
    name = codecs.lookup(dialect.encoding).name
    if name in _BIG_ENDIAN:
        name += "-be" if start.startswith(_BIG_ENDIAN[name]) else "-le"
    return raw.encode(name)


def _json_record(file: Path, contract: Contract, index: int) -> bytes | None:
    partition = tuple("" for _ in contract.partition)
    with file.open("rb") as stream:
        for batch in frame_file(stream, path=file.name, partition=partition, framing=contract.framing()):
            indexes = batch.column("record_index").to_pylist()
            if index in indexes:
                return str(batch.column("raw")[indexes.index(index)]).encode()
    return None
