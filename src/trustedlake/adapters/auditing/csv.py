"""The records of a pipe-separated file, told by plain string operations: no CSV reader."""

from __future__ import annotations

import codecs
from collections import Counter
from typing import TYPE_CHECKING

from trustedlake.adapters.auditing.json import PendingLine, UnreadableFileError
from trustedlake.core.auditing.census import Census, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.models.contract import Contract

MAX_NAMES = 10_000
MAX_HEADER_CHARS = 1 << 20
_NULLS = {r"\N": "", "": ""}


def take_lines(blocks: Iterable[bytes], contract: Contract, max_line: int) -> Census:
    """The census of a pipe-separated file; a record's index is its line, from 1.

    Raises:
        UnreadableFileError: it has no header with the contract's key column, or a line of more than `max_line` bytes.
    """
    census = Census()
    census.skip()  # there is no line 0
    reader: LineReader | None = None
    for number, found in enumerate(_lines(blocks, max_line)):
        line = found if number else found.removeprefix(codecs.BOM_UTF8)
        if not line.strip():
            census.skip()
        elif reader is None:
            reader = LineReader(line, contract)
            census.skip()
        else:
            text = line.decode("utf-8", "replace")
            census.add(text.encode(), reader.witness(text))
    if reader is None:
        raise UnreadableFileError("no line in it")
    return census


class LineReader:
    """Finds the witness of a line by the header's names."""

    def __init__(self, header: bytes, contract: Contract) -> None:
        if len(header.decode("utf-8", "replace")) > MAX_HEADER_CHARS or header.count(b"|") >= MAX_NAMES:
            raise UnreadableFileError("the header has too many names")
        names = [cell.strip().strip("\ufeff").strip() for cell in header.decode("utf-8", "replace").split("|")]
        keys = {column.name: column.keys for column in contract.columns}
        twins = [name for name, count in Counter(names).items() if count > 1]
        twins += [column for column, spellings in keys.items() if len({*spellings} & {*names}) > 1]
        if twins:
            raise UnreadableFileError(f"the header names {twins[0]} twice")
        if not {*keys[contract.key]} & {*names}:
            raise UnreadableFileError(f"the header has no column {contract.key}")
        self._width = len(names)
        self._places = [
            next((place for place, name in enumerate(names) if name in keys[column]), None)
            for column in contract.witness
        ]
        self._key_place = contract.witness.index(contract.key)

    def witness(self, line: str) -> Witness:
        """What identifies the line; empty texts if it has too few fields or too many."""
        fields: Sequence[str] = line.split("|")
        if len(fields) != self._width:
            fields = [""] * self._width
        values = ("" if place is None else fields[place] for place in self._places)
        texts = tuple(_NULLS.get(text, text) for text in values)
        return Witness(texts[self._key_place], texts)


def _lines(blocks: Iterable[bytes], max_line: int) -> Iterator[bytes]:
    """Lines without their ends (LF, CRLF or CR)."""
    pending = PendingLine(max_line)
    for block in blocks:
        # What a CR at the end means is known with the next block only.
        if pending.ends_with(b"\r") and not block.startswith(b"\n"):
            yield pending.take().rstrip(b"\r\n")
        lines = block.splitlines(keepends=True)
        last = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            pending.add(line)
            yield pending.take().rstrip(b"\r\n")
        pending.add(last)
    if rest := pending.take():
        yield rest.rstrip(b"\r\n")
