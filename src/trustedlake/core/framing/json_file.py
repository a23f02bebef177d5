"""Turn JSON files into framed rows and facts: plain files by the fast scanner, all others by the reader."""

from __future__ import annotations

import re
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING

import pyarrow as pa

from trustedlake.core.framing.documents import holds_none
from trustedlake.core.framing.json_text import Number
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS, Belonging, repeated
from trustedlake.core.framing.lines import whole_lines
from trustedlake.core.framing.quick_rows import QuickRows
from trustedlake.core.framing.quick_scan import scan
from trustedlake.core.framing.reader import JsonReader, is_whole_object
from trustedlake.core.framing.record import not_of
from trustedlake.core.framing.rows import Segment, Table, problems, read_columns, rescued
from trustedlake.core.framing.source import UnreadableError, check_encoding, decode
from trustedlake.core.framing.tally import Tally
from trustedlake.core.framing.witness import witness_crcs, witness_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.quick_scan import Scanned
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.rows import Members, Values
    from trustedlake.core.framing.source import Source


class JsonRows:
    """Collects the records of one file, counts them, and returns them as batches of rows.

    Grain: one row per record that does not belong to another table. Columns: `core.framing.layout.framed_schema`;
    `record_index` is the record's place among all records of the file, from 0.
    """

    def __init__(self, layout: Layout, lineage: Lineage, tally: Tally, others: Sequence[Selection]) -> None:
        self._layout = layout
        self._lineage = lineage
        self._tally = tally
        self._others = others
        self._records: list[Record] = []
        self._indexes: list[int] = []
        self._chars = 0

    def add(self, record: Record) -> bool:
        """Add the next record; return True when it is time to `flush`."""
        index = self._tally.place()
        if record.problem is None:
            belonging = self._layout.selection.belonging(record.members, self._others)
            if belonging is Belonging.ELSEWHERE:
                self._tally.count_elsewhere(record.members, self._others)
                return False
            if belonging is Belonging.FOREIGN:
                record = record._replace(members={}, nested={}, problem=not_of(self._layout.table))
        if record.problem == not_of(self._layout.table) or record.raw.startswith("["):
            self._tally.count_foreign(record.raw)
        self._records.append(record)
        self._indexes.append(index)
        self._chars += len(record.raw)
        return self._chars >= BATCH_CHARS or len(self._records) >= BATCH_ROWS

    def __len__(self) -> int:
        return len(self._records)

    def flush(self) -> pa.RecordBatch:
        """Return the rows collected since the last flush."""
        records, self._records, self._chars = self._records, [], 0
        indexes, self._indexes = pa.array(self._indexes, pa.int32()), []
        members = [record.members for record in records]
        shapes = list(map(tuple, members))
        layout, tally = self._layout, self._tally
        table = _Scanned(records, Segment(tally, len(records), Counter(shapes)))
        columns = read_columns(table, layout)
        crcs = witness_crcs(witness_texts(columns.texts, layout, len(records)), indexes)
        tally.count_rows(len(records), crcs)
        tally.see_keys([table.keys])
        batch = layout.batch(
            file_path=repeated(self._lineage.file_path, len(records)),
            partition=[repeated(value, len(records)) for value in self._lineage.partition],
            indexes=indexes,
            raw=pa.array([record.raw for record in records], pa.string()),
            texts=columns.texts,
            rescued=rescued(self._unknown(shapes, members), columns.losers),
            problem=problems([record.problem for record in records], columns.reasons),
        )
        tally.keep_examples(batch)
        return batch

    def _unknown(
        self, shapes: Sequence[tuple[str, ...]], members: Sequence[Mapping[str, str | None]]
    ) -> list[list[tuple[str, str | None]]]:
        """Return, for each record, the keys that no column takes, with their texts; also counts them."""
        taken = self._layout.keys
        others = {shape: [key for key in shape if key not in taken] for shape in set(shapes)}
        if not any(others.values()):
            return [[] for _ in shapes]
        found = [[(key, known[key]) for key in others[shape]] for shape, known in zip(shapes, members, strict=True)]
        self._tally.count_unknown(found)
        return found


