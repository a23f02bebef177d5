"""A pipe-separated file -> framed rows and facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.framing.csv_header import read_header
from trustedlake.core.framing.csv_rows import CsvRows
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.source import UnreadableError, check_encoding
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator

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
    header: list[str] = []
    line = 1
    for whole in whole_lines(source.blocks(block), lineage.file_path, carriage_return=True):
        lines = whole
        if line == 1:
            check_encoding(lines)
        while lines and not header:
            first, lines = _split_first_line(lines)
            if first.strip():
                header = read_header(first, line, layout)
                rows = CsvRows(layout, lineage, header, tally)
            line += 1
        if lines:
            batch, count = rows.rows(lines, line)
            line += count
            if len(batch):
                yield batch
    if line == 1:
        check_encoding(b"")
    if not header:
        raise UnreadableError("the file holds blank lines only", hint="fetch the file again, or remove it from Raw")
    return tally.facts(lineage.file_path, source, shape="csv", header=header)


def _split_first_line(lines: bytes) -> tuple[str, bytes]:
    match = _FIRST_LINE.match(lines)
    end = match.end() if match else 0
    return lines[:end].decode("utf-8", "replace").rstrip("\r\n"), lines[end:]
