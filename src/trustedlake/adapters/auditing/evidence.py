"""Files as the audit reads them: Raw with orjson and plain string operations, published files with pyarrow."""

from __future__ import annotations

import codecs
import gzip
import zlib
from contextlib import contextmanager
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

import pyarrow as pa
from pyarrow import parquet

from trustedlake.adapters.auditing.column_texts import RecordWitness, keys_of
from trustedlake.adapters.auditing.csv_records import take_lines
from trustedlake.adapters.auditing.json_records import JsonAudit, PendingLine, UnreadableFileError
from trustedlake.adapters.auditing.json_values import skip
from trustedlake.adapters.auditing.record_table import AuditedSelection, Share, text_in
from trustedlake.core.auditing import Census, ComparedColumns, QuarantinedRow, TrustedRow
from trustedlake.errors import InputError
from trustedlake.models.raw import RawFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from trustedlake.adapters.auditing.json_values import Element
    from trustedlake.models.contract import Contract


BATCH_ROWS = 20_000
NO_INDEX = -2
"""Index for a row whose index is null. No run writes such a row, and no record has this index."""


def trusted_rows(file: Path, contract: Contract) -> Iterator[TrustedRow]:
    """Yield the rows of a Trusted file. Raises InputError if it can't be read or lacks a column."""
    compared = ComparedColumns.of(contract)
    for columns in _batches(file, ["file_path", "record_index", *compared.names]):
        paths, indexes, *values = columns
        texts = zip(*([_text(value) for value in column] for column in values), strict=True)
        for path, index, found in zip(paths, indexes, texts if values else repeat(()), strict=bool(values)):
            yield TrustedRow(path or "", _index(index), compared.witness(found))


def quarantined_rows(file: Path) -> Iterator[QuarantinedRow]:
    """Yield the rows of a Quarantine file. Raises InputError if it can't be read or lacks a column."""
    for columns in _batches(file, ["file_path", "record_index", "verdict", "raw", "winner"]):
        for path, index, verdict, raw, winner in zip(*columns, strict=True):
            yield QuarantinedRow(path or "", _index(index), verdict or "", raw or "", winner or "")


def _index(index: int | None) -> int:
    return NO_INDEX if index is None else index


def _text(value: Any) -> str:  # noqa: ANN401 - a value of any column type
    return "" if value is None else str(value)


def _batches(file: Path, names: list[str]) -> Iterator[list[list[Any]]]:
    with _refusals(file), parquet.ParquetFile(file) as opened:
        missing = [name for name in names if name not in opened.schema_arrow.names]
        if missing:
            raise InputError(f"it has no column {', '.join(missing)}", hint="to-trusted rebuilds it")
        for batch in opened.iter_batches(BATCH_ROWS, columns=names):
            yield [batch.column(name).to_pylist() for name in names]


@contextmanager
def _refusals(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"it can't be read: {error}", hint=f"to-trusted rebuilds {file.name}") from error


MAX_WHOLE = 256 << 20
"""Largest content in bytes that is read whole; a larger JSON file must be NDJSON, read line by line."""

BLOCK = 4 << 20


class Decisive(NamedTuple):
    """Size of the beginning of a large file: if it holds no record of the table, the file is rejected."""

    records: int
    chars: int


_FIRST = Decisive(20_000, 8 << 20)


def take_census(
    file: Path,
    contract: Contract,
    others: Sequence[Contract] = (),
    *,
    max_whole: int = MAX_WHOLE,
    max_line: int = MAX_WHOLE,
) -> Census:
    """Take the census of a raw file; if the file can't be read, `problem` holds the reason.

    `others` are the contracts of the other tables that read the file.

    Memory: the content up to `max_whole` bytes and one record, plus 25 bytes per record. For a larger file, and for
    CSV: one block and one line of at most `max_line` bytes, plus 25 bytes per record.
    """
    try:
        with _open(file) as stream:
            if contract.format is RawFormat.CSV:
                return take_lines(_blocks(stream), contract, others, max_line)
            return _take_json(stream, contract, others, max_whole, max_line)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return Census(f"no whole gzip stream: {error}")
    except UnreadableFileError as error:
        return Census(str(error))


def _open(file: Path) -> BinaryIO:
    if file.name.lower().endswith(".gz"):
        return cast("BinaryIO", gzip.open(file))
    return file.open("rb")


def _take_json(
    stream: BinaryIO, contract: Contract, others: Sequence[Contract], max_whole: int, max_line: int
) -> Census:
    rules = JsonAudit(contract)
    content = stream.read(max_whole + 1)
    if len(content) <= max_whole:
        _require_utf8(content)
        return _counted(rules.elements(content.removeprefix(codecs.BOM_UTF8)), contract, others)
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.find(b"\n", skip(content, 0)) < 0:
        raise UnreadableFileError("too large to read whole, and its first line is not in what was read")
    pieces = (content[start : start + BLOCK] for start in range(0, len(content), BLOCK))
    elements = rules.lines(_lines(chain(pieces, _blocks(stream)), max_line))
    return _counted(elements, contract, others, first=_FIRST)


def _counted(
    elements: Iterable[Element], contract: Contract, others: Sequence[Contract], *, first: Decisive | None = None
) -> Census:
    """Take the census of the records: those of the table, those without a value for it, and those of other tables.

    `first`: how many records decide whether the file holds any record of the table; None: all of them.
    """
    selection, witness, census = AuditedSelection(contract, others), RecordWitness(contract), Census()
    keys = {column.name: keys_of(column) for column in contract.columns}
    own = {key for name, some in keys.items() if name not in contract.key for key in some}
    own = own or {key for some in keys.values() for key in some}
    has_own, chars = False, 0
    for element in elements:
        if element.value is not None:
            share = selection.share(element.value, text_in(element))
            if share in {Share.ELSEWHERE, Share.UNTAKEN}:
                census.leave(untaken=share is Share.UNTAKEN)
                continue
            if share is Share.FOREIGN:
                element = element._replace(value=None)  # noqa: PLW2901 - its content is ignored
        has_own = has_own or (element.value is not None and not own.isdisjoint(element.value))
        census.add(element.text, witness.of_element(element))
        if first is not None and not has_own:
            chars += len(element.text.decode())
            if census.records >= first.records or chars >= first.chars:
                break
    if census.records and not has_own:
        raise UnreadableFileError(f"no record has a column of {contract.table} besides the key")
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


class FileEvidence:
    """The audit's port `Evidence` on local files; it shares no code with framing or with the run's own proof."""

    def census(self, file: Path, contract: Contract, others: Sequence[Contract]) -> Census:
        """Take the census of a raw file, which the tables in `others` read, too."""
        return take_census(file, contract, others)

    def trusted(self, file: Path, contract: Contract) -> Iterator[TrustedRow]:
        """Yield the rows of a Trusted file. Raises InputError if it can't be read."""
        return trusted_rows(file, contract)

    def quarantined(self, file: Path) -> Iterator[QuarantinedRow]:
        """Yield the rows of a Quarantine file. Raises InputError if it can't be read."""
        return quarantined_rows(file)
