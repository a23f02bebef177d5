"""What the use cases need from the world; adapters provide it.

Each port's docstring is the contract that one shared test in `tests/contract` holds all
its implementations to.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime
    from pathlib import Path

    from trustedlake.core.facts import FileCounts, FileFacts
    from trustedlake.models.catalog import CatalogPartition, CatalogTable, Registered
    from trustedlake.models.contract import Contract
    from trustedlake.models.journal import Owner
    from trustedlake.models.lake import Entity
    from trustedlake.models.listing import Listing, Page
    from trustedlake.models.report import Refused


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """An object in a store.

    Attributes:
        key: its name, relative to the store's root, parts separated by `/`.
        size: bytes.
        tag: changes whenever the object is written again.
    """

    key: str
    size: int
    tag: str


class ObjectStore(Protocol):
    """Whole objects under keys: a folder or a bucket.

    Every write is whole or absent: no reader and no crash ever sees half an object.
    Raises InputError or FatalRemoteError where the medium refuses (disk full, read-only, no rights),
    naming the key and what the system said.
    """

    def list(self, prefix: str) -> Sequence[ObjectInfo]:
        """All objects below the folder `prefix`, at any depth, in byte order of their keys.

        Empty when there is no such folder. Half-written objects are not listed.
        """
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """The object's size and tag, None if there is none."""
        ...

    def read(self, key: str) -> bytes:
        """The object's bytes. Raises FileNotFoundError."""
        ...

    def open(self, key: str) -> BinaryIO:
        """The object as a seekable binary stream, for large ones. Raises FileNotFoundError."""
        ...

    def put(self, key: str, data: bytes, *, if_match: str | None = None, if_absent: bool = False) -> str:
        """Store `data` durably, whole or not at all, and return its tag.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs, or `if_absent` and the key
                exists: someone else wrote first.
        """
        ...

    def move(self, source: str, target: str, *, replaces: str | None) -> str:
        """Make the staged object `source` the object `target` in one step; return the new tag.

        `replaces` is the tag that `target` must have; None: it must not exist.

        Raises:
            ConflictError: the target is not what `replaces` says.
            FileNotFoundError: there is no `source`.
        """
        ...

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object; none there is fine.

        Raises:
            ConflictError: `if_match` is given and the stored tag differs.
        """
        ...

    def discard(self, prefix: str) -> None:
        """Remove all that lies below the folder `prefix`, half-written objects too; none there is fine.

        Not one step: cut half-way, some of it may be left.
        """
        ...

    def sync(self, prefixes: Iterable[str]) -> None:
        """Make the names in these folders (moves, deletes) survive a power cut."""
        ...

    def workspace(self, prefix: str) -> AbstractContextManager[Path]:
        """A local folder to write files into; on a clean exit they are objects below `prefix`, durable.

        On an exception nothing appears in a remote store; a local one may keep the folder for the sweep.
        """
        ...

    def local_file(self, key: str) -> AbstractContextManager[Path]:
        """The object as a local file to read, for as long as the context lasts. Raises FileNotFoundError."""
        ...

    def address(self, key: str) -> str:
        """How a user would name the object: an absolute path, or `s3://bucket/key`."""
        ...

    def now(self) -> datetime:
        """The time (UTC) by which deadlines in this store go."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""
        ...


class Host(Protocol):
    """Knows this process and whether another one still lives."""

    def owner(self) -> Owner:
        """This process, with a new token at each call."""
        ...

    def is_dead(self, owner: Owner) -> bool:
        """True only if the process provably ended: same host and boot, process gone."""
        ...


@dataclass(frozen=True, slots=True)
class RawInput:
    """A raw file to frame.

    Attributes:
        key: in the store.
        path: as lineage shows it.
        size: bytes.
        ano, mes, dia: ingestion date; empty strings for a table without partitions.
    """

    key: str
    path: str
    size: int
    ano: str
    mes: str
    dia: str


class Framer(Protocol):
    """Turns raw files into framed rows on disk, and tells the facts of each file."""

    def frame(
        self, files: Sequence[RawInput], contract: Contract, out: Path, *, progress: Callable[[FileFacts], None]
    ) -> Sequence[FileFacts]:
        """Write the records of `files` as Parquet files into the empty folder `out`.

        Grain: one row per record, columns as `trustedlake.core.framing.explode` gives them. Rows of one raw
        file lie together, in order. `progress` is called once for each file.

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
    """

    framed: Path
    records: int
    size: int
    partitions: int


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

    def judge(self, batch: Batch, contract: Contract, *, run_id: str, trusted: Path, quarantine: Path) -> None:
        """Type and judge the framed rows, and write them as Parquet below the two folders.

        Below each: `ano=/mes=/dia=` folders (none for a table without partitions) with one file a
        partition, more only above about 128 MB. No file, and no folder, for a partition without rows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Contents:
    """What the staged files of one partition hold.

    Attributes:
        columns: contract columns with at least one value in Trusted.
        reasons: `column|rule` -> rejected records.
        refused: the first few rejected records, in order of file and index.
    """

    columns: tuple[str, ...]
    reasons: dict[str, int]
    refused: tuple[Refused, ...]


class StagedReader(Protocol):
    """Reads staged Parquet back, without the engine that wrote it."""

    def rows(self, file: Path) -> int:
        """Rows in a Parquet file, from its footer. Raises ImbalanceError if it can't be read."""
        ...

    def contents(self, trusted: Sequence[Path], quarantine: Sequence[Path], contract: Contract) -> Contents:
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


class MovieSource(Protocol):
    """Films and series of TMDB. Each method is one call; whoever asks decides on pace and retries.

    Safe to share between threads. No error, and nothing it logs, holds the key.

    Every method raises:
        BusyError: the call failed in a way that passes: 429, 5xx, a broken line, a body that is not what was asked
            for. `wait_s` is what the answer's `Retry-After` says.
        FatalRemoteError: the key is wrong or has no rights, or the call itself is refused.
    """

    @property
    def address(self) -> str:
        """Where it is, without any key."""
        ...

    def page(self, listing: Listing, number: int) -> Page:
        """Page `number` (1 to 500) of a list, 20 items a page; beyond its end there are none."""
        ...

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """The film or series with its keywords: the body as it was sent, as one line of UTF-8 JSON.

        It is an object with that `id`. None: TMDB no longer has it (404).
        """
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class Catalog(Protocol):
    """One database of a catalog: tables of external files, and their partitions.

    Names of tables and columns are in lower case. Every method raises RetriableError where the catalog is busy
    or doesn't answer, ConfigError or FatalRemoteError where it refuses.
    """

    def ensure_database(self) -> None:
        """Make the database, if there is none."""
        ...

    def table(self, name: str) -> Registered | None:
        """The table as it is registered now; None if it isn't, or there is no database."""
        ...

    def create(self, table: CatalogTable) -> None:
        """Register a table.

        Raises:
            ConflictError: there is one of that name.
        """
        ...

    def replace(self, table: CatalogTable, *, version: str) -> None:
        """Let the table's entry of that version say this; what else the catalog keeps in it stays as it is.

        Raises:
            ConflictError: the entry has another version: someone else wrote first.
        """
        ...

    def partitions(self, table: str) -> Sequence[CatalogPartition]:
        """All registered partitions of the table; none where there is no such table."""
        ...

    def add(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Register partitions; those that someone registered meanwhile are left as they are."""
        ...

    def change(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Let registered partitions say this."""
        ...

    def remove(self, table: str, partitions: Sequence[CatalogPartition]) -> None:
        """Forget partitions; those that are gone already are fine. No file is touched."""
        ...
