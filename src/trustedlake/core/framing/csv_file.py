"""A pipe-separated file -> framed rows and facts."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from trustedlake.core.framing.ahead import one_ahead
from trustedlake.core.framing.csv_block import parse_block
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

_FIRST_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")


def frame_csv(
    source: Source, layout: Layout, lineage: Lineage, *, block: int
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a pipe-separated file, `block` bytes at a time.

    Raises:
        UnreadableError: the file is refused; nothing was yielded then.
    """
    if source.compressed:
        source.validate(utf8=False)
    tally = Tally(layout)
    blocks = whole_lines(source.blocks(block), lineage.file_path, carriage_return=True)
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
    for whole in blocks:
        lines = whole
        if line == 1:
            check_encoding(lines)
        while lines:
            first, lines = _split_first_line(lines)
            line += 1
            if first.strip():
                return read_header(first, line - 1, layout), line, lines
    if line == 1:
        check_encoding(b"")
    raise UnreadableError("the file holds blank lines only", hint="fetch the file again, or remove it from Raw")


def _split_first_line(lines: bytes) -> tuple[str, bytes]:
    match = _FIRST_LINE.match(lines)
    end = match.end() if match else 0
    return lines[:end].decode("utf-8", "replace").rstrip("\r\n"), lines[end:]
