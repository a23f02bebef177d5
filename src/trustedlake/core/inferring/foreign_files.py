"""One raw file: detect its kind from its beginning, then read its records one by one."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from trustedlake.core.file_names import CSV, JSON, TEXT, has_ending
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.layout import Layout, text_column
from trustedlake.core.framing.reader import JsonReader
from trustedlake.core.framing.source import (
    BLOCK,
    MAX_WHOLE,
    Source,
    UnreadableError,
    check_encoding,
    decode,
    whole_lines,
)
from trustedlake.core.inferring.csv_detection import Written, refuse_binary, sniff
from trustedlake.core.inferring.shape import find_records, first_mark
from trustedlake.models.column import Column
from trustedlake.models.contract import Contract, Duplicates
from trustedlake.models.raw import Raw, RawFormat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

_HEAD = 64 << 10
_SAMPLE = 200
_CSV_BLOCK = 1 << 20
_ERROR_KEYS = {"status_code", "status_message"}
KINDS = "media_type"
"""The key by which TMDB distinguishes films, series and people in one list."""


class ForeignFile(NamedTuple):
    """A file to inspect.

    Attributes:
        path: relative to the lake, with `/`; shown in messages.
        open: opens it for reading, seekable.
    """

    path: str
    open: Callable[[], BinaryIO]


@dataclass(slots=True)
class SeenFile:
    """The kind of a file, and statistics of its first records.

    Attributes:
        records: path to the records of a JSON file.
        written: how a CSV file is written.
        keys: key -> number of sampled records that have it.
        sampled: number of sampled records.
        kinds: value of `media_type` (None if absent) -> number of sampled records.
        kind_keys: value of `media_type` -> keys of its records.
    """

    file: ForeignFile
    format: RawFormat
    records: str = ""
    written: Written | None = None
    keys: Counter[str] = field(default_factory=Counter)
    sampled: int = 0
    kinds: Counter[str | None] = field(default_factory=Counter)
    kind_keys: dict[str | None, set[str]] = field(default_factory=dict)


class FoundRecord(NamedTuple):
    """A record: its place in the file, its members, the parsed ones among them, and why it can't be read."""

    number: int
    members: Mapping[str, str | None]
    nested: Mapping[str, Any]
    problem: str | None


class _Every(frozenset[str]):
    """The set of all keys."""

    def __contains__(self, key: object) -> bool:
        return True


def look(file: ForeignFile) -> SeenFile:
    """Detect the kind of a file from its first records.

    Raises:
        UnreadableError: it is neither JSON nor CSV, or holds no records.
    """
    with file.open() as stream:
        source = Source(stream, file.path)
        head = source.read(_HEAD)
        if not head:
            check_encoding(head)
        refuse_binary(head)
        is_csv = has_ending(file.path, CSV)
        if len(head) < _HEAD and not head.removeprefix(BOM_UTF8).strip():
            raise UnreadableError("the file has only blanks", hint="remove it, or fetch it again")
        begins = first_mark(head.decode("utf-8", "replace"))
        source.rewind()
        if begins and begins in "[{" and not is_csv:
            seen = SeenFile(file, RawFormat.JSON, records=_find_records(source))
        elif has_ending(file.path, JSON):
            decode(source.read(MAX_WHOLE))
            shown = head[:40].decode("utf-8", "replace").split("\n")[0]
            raise UnreadableError(f"expected a JSON array or object, found {shown!r}", hint="fetch it again")
        else:
            seen = SeenFile(file, RawFormat.CSV, written=sniff(source, must=has_ending(file.path, CSV + TEXT)))
    for found in records(seen):
        if found.problem is None:
            seen.sampled += 1
            seen.keys.update(found.members.keys())
            kind = found.members.get(KINDS)
            seen.kinds[kind] += 1
            seen.kind_keys.setdefault(kind, set()).update(found.members)
        if seen.sampled >= _SAMPLE:
            break
    if not seen.sampled:
        raise UnreadableError("no records found", hint="init needs a file with records")
    if seen.format is RawFormat.JSON and seen.keys.keys() >= _ERROR_KEYS and seen.sampled == 1:
        raise UnreadableError("an error body, no records", hint="fetch the file again")
    return seen


def _find_records(source: Source) -> str:
    content = source.read(MAX_WHOLE + 1)
    if len(content) > MAX_WHOLE:
        content = content[: content.find(b"\n") + 1]
    text = decode(content)
    try:
        path = find_records(text)
    except ValueError as error:
        raise UnreadableError(f"invalid JSON: {error}", hint="fetch the file again") from None
    if path is None:
        raise UnreadableError("no objects found", hint="a record is a JSON object")
    return path


def records(seen: SeenFile) -> Iterator[FoundRecord]:
    """Yield every record of a file, as framing finds them.

    Raises:
        UnreadableError: the file is refused; this may happen after its first records.
    """
    with seen.file.open() as stream:
        if seen.format is RawFormat.CSV:
            yield from _csv_records(seen, stream)
        else:
            yield from _json_records(seen, stream)


def _json_records(seen: SeenFile, stream: BinaryIO) -> Iterator[FoundRecord]:
    raw = Raw(path=("Raw",), format=RawFormat.JSON, records=(seen.records,) if seen.records != "." else (".", "[]"))
    layout = replace(_layout(raw, (Column(name="none", type="string"),)), keys=_Every())
    source = Source(stream, seen.file.path)
    content = source.read(MAX_WHOLE + 1)
    if len(content) <= MAX_WHOLE:
        reader = JsonReader(layout)
        texts: Iterator[str] = iter((decode(content),))
    else:
        source.rewind()
        reader = JsonReader(layout, lines=True)
        blocks = whole_lines(source.blocks(BLOCK), carriage_return=False)
        texts = (lines.decode("utf-8" if number else "utf-8-sig") for number, lines in enumerate(blocks))
    del content
    index = 0
    for text in texts:
        for record in reader.records(text):
            yield FoundRecord(index, record.members, record.nested, record.problem)
            index += 1


def _csv_records(seen: SeenFile, stream: BinaryIO) -> Iterator[FoundRecord]:
    written = seen.written
    if written is None:
        return
    names = [name for name in written.header if name and "`" not in name]
    columns = tuple(
        Column(name=f"c{number}", type="string", sources=(f"`{name}`",), nulls=()) for number, name in enumerate(names)
    )
    raw = Raw(path=("Raw",), format=RawFormat.CSV, dialect=written.dialect, nulls=())
    framing = _contract(raw, columns).framing()
    frames = frame_file(stream, path=seen.file.path, partition=(), framing=framing, block=_CSV_BLOCK)
    while True:
        try:
            batch = next(frames)
        except StopIteration as stop:
            if stop.value.problem is not None:
                raise UnreadableError(stop.value.problem, hint=stop.value.hint or "fetch the file again") from None
            return
        texts = [batch.column(text_column(column.name)).to_pylist() for column in columns]
        problems = batch.column("problem").to_pylist()
        for row, index in enumerate(batch.column("record_index").to_pylist()):
            members = {name: texts[at][row] for at, name in enumerate(names)}
            yield FoundRecord(index, members, {}, problems[row])


def _contract(raw: Raw, columns: tuple[Column, ...]) -> Contract:
    return Contract(table="raw", raw=raw, trusted="Trusted/raw", duplicates=Duplicates.KEEP, columns=columns)


def _layout(raw: Raw, columns: tuple[Column, ...]) -> Layout:
    return Layout.of(_contract(raw, columns).framing())
