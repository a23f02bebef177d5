"""JSON files -> framed rows and facts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.framing.documents import holds_none
from trustedlake.core.framing.json_rows import JsonRows
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.quick_rows import QuickRows
from trustedlake.core.framing.quick_scan import scan
from trustedlake.core.framing.reader import JsonReader, is_whole_object
from trustedlake.core.framing.source import UnreadableError, check_encoding, decode
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.layout import Layout, Lineage
    from trustedlake.core.framing.quick_scan import Scanned
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.selection import Selection
    from trustedlake.core.framing.source import Source

_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")


class JsonFiles:
    """Frames JSON files one after another; small ones share batches.

    Args:
        layout: of the table.
        facts: gets those of the files whose rows are out, by path.
        max_whole, max_line, block, quick: see `explode.Frames`.
    """

    def __init__(
        self, layout: Layout, facts: dict[str, FileFacts], *, max_whole: int, max_line: int, block: int, quick: bool
    ) -> None:
        self._facts = facts
        self._layout = layout
        self._max_whole = max_whole
        self._max_line = max_line
        self._block = block
        self._quick = quick
        self._rows = QuickRows(layout)
        self._waiting: list[Callable[[], None]] = []

    def add(self, source: Source, lineage: Lineage, others: Sequence[Selection]) -> Iterator[pa.RecordBatch]:
        """Frame a file: whole in memory up to `max_whole` bytes, above by blocks of its lines.

        Raises:
            UnreadableError: the file is refused; none of its rows was yielded then.
        """
        content = source.read(self._max_whole + 1)
        if len(content) > self._max_whole:
            yield from self.finish()
            yield from self._by_lines(content, source, lineage, others)
            return
        decode(content)  # refuses what is no UTF-8; only the walker needs the text
        scanned = scan(content, self._layout) if self._quick else None
        if scanned is not None and len(content) <= BATCH_CHARS and len(scanned.texts) <= BATCH_ROWS:
            tally = Tally(self._layout)
            if self._add(scanned, lineage, tally, others):
                self._wait(tally, source, lineage, scanned.shape)
                if self._rows.is_full:
                    yield from self.finish()
                return
            scanned = None
        yield from self.finish()
        yield from self._whole(content, scanned, source, lineage, others)

    def _whole(
        self, content: bytes, scanned: Scanned | None, source: Source, lineage: Lineage, others: Sequence[Selection]
    ) -> Iterator[pa.RecordBatch]:
        tally = Tally(self._layout)
        # Held back: what ends badly is refused whole.
        batches = None if scanned is None else self._scanned(scanned, lineage, tally, others)
        shape = scanned.shape if scanned else ""
        if batches is None:
            tally, reader = Tally(self._layout), JsonReader(self._layout)
            batches = list(_batches(reader.records(decode(content)), JsonRows(self._layout, lineage, tally, others)))
            _require_records(tally, self._layout)
            shape = reader.shape
        yield from batches
        self._wait(tally, source, lineage, shape)
        yield from self.finish()

    def _scanned(
        self, scanned: Scanned, lineage: Lineage, tally: Tally, others: Sequence[Selection]
    ) -> list[pa.RecordBatch] | None:
        """The rows of a file that has batches of its own; None where the walker has to look."""
        batches: list[pa.RecordBatch] = []
        for part in scanned.parts():
            if not self._rows.add(*part, lineage, tally, others):
                self._rows = QuickRows(self._layout)
                return None
            batches += self._flushed()
        return batches

    def _by_lines(
        self, content: bytes, source: Source, lineage: Lineage, others: Sequence[Selection]
    ) -> Iterator[pa.RecordBatch]:
        layout, tally = self._layout, Tally(self._layout)
        _require_lines(content, layout, self._max_whole)
        source.validate(utf8=True, line_ends=b"\n", max_line=self._max_line)
        reader = JsonReader(layout, lines=True)
        rows = JsonRows(layout, lineage, tally, others)
        for number, lines in enumerate(whole_lines(source.blocks(self._block), carriage_return=False)):
            scanned = scan(lines, layout, lines=True) if self._quick else None
            if scanned is not None and len(scanned.texts) <= BATCH_ROWS and self._add(scanned, lineage, tally, others):
                some = self._flushed()
            else:
                some = _batches(reader.records(lines.decode("utf-8" if number else "utf-8-sig")), rows)
            for batch in some:
                _require_records(tally, layout)  # the first batch decides: once it is out, the file can't be refused
                yield batch
        self._wait(tally, source, lineage, reader.shape)
        yield from self.finish()

    def _add(self, scanned: Scanned, lineage: Lineage, tally: Tally, others: Sequence[Selection]) -> bool:
        """Add all records at once, or none."""
        return self._rows.add(*scanned.all(), lineage, tally, others)

    def _flushed(self) -> Iterator[pa.RecordBatch]:
        if self._rows:
            yield self._rows.flush()

    def _wait(self, tally: Tally, source: Source, lineage: Lineage, shape: str) -> None:
        """Note the facts of a file as soon as its rows are out."""
        path, sha256 = lineage.file_path, source.sha256()
        size = source.size

        def note() -> None:
            self._facts[path] = tally.facts(path, size=size, sha256=sha256, shape=shape)

        self._waiting.append(note)

    def finish(self) -> Iterator[pa.RecordBatch]:
        """The rows that are still held."""
        yield from self._flushed()
        for note in self._waiting:
            note()
        self._waiting = []


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
