"""A JSON file -> framed rows and facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.framing.documents import holds_none
from trustedlake.core.framing.json_rows import JsonRows
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.reader import JsonReader, is_whole_object
from trustedlake.core.framing.source import UnreadableError, check_encoding, decode
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.selection import Selection
    from trustedlake.core.framing.source import Source

_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")


def frame_json(
    source: Source,
    layout: Layout,
    lineage: Lineage,
    others: Sequence[Selection],
    *,
    max_whole: int,
    max_line: int,
    block: int,
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a JSON file: whole in memory up to `max_whole` bytes, above by blocks of its lines.

    Raises:
        UnreadableError: the file is refused; nothing was yielded then.
    """
    content = source.read(max_whole + 1)
    tally = Tally(layout)
    rows = JsonRows(layout, lineage, tally, others)
    if len(content) <= max_whole:
        text = decode(content)
        del content  # it may be large, and the rows will be
        reader = JsonReader(layout)
        # Held back: what ends badly is refused whole.
        batches = list(_batches(reader.records(text), rows))
        _require_records(tally, layout)
        yield from batches
    else:
        _require_lines(content, layout, max_whole)
        del content
        source.validate(utf8=True, line_ends=b"\n", max_line=max_line)
        reader = JsonReader(layout, lines=True)
        blocks = whole_lines(source.blocks(block), carriage_return=False)
        texts = (lines.decode("utf-8" if number else "utf-8-sig") for number, lines in enumerate(blocks))
        for batch in _batches((record for text in texts for record in reader.records(text)), rows):
            _require_records(tally, layout)  # the first batch decides: once it is out, the file can't be refused
            yield batch
    return tally.facts(lineage.file_path, source, shape=reader.shape)


def _batches(records: Iterable[Record], rows: JsonRows) -> Iterator[pa.RecordBatch]:
    for record in records:
        if rows.add(record):
            yield rows.flush()
    if rows:
        yield rows.flush()


def _require_lines(content: bytes, layout: Layout, max_whole: int) -> None:
    check_encoding(content)
    found = _START.match(content)
    start = found.end() if found else 0
    if start == len(content):
        raise UnreadableError(
            f"the file begins with more than {max_whole >> 20} MB of blanks",
            hint="fetch the file again, or remove it from Raw",
        )
    line_end = content.find(b"\n", start)
    if line_end < 0 or not is_whole_object(content[start:line_end].decode("utf-8", "replace"), layout):
        raise UnreadableError(
            f"the file has more than {max_whole >> 20} MB and its first line is no whole object, so it can't be"
            " divided by lines",
            hint="write it as NDJSON, one object a line, or as several files",
        )


def _require_records(tally: Tally, layout: Layout) -> None:
    if tally.records and not tally.has_records:
        raise holds_none(layout, tally.records, tally.stranger)
