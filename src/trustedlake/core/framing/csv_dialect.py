"""How a CSV file is written: decode its bytes, split its text into records and a record into fields."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from trustedlake.core.framing.source import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

SEPARATORS = {"|": "'|'", ";": "';'", "\t": "a tab", ",": "','"}
"""Separators that we recognise without a contract -> how a message names each; if two fit equally well, the first wins.

A contract may declare any other character.
"""

_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class FramingDialect:
    """A contract's CSV dialect; the attributes are those of `models.raw.Dialect`."""

    delimiter: str
    quote: str | None
    header: bool
    columns: tuple[str, ...]
    skip: int
    encoding: str

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> FramingDialect:
        """Build it from the plain data of `Contract.framing()`."""
        return cls(**{**plain, "columns": tuple(plain["columns"])})

    @cached_property
    def is_utf8(self) -> bool:
        """Whether the files are in UTF-8 and need no recoding; invalid bytes are then faults of single lines."""
        return codecs.lookup(self.encoding).name in {"utf-8", "utf-8-sig"}

    def recoded(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Recode the blocks of a file from its encoding to UTF-8.

        Raises:
            UnreadableError: the blocks are not in that encoding.
        """
        decoder = codecs.getincrementaldecoder(self.encoding)()
        position = 0
        try:
            for block in blocks:
                text = decoder.decode(block)
                position += len(block)
                if text:
                    yield text.encode()
            yield decoder.decode(b"", final=True).encode()
        except UnicodeError as error:
            raise UnreadableError(
                f"byte {position + getattr(error, 'start', 0)} or near: invalid {self.encoding}",
                hint="correct `encoding` in the contract, or save the file in that encoding",
            ) from None

    @cached_property
    def _field(self) -> re.Pattern[str]:
        """Matches one field, quoted or not, and the delimiter or line end after it."""
        mark, delimiter = re.escape(self.quote or ""), re.escape(self.delimiter)
        plain = rf"([^{delimiter}\r\n]*+)"
        quoted = rf"{mark}((?:[^{mark}]++|{mark}{mark})*+){mark}([^{delimiter}\r\n]*+)"
        field = rf"(?:{quoted}|(?!{mark}){plain})" if self.quote else rf"(?:(?!)()()|{plain})"
        return re.compile(rf"{field}({delimiter}|\r\n|\n|\r|\Z)")

    def record(self, text: str, start: int) -> tuple[list[str], int] | None:
        """Return the fields of the record at `start` and the index after its line end; None if a quote stays open."""
        fields: list[str] = []
        position = start
        twice = (self.quote or "") * 2
        while True:
            match = self._field.match(text, position)
            if match is None:
                return None
            inner, tail, plain, end = match.groups()
            fields.append(plain if inner is None else inner.replace(twice, self.quote or "") + tail)
            position = match.end()
            if end != self.delimiter:
                return fields, position

    def fields(self, raw: str) -> list[str] | None:
        """Return the fields of a text that is one record; None if it is not."""
        if self.quote is None:
            return raw.split(self.delimiter)
        found = self.record(raw, 0)
        return found[0] if found and found[1] == len(raw) else None


def cells(fields: Sequence[str]) -> list[str]:
    """Strip blanks and the byte order mark from the names in a header."""
    return [cell.strip().strip("\ufeff").strip() for cell in fields]


def lines_in(text: str) -> int:
    """Count the line ends in a text: LF, CRLF or CR."""
    return sum(1 for _ in _LINE_END.finditer(text))
