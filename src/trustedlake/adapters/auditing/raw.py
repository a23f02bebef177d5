"""A raw file -> its census, told from the bytes without the code that framed them."""

from __future__ import annotations

import codecs
import gzip
import zlib
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO, cast

from trustedlake.adapters.auditing.csv import take_lines
from trustedlake.adapters.auditing.json import JsonAudit, PendingLine, UnreadableFileError
from trustedlake.adapters.auditing.values import skip
from trustedlake.adapters.auditing.witness import JsonWitness
from trustedlake.core.auditing.census import Census
from trustedlake.models.contract import RawFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from trustedlake.models.contract import Contract

MAX_WHOLE = 256 << 20
"""Bytes of content that are read whole; a larger JSON file is one that lines divide."""

BLOCK = 4 << 20


def take_census(file: Path, contract: Contract, *, max_whole: int = MAX_WHOLE, max_line: int = MAX_WHOLE) -> Census:
    """The records of a raw file; one that can't be read has the reason as its `problem`.

    Memory: the content up to `max_whole` bytes and one record (a larger file, and CSV: one block and one line, of
    at most `max_line` bytes), and 25 bytes a record.
    """
    try:
        with _open(file) as stream:
            if contract.format is RawFormat.CSV:
                return take_lines(_blocks(stream), contract, max_line)
            return _take_json(stream, contract, max_whole, max_line)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return Census(f"no whole gzip stream: {error}")
    except UnreadableFileError as error:
        return Census(str(error))


def _open(file: Path) -> BinaryIO:
    if file.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(file))
    return file.open("rb")


def _take_json(stream: BinaryIO, contract: Contract, max_whole: int, max_line: int) -> Census:
    rules, witness = JsonAudit(contract), JsonWitness(contract)
    content = stream.read(max_whole + 1)
    if len(content) > max_whole:
        content = content.removeprefix(codecs.BOM_UTF8)
        if content.find(b"\n", skip(content, 0)) < 0:
            raise UnreadableFileError("too large to be read whole, and its first line is not in what was read")
        pieces = (content[start : start + BLOCK] for start in range(0, len(content), BLOCK))
        elements = rules.lines(_lines(chain(pieces, _blocks(stream)), max_line))
    else:
        _require_utf8(content)
        elements = rules.elements(content.removeprefix(codecs.BOM_UTF8))
    census = Census()
    for element in elements:
        census.add(element.text, witness(element))
    return census


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.read, BLOCK), b"")


def _lines(blocks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    pending = PendingLine(max_line)
    for block in blocks:
        first, *others = block.split(b"\n")
        pending.add(first)
        if others:
            yield pending.take()
            yield from others[:-1]
            pending.add(others[-1])
    yield pending.take()


def _require_utf8(content: bytes) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), BLOCK):
            decoder.decode(content[start : start + BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise UnreadableFileError(f"not UTF-8: {error.reason}") from None