class _Scanned(Table):
    """Records that were read one by one."""

    def __init__(self, records: Sequence[Record], segment: Segment) -> None:
        self._records = records
        self._members = [record.members for record in records]
        keys = frozenset[str]().union(*segment.signatures)
        self._everywhere = keys.intersection(*segment.signatures)
        super().__init__(len(records), keys, [segment])
        self._columns: dict[str, pa.Array] = {}
        self._nested: dict[str, list[int]] = {}
        for row, record in enumerate(records):
            for key in record.nested:
                self._nested.setdefault(key, []).append(row)

    def column(self, key: str) -> pa.Array:
        """See the base."""
        if key not in self._columns:
            members = self._members
            texts = map(itemgetter(key), members) if key in self._everywhere else (known.get(key) for known in members)
            self._columns[key] = pa.array(list(texts), pa.string())
        return self._columns[key]

    def numbers(self, path: tuple[str, ...]) -> pa.Array:
        """See the base."""
        return pa.array([known.get(path[0]).__class__ is Number for known in self._members], pa.bool_())

    def nested(self, key: str) -> pa.Array:
        """See the base."""
        return pa.array(self._nested.get(key, []), pa.int64())

    def records(self, keys: Sequence[str], rows: Sequence[int] | None) -> Iterator[tuple[Members, Values]]:  # noqa: ARG002 - all members are already there
        """See the base."""
        some = self._records if rows is None else (self._records[row] for row in rows)
        return ((record.members, record.nested) for record in some)


_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")


class JsonFiles:
    """Frames JSON files one after another; small files share batches.

    Args:
        layout: the table's layout.
        facts: receives, by path, the facts of each file once all its rows were yielded.
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
        """Frame a file: up to `max_whole` bytes as a whole in memory, a larger file in blocks of lines.

        Raises:
            UnreadableError: the file is refused, before any of its rows was yielded.
        """
        content = source.read(self._max_whole + 1)
        if len(content) > self._max_whole:
            yield from self.finish()
            yield from self._by_lines(content, source, lineage, others)
            return
        decode(content)  # only to refuse content that is not UTF-8
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
        # Hold batches back, because a file that fails at its end is refused as a whole.
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
        """Return the rows of a file too large to share batches; None if only the reader can frame it."""
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
        for number, lines in enumerate(_few(whole_lines(source.blocks(self._block), carriage_return=False))):
            scanned = scan(lines, layout, lines=True) if self._quick else None
            if scanned is not None and self._add(scanned, lineage, tally, others):
                some = self._flushed()
            else:
                some = _batches(reader.records(lines.decode("utf-8" if number else "utf-8-sig")), rows)
            for batch in some:
                _require_records(tally, layout)  # after the first batch the file can't be refused any more
                yield batch
        self._wait(tally, source, lineage, reader.shape)
        yield from self.finish()

    def _add(self, scanned: Scanned, lineage: Lineage, tally: Tally, others: Sequence[Selection]) -> bool:
        """Add all records, or none; return whether they were added."""
        return self._rows.add(*scanned.all(), lineage, tally, others)

    def _flushed(self) -> Iterator[pa.RecordBatch]:
        if self._rows:
            yield self._rows.flush()

    def _wait(self, tally: Tally, source: Source, lineage: Lineage, shape: str) -> None:
        """Put off recording a file's facts until its rows were yielded."""
        path, sha256 = lineage.file_path, source.sha256()
        size = source.size

        def note() -> None:
            self._facts[path] = tally.facts(path, size=size, sha256=sha256, shape=shape)

        self._waiting.append(note)

    def finish(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that are still held."""
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


def _few(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Divide blocks of lines into blocks of about BATCH_ROWS lines at most."""
    for block in blocks:
        start = 0
        while block.count(b"\n", start) > BATCH_ROWS:
            end = start
            for _ in range(BATCH_ROWS):
                end = block.find(b"\n", end) + 1
            yield block[start:end]
            start = end
        yield block[start:]


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
            f"the file has more than {max_whole >> 20} MB and its first line is not a complete object, so it can't be"
            " divided by lines",
            hint="write it as NDJSON (one object per line), or split it into several files",
        )


def _require_records(tally: Tally, layout: Layout) -> None:
    if tally.records and not tally.has_records:
        raise holds_none(layout, tally)
