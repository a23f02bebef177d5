"""Turn raw files into framed rows and facts: one after another, or inside an engine."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import pyarrow as pa

from trustedlake.core.facts import FileFacts
from trustedlake.core.framing.csv_file import frame_csv
from trustedlake.core.framing.json_file import JsonFiles
from trustedlake.core.framing.layout import Layout, Lineage, framed_schema
from trustedlake.core.framing.source import BLOCK, MAX_WHOLE, Source, UnreadableError
from trustedlake.core.framing.tally import unreadable_facts
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence

UNREADABLE = "file|unreadable"
"""Problem of the row (record_index -1) that stands for an unreadable file."""

FACTS_INDEX = -2
"""`record_index` of the row that holds a file's facts as JSON in `problem`."""


class Frames:
    """Frames raw files one after another; small files share batches.

    Attributes:
        facts: facts of the files whose rows were all yielded, by path.

    Args:
        framing: `Contract.framing()`.
        max_whole: bytes of JSON that may be in memory at once; a larger file must be NDJSON.
        max_line: longest line in bytes in a file that is framed line by line; a longer one makes it unreadable.
        block: bytes of a larger file, or of a CSV file, that are framed at once.
        quick: let msgspec frame plain JSON if it is installed; the result is the same.
    """

    def __init__(
        self,
        framing: Mapping[str, Any],
        *,
        max_whole: int = MAX_WHOLE,
        max_line: int = MAX_WHOLE,
        block: int = BLOCK,
        quick: bool = True,
    ) -> None:
        self._framing = framing
        self._layout = Layout.of(framing)
        self.facts: dict[str, FileFacts] = {}
        self._json = JsonFiles(
            self._layout, self.facts, max_whole=max_whole, max_line=max_line, block=block, quick=quick
        )
        self._max_line = max_line
        self._block = block

    def add(
        self, stream: BinaryIO, *, path: str, partition: tuple[str, ...], others: Sequence[int] = ()
    ) -> Iterator[pa.RecordBatch]:
        """Frame the next raw file; yield batches of rows of this file and of earlier files.

        Grain: one row per record, in order. Columns: `framed_schema(framing)`. An unreadable file yields
        no rows; its facts have the shape `unreadable`, the problem and a hint.

        Args:
            stream: the file, seekable, at its beginning.
            path: for lineage; a file whose name ends in `.gz` is decompressed.
            partition: values of the partition columns; empty for a table without partitions.
            others: which of `framing["others"]` read the same file.
        """
        source = Source(stream, path)
        lineage = Lineage(path, tuple(partition))
        theirs = tuple(self._layout.others[number] for number in others)
        try:
            if self._framing["format"] == "csv":
                rows = frame_csv(source, self._layout, lineage, theirs, max_line=self._max_line, block=self._block)
                self.facts[path] = yield from rows
            else:
                yield from self._json.add(source, lineage, theirs)
        except UnreadableError as error:
            yield from self.finish()
            self.facts[path] = unreadable_facts(path, source, error)

    def finish(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows that are still held."""
        yield from self._json.finish()


def frame_file(
    stream: BinaryIO,
    *,
    path: str,
    partition: tuple[str, ...],
    framing: Mapping[str, Any],
    others: Sequence[int] = (),
    quick: bool = True,
    **limits: int,
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame one raw file (see `Frames`): yield batches of rows, return the facts of the same bytes."""
    frames = Frames(framing, quick=quick, **limits)
    yield from frames.add(stream, path=path, partition=partition, others=others)
    yield from frames.finish()
    return frames.facts[path]


class ListedFile(NamedTuple):
    """A raw file as the listing gives it: its path for lineage, its partition, and the other tables that read it."""

    path: str
    partition: tuple[str, ...]
    others: tuple[int, ...] = ()


def frame_arrow(
    framing: Mapping[str, Any],
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function that frames raw files inside an engine, for `DataFrame.mapInArrow`.

    Grain: one row per raw file -> one row per record. Input columns: `address string, path string, size bigint,
    others array<int>, partition array<string>, content binary`; if content is null, the task opens `address` as a
    local file. Output columns: `framed_schema(framing)`. An unreadable file becomes one row with record_index -1,
    the problem `file|unreadable` and the reason in `raw`.

    Raises (inside the engine's task):
        RetriableError: the size of a file differs from the size in the listing.
    """
    plain = dict(framing)

    def frame(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for row in range(batch.num_rows):
                yield from _frame_row(batch.slice(row, 1).to_pylist()[0], plain)

    return frame


def _frame_row(row: dict[str, Any], framing: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    content, file = row["content"], ListedFile(row["path"], tuple(row["partition"]), tuple(row["others"]))
    with open(row["address"], "rb") if content is None else io.BytesIO(content) as stream:  # noqa: PTH123 - the core has no paths
        facts = yield from _frame_whole(stream, file, framing)
    if facts.size != row["size"]:
        raise RetriableError(
            f"{file.path}: listed with {row['size']} bytes, read {facts.size}: it changed while it was read",
            hint="run again once nothing writes to Raw",
        )


def _frame_whole(
    stream: BinaryIO, file: ListedFile, framing: Mapping[str, Any]
) -> Generator[pa.RecordBatch, None, FileFacts]:
    """Frame a file; if it is unreadable, yield the one row that stands for it."""
    facts = yield from frame_file(stream, path=file.path, partition=file.partition, framing=framing, others=file.others)
    if facts.problem is not None:
        yield unreadable_row(facts, file.partition, framing)
    return facts


def unreadable_row(facts: FileFacts, partition: tuple[str, ...], framing: Mapping[str, Any]) -> pa.RecordBatch:
    """Make the one row that stands for an unreadable file, so that the file shows up in Quarantine."""
    row = {
        "file_path": facts.path,
        "record_index": -1,
        "raw": facts.told,
        "problem": UNREADABLE,
        **dict(zip(framing["partition"], partition, strict=True)),
    }
    return pa.RecordBatch.from_pylist([row], schema=framed_schema(framing))


def frame_binary_files(
    framing: Mapping[str, Any], listed: Mapping[str, ListedFile]
) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """Return the function that frames raw files inside an engine, for `DataFrame.mapInArrow`.

    Grain: one row per raw file -> one row per record, and one more per file with its facts. Input columns:
    `path string` (a key of `listed`), `content binary`. Output columns: `framed_schema(framing)`. An unreadable
    file becomes one row with record_index -1, the problem `file|unreadable` and the reason in `raw`. The row with
    the facts comes last, so a file with facts was framed completely; `read_facts` reads it.
    """
    plain, known = dict(framing), dict(listed)

    def frame(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for path, content in zip(batch.column("path"), batch.column("content"), strict=True):
                facts = yield from _frame_whole(io.BytesIO(content.as_py()), known[path.as_py()], plain)
                yield _facts_row(facts, plain)

    return frame


def _facts_row(facts: FileFacts, framing: Mapping[str, Any]) -> pa.RecordBatch:
    row = {
        "file_path": facts.path,
        "record_index": FACTS_INDEX,
        "problem": json.dumps(asdict(facts)),
        **dict.fromkeys(framing["partition"], ""),
    }
    return pa.RecordBatch.from_pylist([row], schema=framed_schema(framing))


def read_facts(problem: str) -> FileFacts:
    """Read the facts from the `problem` of a file's last row."""
    return FileFacts(**json.loads(problem))
