"""Turn raw files into framed rows and facts inside an engine: rows of files in, rows of records out."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import pyarrow as pa

from trustedlake.core.facts import FileFacts
from trustedlake.core.framing.frames import frame_file
from trustedlake.core.framing.layout import framed_schema
from trustedlake.errors import RetriableError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping

UNREADABLE = "file|unreadable"
"""Problem of the row (record_index -1) that stands for an unreadable file."""

FACTS_INDEX = -2
"""`record_index` of the row that holds a file's facts as JSON in `problem`."""


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
