"""The records of a pipe-separated file, told by plain string operations: no CSV reader."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from trustedlake.adapters.auditing.json import UnreadableFileError
from trustedlake.core.auditing.census import Census, Witness

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.models.contract import Contract

_NULLS = {r"\N": "", "": ""}


def take_lines(blocks: Iterable[bytes], contract: Contract) -> Census:
    """The census of a pipe-separated file; a record's index is its line, from 1.

    Raises:
        UnreadableFileError: it has no header with the contract's key column.
    """
    census = Census()
    census.skip()  # there is no line 0
    reader: LineReader | None = None
    for line in _lines(blocks):
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


def _lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends (LF, CRLF or CR)."""
    rest = b""
    for block in blocks:
        # What a CR at the end means is known with the next block only.
        lines = (rest + block).splitlines(keepends=True)
        rest = b"" if lines[-1].endswith(b"\n") else lines.pop()
        for line in lines:
            yield line.rstrip(b"\r\n")
    if rest:
        yield rest.rstrip(b"\r\n")
