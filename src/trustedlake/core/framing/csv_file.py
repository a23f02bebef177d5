"""A pipe-separated file -> framed rows and facts."""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING

from trustedlake.core.framing.ahead import one_ahead
from trustedlake.core.framing.csv_block import count_lines, parse_block
from trustedlake.core.framing.csv_header import read_header
from trustedlake.core.framing.csv_rows import CsvRows
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.source import UnreadableError, check_encoding
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.source import Source

# Possessive: a line's text is looked at once, whatever follows it.
_BLANK_LINES = re.compile(rb"(?:[ \t\v\f]*+(?:\r\n|\n|\r))*+")
_FIRST_LINE = re.compile(rb"[^\r\n]*+(?:\r\n|\n|\r|\Z)")


def frame_csv(
    source: Source, layout: Layout, lineage: Lineage, *, max_line: int, block: int
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a pipe-separated file, `block` bytes at a time.

    Raises:
        UnreadableError: the file is refused; nothing was yielded then.
    """
    if source.compressed or source.raw_size() > max_line:
        source.validate(utf8=False, line_ends=b"\r\n", max_line=max_line)
    tally = Tally(layout)
    blocks = whole_lines(source.blocks(block), carriage_return=True)
    header, line, rest = _find_header(blocks, layout)
    rows = CsvRows(layout, lineage, header, tally)
    parsed = (parse_block(lines, len(header)) for lines in chain([rest] if rest else [], blocks))
    for lines in one_ahead(parsed):
        batch = rows.rows(lines, line)
        line += lines.total
        if len(batch):
            yield batch
    return tally.facts(lineage.file_path, source, shape="csv", header=header)


def _find_header(blocks: Iterator[bytes], layout: Layout) -> tuple[list[str], int, bytes]:
    """The header, the number of the line behind it, and what is left of its block."""
    line = 1
    for number, whole in enumerate(blocks):
        lines = whole
        if not number:
            check_encoding(lines)
            lines = lines.removeprefix(codecs.BOM_UTF8)
        position = 0
        while position < len(lines):
            first, end = _span(_FIRST_LINE, lines, _span(_BLANK_LINES, lines, position)[1])
            line += count_lines(lines[position:end])
            position = end
            header = lines[first:end].decode("utf-8", "replace").rstrip("\r\n")
            if header.strip():
                return read_header(header, line - 1, layout), line, lines[end:]
    if line == 1:
        check_encoding(b"")
    raise UnreadableError("the file holds blank lines only", hint="fetch the file again, or remove it from Raw")


def _span(pattern: re.Pattern[bytes], lines: bytes, position: int) -> tuple[int, int]:
    """Where the pattern, which fits everywhere, begins and ends."""
    found = pattern.match(lines, position)
    return found.span() if found else (position, position)
