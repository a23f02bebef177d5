"""Turn raw files into framed rows and facts, one file after another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from trustedlake.core.framing.csv_file import frame_csv
from trustedlake.core.framing.json_file import JsonFiles
from trustedlake.core.framing.layout import Layout, Lineage
from trustedlake.core.framing.source import BLOCK, MAX_WHOLE, Source, UnreadableError
from trustedlake.core.framing.tally import unreadable_facts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    import pyarrow as pa

    from trustedlake.core.facts import FileFacts


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
