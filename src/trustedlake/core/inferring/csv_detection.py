"""Detect how a CSV file is written: encoding, separator, quotes and header."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.framing.csv_dialect import SEPARATORS, FramingDialect, cells, lines_in
from trustedlake.core.framing.source import UnreadableError
from trustedlake.models.raw import Dialect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.core.framing.source import Source

_HEAD_CHARS = 256 << 10
_RECORDS = 200
_MOSTLY = 0.9
_QUOTED_SHARE = 0.2
_HEADER_CHARS = 80
_NUMBER = re.compile(r"[-+]?[0-9][0-9.,:/ T-]*")
_MAGIC = {b"PAR1": "Parquet", b"PK\x03\x04": "a zip or Excel file", b"\x89PNG": "an image", b"%PDF": "a PDF",
          b"SQLite": "a SQLite database", b"ORC": "ORC", b"Obj\x01": "Avro", b"BZh": "bzip2", b"\xfd7zXZ": "xz",
          b"\x28\xb5\x2f\xfd": "zstd", b"\xd0\xcf\x11\xe0": "an Excel file", b"\xff\xd8\xff": "an image"}  # fmt: skip
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 26, 27})


@dataclass(frozen=True, slots=True)
class Written:
    """How a file is written.

    Attributes:
        dialect: for the contract.
        header: names of the fields; invented if the file has no header.
        consistent: share of the first records that have as many fields as the header.
        damaged: number of bytes that are invalid in the encoding.
    """

    dialect: Dialect
    header: tuple[str, ...]
    consistent: float
    damaged: int = 0


def refuse_binary(head: bytes) -> None:
    """Check the first bytes of a file.

    Raises:
        UnreadableError: they are not text.
    """
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise UnreadableError(f"byte 0: this is {what}, not JSON or CSV", hint="convert it first")
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not _wide(head):
        control = sum(head.count(one) for one in _CONTROL)
        if control * 50 > len(head):
            raise UnreadableError("the content is binary, not JSON or CSV", hint="give text files")


def find_encoding(source: Source) -> tuple[str, int]:
    """Detect the codec of a text file and count bytes that are invalid in it; reads the whole file, and rewinds."""
    head = source.read(_HEAD_CHARS)
    encoding, damaged = "utf-8", 0
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif wide := _wide(head):
        encoding = wide
    else:
        wrong, right, latin = 0, 0, False
        decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        block = head
        while block:
            text = decoder.decode(block)
            if not text.isascii():
                bad = [one for one in text if "\udc80" <= one <= "\udcff"]
                wrong += len(bad)
                right += sum(one > "\x7f" for one in text) - len(bad)
                latin = latin or any(0x80 <= ord(one) - 0xDC00 < 0xA0 for one in bad)  # noqa: PLR2004
            block = source.read(_HEAD_CHARS)
        if wrong > right:
            encoding = "cp1252" if latin else "latin-1"
        else:
            damaged = wrong
    source.rewind()
    return encoding, damaged


def _wide(head: bytes) -> str | None:
    """Detect UTF-16 without a byte order mark: every other byte of a Western text is zero."""
    even, odd = head[0:400:2], head[1:400:2]
    if len(odd) > 1 and odd.count(0) > _MOSTLY * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(odd) > 1 and even.count(0) > _MOSTLY * len(even) and not odd.count(0):
        return "utf-16-be"
    return None


def sniff(source: Source, *, must: bool) -> Written:
    """Detect how a file is written. `must`: its name says that it is CSV, even if it has only one column.

    Raises:
        UnreadableError: it has no columns.
    """
    encoding, damaged = find_encoding(source)
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = decoder.decode(source.read(_HEAD_CHARS)).removeprefix("\ufeff")
    source.rewind()
    if len(text) >= _HEAD_CHARS // 2 and "\n" in text:
        text = text[: text.rfind("\n") + 1]
    if not text.strip():
        raise UnreadableError("the file has only blanks", hint="remove it, or fetch it again")
    best = max(
        (found for delimiter in SEPARATORS for quote in (None, '"') if (found := _try(text, delimiter, quote))),
        key=lambda found: found.rank,
        default=None,
    )
    if best is None or (best.width == 1 and not must):
        *others, last = SEPARATORS.values()
        raise UnreadableError(
            "no columns: no separator occurs equally often in every line",
            hint=f"init reads JSON, and CSV separated by {', '.join(others)} or {last}",
        )
    return _written(best, encoding, damaged)


@dataclass(slots=True)
class _Trial:
    delimiter: str
    quote: str | None
    records: list[tuple[list[str], int]]
    width: int
    consistent: float
    quoted: bool

    @property
    def rank(self) -> tuple[object, ...]:
        """Sorts the trials: the one with the highest rank is the most likely."""
        many = self.width > 1 and self.consistent >= _MOSTLY
        return (many, self.width > 1 and round(self.consistent, 2), self.quoted, self.width, self.quote is None)


def _try(text: str, delimiter: str, quote: str | None) -> _Trial | None:
    if quote and quote not in text:
        return None
    records = list(_records(text, delimiter, quote))
    widths = Counter(len(fields) for fields, _ in records)
    if not widths:
        return None
    width = max(widths, key=lambda one: (widths[one] * (1 if one > 1 else 0.5), one))
    quoted = bool(quote) and _is_quoted(text, delimiter)
    if quote and not quoted:
        return None
    return _Trial(delimiter, quote, records, width, widths[width] / len(records), quoted)


def _records(text: str, delimiter: str, quote: str | None) -> Iterator[tuple[list[str], int]]:
    """Yield the first records that aren't blank, each with the number of lines before it."""
    dialect = FramingDialect(delimiter, quote, True, (), 0, "utf-8")
    position, line, count = 0, 0, 0
    while position < len(text) and count < _RECORDS:
        found = dialect.record(text, position)
        if found is None:
            return
        fields, end = found
        if any(field.strip() for field in fields):
            yield fields, line
            count += 1
        line += lines_in(text[position:end])
        position = end


