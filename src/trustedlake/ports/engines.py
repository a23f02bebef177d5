"""Ports that turn raw files into staged Parquet and read it back: framer, acceptor, engine, reader."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Mapping, Sequence
    from pathlib import Path

    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.core.renames import Before
    from trustedlake.models.contract import Contract
    from trustedlake.models.report import Lost, Overruled, Refused

MAX_FILE = 128 << 20
"""Target size of a Parquet file in bytes; files should not be much larger."""

COMPRESSION = "zstd"
"""How the pages of published Parquet files are compressed, by the accept lane and by every engine."""

_RAW_PER_PARQUET = 2
"""Raw bytes per byte of Parquet, estimated low. Measured: 2.4 (films) to 5 (CSV)."""


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw file to frame.

    Attributes:
        key: its key in the store.
        path: its path, as in the lineage.
        size: bytes.
        partition: values of the partition columns; empty for a table without partitions.
        others: positions of the other tables that read this file too, in the list that framing gets.
        folder: subfolder of the output folder for the framed rows; empty: the output folder itself.
        replaced: a later delivery replaces it, so each of its records has the problem `file|replaced`.
    """

    key: str
    path: str
    size: int
    partition: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    folder: str = ""
    replaced: bool = False


class Framer(Protocol):
    """Turns raw files into framed rows on disk, and returns the facts of each file."""

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> Generator[Sequence[FileFacts], None, None]:
        """Write the records of `files` into the empty folder `out`, or into the subfolders that they name.

        Grain: one row per record, columns as `trustedlake.core.framing.explode` gives them. Rows of one raw
        file are stored together, in order. `progress` is called once per file. The output files are Parquet for an
        engine, or Arrow IPC for an `Acceptor`; a framer instance writes only one of the two.

        Yields one list of facts per subfolder, as soon as all its rows are written: subfolders sorted by name, files in
        their order. Later subfolders may be framed ahead; close the iterator to stop that.

        Raises:
            RetriableError: a file vanished, or its size changed, while it was read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Framed rows of whole partitions, to be judged together.

    Attributes:
        framed: folder of files with the framed rows.
        records: number of rows in it.
        size: bytes of the raw files behind it.
        partitions: number of partitions in it.
        unknown_keys: whether a record may have keys that the contract doesn't know.
    """

    framed: Path
    records: int
    size: int
    partitions: int
    unknown_keys: bool = True

    @property
    def rows_per_file(self) -> int:
        """Number of rows for a Parquet file of about MAX_FILE bytes."""
        return max(1, math.ceil(MAX_FILE * _RAW_PER_PARQUET * self.records / max(self.size, 1)))


class Accepted(Protocol):
    """Records of a batch that are certain and typed, but not yet written.

    Attributes:
        records: number of these records.
        left: why the other records are not certain -> number of records.
        rest: the other records, as framed rows in a folder of their own; None if there are none.
    """

    records: int
    left: Mapping[str, int]
    rest: Batch | None

    def write(self, trusted: Path, judged: Path | None) -> None:
        """Write them as Parquet below `trusted`, and add the rest's Trusted rows that an engine wrote below `judged`.

        Same layout as `Engine.judge`: one folder per partition with one file, more files only above about 128 MB.
        """
        ...


class Acceptor(Protocol):
    """Accepts records that are certainly valid, without an engine; never rejects a record."""

    def batch_size(self, size: int) -> int:
        """Return the best number of raw bytes per batch if `size` bytes are to come."""
        ...

    def accept(self, batch: Batch, contract: Contract, *, rest: Path) -> Accepted:
        """Accept the certain records of framed Arrow files; write the others as Parquet into the new folder `rest`."""
        ...


class Engine(Protocol):
    """Runs `core.judging`."""

    @property
    def name(self) -> str:
        """Name and version, for the report, such as `spark 4.1.4`."""
        ...

    @property
    def reason(self) -> str:
        """Why this engine was chosen; empty if there was no choice. Known after `start`."""
        ...

    def start(self, *, size: int = 0) -> None:
        """Start whatever takes long to start; calling it twice is fine. `judge` starts it too.

        `size`: bytes of the raw files to come, if known; the engine may use it to decide how to start.
        """
        ...

    def batch_size(self, size: int) -> int:
        """Return the best number of raw bytes per batch if `size` bytes are to come; `size` means a single batch.

        The caller hands over whole partitions; a partition larger than this is a batch of its own.
        """
        ...

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge the framed rows, and write them as Parquet below the two folders.

        Each has `ano=/mes=/dia=` folders (none for a table without partitions) with one file per partition, more
        only above about 128 MB. A partition without rows has no folder and no file.
        """
        ...


@dataclass(frozen=True, slots=True)
class Newer:
    """Raw files of a partition that arrived after the others.

    Attributes:
        files: paths of all of them.
        new: paths of those that arrived since the last run.
    """

    files: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()


NONE_NEWER = Newer()


@dataclass(frozen=True, slots=True)
class Contents:
    """Contents of the staged files of one partition.

    Attributes:
        columns: contract columns with at least one value in Trusted, be it an empty list.
        empty: those of the columns whose lists have no value in them.
        reasons: `column|rule` -> rejected records.
        refused: the first few rejected records, in order of file and index.
        lost: values of duplicates that the kept records lack.
        conflicts: source -> rows in which it lost to another source of its column with a different value.
        corrected: address of a rejected record -> address of the accepted record with the same key.
        repeated: address of a rejected record -> address of the first rejected record with the same key, if that is in
            an earlier file and no accepted record has the key.
        overruled: records of newer files that lost to older ones, by file.
    """

    columns: tuple[str, ...]
    empty: tuple[str, ...]
    reasons: dict[str, int]
    refused: tuple[Refused, ...]
    lost: Lost
    conflicts: dict[str, int] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, str] = field(default_factory=dict)
    overruled: tuple[Overruled, ...] = ()


class EarlierColumn(Protocol):
    """A column of a Trusted file, read once."""

    def before(self, records: Collection[tuple[str, ...]]) -> Before:
        """Return what is in it, with the values of the records that have these texts of the primary key."""
        ...


class StagedReader(Protocol):
    """Reads staged Parquet back, without the engine that wrote it."""

    def rows(self, file: Path) -> int:
        """Return the number of rows in a Parquet file, from its footer. Raises ImbalanceError if it can't be read."""
        ...

    def earlier(self, file: Path, contract: Contract, column: str) -> EarlierColumn:
        """Read a column of a Trusted file; it has no rows if the file is damaged or has other columns."""
        ...

    def contents(
        self,
        trusted: Sequence[Path],
        quarantine: Sequence[Path],
        contract: Contract,
        headers: Mapping[str, list[str]],
        newer: Newer = NONE_NEWER,
    ) -> Contents:
        """Return the contents of the staged files of one partition, for the report and the ledger.

        `headers`: path -> CSV header.
        """
        ...

    def count(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, headers: Mapping[str, list[str]]
    ) -> Mapping[str, FileCounts]:
        """Count what the staged files hold of each raw file (`file_path`). `headers`: path -> CSV header.

        Raises:
            ImbalanceError: a file can't be read, or its columns or types differ from the contract's.
        """
        ...
