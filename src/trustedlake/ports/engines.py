"""What turns raw files into staged Parquet, and reads it back: framer, engine, reader."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.models.contract import Contract
    from trustedlake.models.report import Lost, Overruled, Refused


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw file to frame.

    Attributes:
        key: in the store.
        path: as lineage shows it.
        size: bytes.
        partition: values of the partition columns; none for a table without partitions.
        others: positions of the other tables that read this file too, in the list that framing gets.
        folder: below the output folder, for the framed rows; empty: the output folder itself.
        replaced: a later delivery replaces it: `file|replaced` is the problem of each of its records.
    """

    key: str
    path: str
    size: int
    partition: tuple[str, ...] = ()
    others: tuple[int, ...] = ()
    folder: str = ""
    replaced: bool = False


class Framer(Protocol):
    """Turns raw files into framed rows on disk, and tells the facts of each file."""

    def frame(
        self,
        files: Sequence[RawInput],
        contract: Contract,
        out: Path,
        *,
        progress: Callable[[FileFacts], None],
        others: Sequence[Contract] = (),
    ) -> Sequence[FileFacts]:
        """Write the records of `files` into the empty folder `out`, or the folders below it that they name.

        Grain: one row per record, columns as `trustedlake.core.framing.explode` gives them. Rows of one raw
        file lie together, in order. `progress` is called once for each file. The files are Parquet for an engine,
        or Arrow IPC for an `Acceptor`: a framer is made for one of the two.

        Raises:
            RetriableError: a file vanished, or its size changed, while it was read.
        """
        ...


@dataclass(frozen=True, slots=True)
class Batch:
    """Framed rows to judge together: whole partitions.

    Attributes:
        framed: folder of Parquet files with the framed rows.
        records: rows in it.
        size: bytes of the raw files behind it.
        partitions: number of partitions in it.
        unknown_keys: whether a record may have keys that the contract doesn't know.
    """

    framed: Path
    records: int
    size: int
    partitions: int
    unknown_keys: bool = True


class Accepted(Protocol):
    """Records of a batch that are certain, typed and not yet written.

    Attributes:
        records: how many.
        left: why the others are not certain -> records.
        rest: those, framed rows in a folder of their own; None if there are none.
    """

    records: int
    left: Mapping[str, int]
    rest: Batch | None

    def write(self, trusted: Path, judged: Path | None) -> None:
        """Write them as Parquet below `trusted`, with the Trusted rows that an engine made of the rest below `judged`.

        As `Engine.judge` does: a folder a partition, one file in each, more only above about 128 MB.
        """
        ...


class Acceptor(Protocol):
    """Takes the records that are plainly right without an engine; it rejects none."""

    def batch_size(self, size: int) -> int:
        """Raw bytes that it is best given at once when `size` are to come."""
        ...

    def accept(self, batch: Batch, contract: Contract, *, rest: Path) -> Accepted:
        """Take the certain records of framed Arrow files; write the others as Parquet into the new folder `rest`."""
        ...


class Engine(Protocol):
    """Runs the DataFrame half of the core."""

    @property
    def name(self) -> str:
        """Name and version, for the report: `spark 4.1.4`."""
        ...

    @property
    def reason(self) -> str:
        """Why it is this one; empty where nothing was chosen. Known once it was started."""
        ...

    def start(self, *, size: int = 0) -> None:
        """Start what takes long to start; calling it twice is fine. Judging starts it too.

        `size` is the bytes of the raw files to come, as far as that is known: it may choose how to start.
        """
        ...

    def batch_size(self, size: int) -> int:
        """Raw bytes that it is best given at once when `size` are to come: `size` itself if it takes all together.

        Whole partitions are handed over; one that is larger comes alone.
        """
        ...

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge the framed rows, and write them as Parquet below the two folders.

        Below each: `ano=/mes=/dia=` folders (none for a table without partitions) with one file a
        partition, more only above about 128 MB. No file, and no folder, for a partition without rows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Newer:
    """Raw files of a partition that came after the others.

    Attributes:
        files: paths of all of them; new: of those that came now.
    """

    files: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()


NONE_NEWER = Newer()


@dataclass(frozen=True, slots=True)
class Contents:
    """What the staged files of one partition hold.

    Attributes:
        columns: contract columns with at least one value in Trusted.
        reasons: `column|rule` -> rejected records.
        refused: the first few rejected records, in order of file and index.
        lost: values of duplicates that the kept records lack.
        conflicts: source -> rows in which it lost to another source of its column, which says otherwise.
        corrected: address of a rejected record -> that of the accepted record with its key.
        overruled: records of newer files that lost to older ones, file by file.
    """

    columns: tuple[str, ...]
    reasons: dict[str, int]
    refused: tuple[Refused, ...]
    lost: Lost
    conflicts: dict[str, int] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)
    overruled: tuple[Overruled, ...] = ()


class StagedReader(Protocol):
    """Reads staged Parquet back, without the engine that wrote it."""

    def rows(self, file: Path) -> int:
        """Rows in a Parquet file, from its footer. Raises ImbalanceError if it can't be read."""
        ...

    def contents(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, newer: Newer = NONE_NEWER
    ) -> Contents:
        """What the staged files of one partition hold, for the report and the ledger."""
        ...

    def count(
        self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract, headers: Mapping[str, list[str]]
    ) -> Mapping[str, FileCounts]:
        """Per raw file (`file_path`): what the staged files hold of it. `headers`: path -> CSV header.

        Raises:
            ImbalanceError: a file can't be read, or its columns or types are not the contract's.
        """
        ...
