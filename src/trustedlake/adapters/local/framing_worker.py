"""Frames raw files into files of rows, in this process or in one that `ProcessFramer` started.

As a separate process it speaks JSON lines: one task per line on stdin, one reply per line on stdout. It ends when
stdin closes, so it never outlives its parent.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc, parquet

from trustedlake.adapters.local.disk import refusal
from trustedlake.adapters.local.without_pandas import without_pandas
from trustedlake.core.facts import REPLACED, FileFacts
from trustedlake.core.framing.explode import unreadable_row
from trustedlake.core.framing.frames import Frames
from trustedlake.core.framing.layout import framed_schema
from trustedlake.errors import InputError, RetriableError, TrustedLakeError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from types import TracebackType

FILE_BYTES = 8 << 20
"""A file of rows is closed when it holds this much raw text: the amount that an engine reads at once."""

_FACTS = [field.name for field in fields(FileFacts)]


class LocalRaw(NamedTuple):
    """A raw file to frame.

    Attributes:
        local: its path on this machine.
        path: its name in lineage.
        partition: values of the partition columns.
        size: bytes, as listed.
        others: which other tables that read the same folder may have records in this file.
        replaced: a later delivery replaces it, so each of its records gets that problem.
    """

    local: Path
    path: str
    partition: tuple[str, ...]
    size: int
    others: tuple[int, ...] = ()
    replaced: bool = False


class Output(NamedTuple):
    """Where framed rows are written.

    Attributes:
        folder: root of the output; it contains the folders that files name.
        prefix: start of the file names.
        arrow: write Arrow IPC files, else Parquet. Arrow takes a sixth of the time to write and none to read, but
            three times the space.
    """

    folder: Path
    prefix: str
    arrow: bool


class FramedFiles:
    """A folder of framed rows: many small raw files share one file, a large raw file gets several.

    Rows keep the order in which the raw files are framed; file names sort in the same order.
    """

    def __init__(self, output: Output, framing: Mapping[str, Any]) -> None:
        self._output = output
        self._folder = output.folder
        self._framing = framing
        self._schema = framed_schema(framing)
        self._batches: list[pa.RecordBatch] = []
        self._replaced: set[str] = set()
        self._bytes = 0
        self._files = 0
        self._writer = ThreadPoolExecutor(1)
        self._written: Future[None] | None = None

    def __enter__(self) -> FramedFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._writer:
            if kind is None:
                self.close_folder()

    def open_folder(self, name: str) -> None:
        """Write the following rows into the existing folder `name`; empty: into the root."""
        folder = self._output.folder / name
        if folder != self._folder:
            self.close_folder()
            self._folder = folder

    def close_folder(self) -> None:
        """Finish writing the rows so far."""
        self._write()
        self._wait()

    def frame(self, files: Sequence[LocalRaw]) -> list[FileFacts]:
        """Frame raw files, in order; small ones share batches of rows.

        Raises:
            InputError: a file can't be read, or its rows can't be written.
            RetriableError: a file's size differs from the listed one, or the file is gone.
        """
        frames = Frames(self._framing)
        self._replaced = {file.path for file in files if file.replaced}
        for file in files:
            try:
                with file.local.open("rb") as stream:
                    self._add(frames.add(stream, path=file.path, partition=file.partition, others=file.others))
            except FileNotFoundError:
                raise vanished(file.path) from None
            except OSError as error:
                raise InputError(
                    f"{file.path}: can't read the file: {error}", hint="give this user read permission"
                ) from error
            found = frames.facts.get(file.path)
            if found is not None and found.problem is not None:
                self._add([unreadable_row(found, file.partition, self._framing)])
        self._add(frames.finish())
        facts = [frames.facts[file.path] for file in files]
        for file, one in zip(files, facts, strict=True):
            if one.size != file.size:
                raise RetriableError(
                    f"{file.path}: {file.size} bytes were listed, {one.size} were read: it changed while it was read",
                    hint="run again once nothing writes to Raw",
                )
        return facts

    def _add(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            self._batches.append(_marked(batch, self._replaced) if self._replaced else batch)
            self._bytes += batch.column("raw").nbytes
            if self._bytes >= FILE_BYTES:
                self._write()

    def _write(self) -> None:
        if not self._batches:
            return
        table = pa.Table.from_batches(self._batches, self._schema)
        self._wait()  # write one file at a time: more would only wait in memory
        file = self._folder / f"{self._output.prefix}-{self._files:05d}.{'arrow' if self._output.arrow else 'parquet'}"
        self._written = self._writer.submit(_write, table, file, ["file_path", *self._framing["partition"]])
        self._files += 1
        self._batches = []
        self._bytes = 0

    def _wait(self) -> None:
        if self._written is not None:
            self._written.result()
            self._written = None


def _marked(batch: pa.RecordBatch, replaced: Collection[str]) -> pa.RecordBatch:
    """Mark the rows of replaced files as replaced; an unreadable file's row keeps its problem."""
    of_one = pc.and_(
        pc.is_in(batch.column("file_path"), value_set=pa.array(sorted(replaced), pa.string())),
        pc.greater_equal(batch.column("record_index"), 0),
    )
    problem = pc.if_else(of_one, pa.scalar(REPLACED, pa.string()), batch.column("problem"))
    return batch.set_column(batch.schema.get_field_index("problem"), batch.schema.field("problem"), problem)


def _write(table: pa.Table, file: Path, repeated: Sequence[str]) -> None:
    try:
        if file.suffix == ".arrow":
            with pa.OSFile(str(file), "wb") as sink, ipc.new_file(sink, table.schema) as writer:
                writer.write_table(table)
        else:
            parquet.write_table(table, file, compression="lz4", use_dictionary=repeated, write_statistics=False)
    except OSError as error:
        raise refusal(file, error) from error


def vanished(path: str) -> RetriableError:
    """Build the error for a raw file that was listed and is now gone."""
    return RetriableError(f"{path}: it vanished while it was read", hint="run again once nothing writes to Raw")


def main() -> None:
    """Answer the tasks on stdin; the first line says where to write and how to frame."""
    without_pandas()
    gc.disable()  # parsed records have no reference cycles, and the collector takes a quarter of the time
    try:
        _serve()
    except BrokenPipeError:
        # The parent is gone; keep Python from complaining when it flushes stdout at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _serve() -> None:
    setting = json.loads(sys.stdin.readline() or "null")
    if setting is None:
        return
    try:
        folder, prefix, arrow = setting["output"]
        with FramedFiles(Output(Path(folder), prefix, arrow), setting["framing"]) as framed:
            for task in map(json.loads, sys.stdin):
                _reply(_answer(framed, task))
    except TrustedLakeError as error:
        _reply(_refusal(error))
    else:
        _reply({})


def _answer(framed: FramedFiles, task: Mapping[str, Any]) -> dict[str, Any]:
    try:
        framed.open_folder(task["folder"])
        facts = framed.frame(
            [
                LocalRaw(Path(local), path, tuple(partition), size, tuple(others), replaced)
                for local, path, partition, size, others, replaced in task["files"]
            ]
        )
    except TrustedLakeError as error:
        return _refusal(error)
    return {"facts": [{name: getattr(one, name) for name in _FACTS} for one in facts]}


def _refusal(error: TrustedLakeError) -> dict[str, Any]:
    return {"error": type(error).__name__, "message": error.message, "hint": error.hint}


def _reply(answer: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
