"""Turn raw files from Spark's `binaryFile` reader into framed rows, plus a row with each file's facts."""

from __future__ import annotations

import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from trustedlake.core.facts import FileFacts
from trustedlake.core.framing.explode import frame_file, unreadable_row
from trustedlake.core.framing.layout import framed_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

FACTS_INDEX = -2
"""`record_index` of the row that holds a file's facts as JSON in `problem`."""


class ListedFile(NamedTuple):
    """A raw file as the listing gives it: its path for lineage, its partition, and the other tables that read it."""

    path: str
    partition: tuple[str, ...]
    others: tuple[int, ...] = ()


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
                yield from _frame_one(known[path.as_py()], content.as_py(), plain)

    return frame


def _frame_one(file: ListedFile, content: bytes, framing: dict[str, Any]) -> Iterator[pa.RecordBatch]:
    facts = yield from frame_file(
        io.BytesIO(content), path=file.path, partition=file.partition, framing=framing, others=file.others
    )
    if facts.problem is not None:
        yield unreadable_row(facts, file.partition, framing)
    yield _facts_row(facts, framing)


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
