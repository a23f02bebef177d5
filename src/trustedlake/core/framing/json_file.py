"""Frame JSON files: plain files by the fast scanner, all others by the reader; refuse those without a record."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustedlake.core.framing.json_rows import JsonRows
from trustedlake.core.framing.json_text import scan_object, scan_shallow
from trustedlake.core.framing.layout import BATCH_CHARS, BATCH_ROWS
from trustedlake.core.framing.quick_rows import QuickRows
from trustedlake.core.framing.quick_scan import scan
from trustedlake.core.framing.reader import JsonReader, is_whole_object
from trustedlake.core.framing.source import DRAFT, UnreadableError, check_encoding, decode, shown_names, whole_lines
from trustedlake.core.framing.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts
    from trustedlake.core.framing.layout import Layout, Lineage, Selection
    from trustedlake.core.framing.quick_scan import Scanned
    from trustedlake.core.framing.record import Record
    from trustedlake.core.framing.source import Source

_SHOWN_CHARS = 80
_AGAIN = "fetch the file again, or remove it from Raw"
_START = re.compile(rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+")


class JsonFiles:
    """Frames JSON files one after another; small files share batches.

    Args:
        layout: the table's layout.
        facts: receives, by path, the facts of each file once all its rows were yielded.
        max_whole, max_line, block, quick: see `frames.Frames`.
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
        raise _holds_none(layout, tally)


def _holds_none(layout: Layout, tally: Tally) -> UnreadableError:
    """Make the error for a file without any record of the table.

    Args:
        layout: the table's layout.
        tally: counts of the file's records; its `stranger` is empty if all records have columns of the primary key.
    """
    table, records, stranger, found = layout.table, tally.records, tally.stranger, {}
    if stranger.startswith("{"):
        scanned = scan_object(stranger, 0, scan_shallow)
        found, nested = scanned.members, {key: scanned.members[key] or "" for key in scanned.nested}
        if found.get("success") == "false" or {"status_code", "status_message"} <= found.keys():
            code = (found.get("status_code") or "none")[:_SHOWN_CHARS]
            said = (found.get("status_message") or found.get("errors") or "")[:_SHOWN_CHARS]
            return UnreadableError(f"an error body (status_code {code}: {said!r}), no records of {table}", hint=_AGAIN)
        if wrapper := _wrapper(nested, layout):
            return UnreadableError(
                f"the records of {table} are under the key {wrapper[0]!r}, but the contract does not read that path",
                hint=f"keep only the value of {wrapper[0]!r} in the file, or write a contract with"
                f' `records: ["{wrapper[1]}"]` ({DRAFT})',
            )
    elif path := _deeper(stranger, layout):
        return UnreadableError(
            f"the records of {table} are in nested lists, but the contract does not read that path",
            hint=f'write a contract with `records: ["{path}"]` ({DRAFT})',
        )
    what = f"none of its {records} records has" if records > 1 else "it does not have"
    expected = shown_names(sorted(layout.selection.one_of or layout.other_keys or layout.keys))
    known = tally.found()
    if found and not known["unknown"]:
        tally.count_unknown([list(found.items())], [records])
        known = tally.found()
    names = list(found) or [*_own_keys(layout, known["absent"], records), *known["unknown"]]
    keys = f" (keys found: {shown_names(names)})" if names else ""
    return UnreadableError(
        f"the file holds no records of {table}: {what} any of the expected keys{keys}",
        hint=f"a record of {table} has one of {expected}; move other files out of this folder, and write a contract for"
        f" records with other keys ({DRAFT})",
        found=known,
    )


def _own_keys(layout: Layout, absent: Mapping[str, int], records: int) -> Iterator[str]:
    """Yield a key of each column of the primary key that some record has."""
    for name in layout.key:
        if absent.get(name, 0) < records:
            yield layout.readers[name].keys[0]


def _deeper(stranger: str, layout: Layout) -> str:
    """Return the path to records of the table if they are in nested lists; empty if they are not."""
    start = stranger.find("{")
    lists = stranger[:start].split() if start > 0 else []
    depth = "".join(lists)
    if not depth or depth.strip("["):
        return ""
    members = scan_object(stranger, start, scan_shallow).members
    fits = layout.selection.looks_like(members) and not layout.other_keys.isdisjoint(members)
    return "[]" * (len(depth) + 1) if fits else ""


def _wrapper(nested: Mapping[str, str], layout: Layout) -> tuple[str, str] | None:
    """Return the key that wraps records of the table, and the path to them; None if there is none."""
    for name, text in nested.items():
        start = text.find("{", 1)
        if start < 0:
            continue
        if text.startswith("[") and not text[1:start].strip():
            path = f"{name}[]"
        elif text.startswith("{") and text[1:start].rstrip().endswith(":"):
            path = f"{name}{{}}"
        else:
            continue
        members = scan_object(text, start, scan_shallow).members
        if layout.selection.looks_like(members) and not layout.other_keys.isdisjoint(members):
            return name, path
    return None