def _is_quoted(text: str, delimiter: str) -> bool:
    """Whether quotes are syntax: they enclose separators, quotes or line breaks, or most fields have them."""
    mark = re.escape(delimiter)
    field = re.compile(rf'(?:^|(?<={mark})|(?<=\n))"((?:[^"]|"")*+)"(?={mark}|\r|\n|\Z)')
    inner = [found[1] for found in field.finditer(text)]
    fields = text.count(delimiter) + text.count("\n") + 1
    return any(one and set(one) & {delimiter, '"', "\n"} for one in inner) or len(inner) > _QUOTED_SHARE * fields


def _written(trial: _Trial, encoding: str, damaged: int) -> Written:
    place = next((at for at, (fields, _) in enumerate(trial.records) if len(fields) == trial.width), 0)
    first, line = trial.records[place]
    skip = line if place else 0
    names = cells(first)
    has_header = _is_header(names, [fields for fields, _ in trial.records[place + 1 :]])
    if not has_header:
        names = [f"column_{number}" for number in range(1, trial.width + 1)]
    dialect = Dialect(
        delimiter=trial.delimiter,
        quote=trial.quote,
        header=has_header,
        columns=() if has_header else tuple(names),
        skip=skip,
        encoding=encoding,
    )
    return Written(dialect, tuple(names), trial.consistent, damaged)


def _is_header(names: Sequence[str], records: Sequence[Sequence[str]]) -> bool:
    """Whether the first record names the columns: short, distinct texts, none of them a number or a date."""
    filled = [name for name in names if name]
    if not filled or len({name.casefold() for name in filled}) < len(filled):
        return bool(filled) and _repeats_below(names, records) is False and not any(map(_NUMBER.fullmatch, filled))
    if any(_NUMBER.fullmatch(name) for name in filled) or any(len(name) > _HEADER_CHARS for name in filled):
        return False
    return not _repeats_below(names, records)


def _repeats_below(names: Sequence[str], records: Sequence[Sequence[str]]) -> bool:
    """Whether a cell of the first record appears again below, as values do; ignores repeated headers."""
    others = [fields for fields in records if cells(fields) != list(names)]
    return any(
        name and any(at < len(fields) and fields[at].strip() == name for fields in others)
        for at, name in enumerate(names)
    )
