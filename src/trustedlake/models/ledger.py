"""The ledger: what a table has published, from which raw files, and what was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime

from trustedlake.models.base import Frozen, written_as

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.models.contract import Contract

LEDGER_VERSION = 2
"""Raise it with each release that adds or changes a field: earlier programs then say that they need an upgrade."""

DRIFT, NULL, LOST, CONFLICT, TYPE = "drift", "null", "lost", "conflict", "type"
OVERRULED, QUARANTINE, UNTAKEN = "overruled", "quarantine", "untaken"
"""Kinds of warnings.

- `drift`: a column is absent
- `null`: a column has no value any more
- `lost`: duplicates had values that the kept records lack
- `conflict`: a source lost to another source
- `type`: values can't be converted to their column's type
- `overruled`: a newer record lost to an older one
- `quarantine`: records are in Quarantine
- `untaken`: no table takes some records of a file
"""


class RawFile(Frozen):
    """A raw file as it was read.

    Attributes:
        path: as in the lineage: relative to the lake, or the whole address if it is outside.
        size: bytes.
        sha256: hexadecimal; of the bytes as stored in Raw (compressed, if they are).
        tag: version tag of the store when it was read; only a shortcut, the checksum decides. Early tags of local files
            lack `touched`.
        records: records framed from it.
        elsewhere: records in it that the contract leaves to another table.
        trusted, rejected, duplicates: rows that the proof counted for it; None if an earlier version published.
        replaced: a later delivery of the same name replaces it, so all its records are in Quarantine.
        header: field names of a CSV file with rejected records, for reading their texts; else empty.
    """

    path: str
    size: int
    sha256: str
    tag: str
    records: int
    elsewhere: int = 0
    trusted: int | None = None
    rejected: int | None = None
    duplicates: int | None = None
    replaced: bool = False
    header: tuple[str, ...] = ()


class PublishedFile(Frozen):
    """A Parquet file in Trusted, Quarantine or `failed`.

    Attributes:
        key: relative to the store's root.
        size: bytes.
        rows: rows in it.
        sha256: hexadecimal.
        tag: version tag of the store after publishing; only a shortcut.
    """

    key: str
    size: int
    rows: int
    sha256: str
    tag: str = ""


class Counts(Frozen):
    """Records by verdict. `framed` is the sum of the others; `elsewhere` counts records left to another table."""

    framed: int = 0
    trusted: int = 0
    rejected: int = 0
    duplicates: int = 0
    elsewhere: int = 0

    @property
    def own(self) -> int:
        """Framed records that belong to this table."""
        return self.framed - self.elsewhere

    @property
    def rejected_share(self) -> float:
        """Rejected records / the table's own records, 0 to 1; 0 if it has none."""
        return self.rejected / self.own if self.own else 0.0

    def without_rejected(self, number: int) -> Counts:
        """Return the counts without `number` of the rejected records."""
        return self.model_copy(update={"framed": self.framed - number, "rejected": self.rejected - number})

    def __add__(self, other: Counts) -> Counts:
        """Add up, verdict by verdict."""
        return Counts(
            framed=self.framed + other.framed,
            trusted=self.trusted + other.trusted,
            rejected=self.rejected + other.rejected,
            duplicates=self.duplicates + other.duplicates,
            elsewhere=self.elsewhere + other.elsewhere,
        )


class Warned(Frozen):
    """A warning of a partition; it stays until a later run no longer finds it, or someone accepts it.

    Attributes:
        id: unique in the partition, starts with the kind: `drift-vote_average`, `lost`.
        since: when it was first reported.
        message: a sentence for the user.
        path: raw file that it was found in; empty if it is not about single files.
        more: other raw files that it was found in.
        why: why it was accepted; empty while it is open.
        renamed: key that now seems to hold the column's values; empty if there is none.
        advice: what the contract needs to read the values; empty if that is not known.
    """

    id: str
    since: AwareDatetime
    message: str
    path: str = ""
    more: tuple[str, ...] = ()
    why: str = ""
    renamed: str = ""
    advice: str = ""

    @property
    def kind(self) -> str:
        """The kind of warning: the first word of its id."""
        return self.id.partition("-")[0]

    @property
    def files(self) -> frozenset[str]:
        """The raw files that it was found in."""
        return frozenset((self.path, *self.more)) - {""}


class Refusal(Frozen):
    """Why a partition was not published, and its raw files; the same files are refused again without reading them.

    Attributes:
        gate: `unreadable`, `rejected` (too many), `empty` (no record accepted) or `strict`.
        max_rejected: the share that was allowed (0 to 1).
        strict: whether `--strict` was on.
        message, hint: sentences for the user; the hint is empty if an earlier version refused it.
        problems: path -> reason, for unreadable files.
        reasons: `column|rule` -> records.
        files: the refused Parquet files, stored under `failed`.
        since: when the partition was first refused; None if an earlier version refused it.
        warnings: columns that the raw files lack, with the keys that they seem to have now.
    """

    gate: str
    max_rejected: float
    strict: bool = False
    message: str
    hint: str = ""
    counts: Counts
    contract: int
    fingerprint: str = ""
    raw: tuple[RawFile, ...]
    problems: dict[str, str] = {}
    reasons: dict[str, int] = {}
    files: tuple[PublishedFile, ...] = ()
    since: AwareDatetime | None = None
    warnings: tuple[Warned, ...] = ()

    @property
    def is_renamed(self) -> bool:
        """Whether a key of the raw files seems to be renamed."""
        return any(warning.renamed for warning in self.warnings)


class Partition(Frozen):
    """What is published of one partition, and why its newest raw files were refused, if they were.

    Attributes:
        contract: version of the contract that judged the rows; 0 if nothing was published yet.
        fingerprint: checksum of that contract; empty if an earlier version published.
        raw: the files that the published rows come from.
        trusted, quarantine: the published files.
        columns: columns with at least one value in the published rows, be it an empty list.
        empty: those of the columns whose lists have no value in them; None if an earlier version published.
        reasons: `column|rule` -> rejected records; empty if an earlier version published.
        warnings: open and accepted ones.
        refusal: why the newest raw files were refused; None if they were not.
    """

    contract: int = 0
    fingerprint: str = ""
    counts: Counts = Counts()
    raw: tuple[RawFile, ...] = ()
    trusted: tuple[PublishedFile, ...] = ()
    quarantine: tuple[PublishedFile, ...] = ()
    columns: tuple[str, ...] = ()
    empty: tuple[str, ...] | None = None
    reasons: dict[str, int] = {}
    warnings: tuple[Warned, ...] = ()
    refusal: Refusal | None = None

    @property
    def open_warnings(self) -> tuple[Warned, ...]:
        """Warnings that nobody has accepted."""
        return tuple(warning for warning in self.warnings if not warning.why)

    @property
    def every_raw(self) -> tuple[RawFile, ...]:
        """The raw files behind the published rows, then the refused ones."""
        return (*self.raw, *(self.refusal.raw if self.refusal else ()))


class AcceptedUnreadable(Frozen):
    """An unreadable raw file that the user accepted: its partition is published without it.

    Attributes:
        sha256: of the accepted bytes; if the bytes change, the user must accept them again.
        reason: why it could not be read.
    """

    path: str
    sha256: str
    reason: str


class Ledger(Frozen):
    """The ledger of one table.

    Attributes:
        inputs, target: the folders it was written for, relative to the lake if they are inside it.
        partitions: `ano=2025/mes=06/dia=17` (or `""` for the whole table) -> what is published.
        accepted: unreadable files that the user accepted, by path.
        kept: raw files that vanished and whose rows the user keeps (`--vanished keep`).
        beside: raw files whose rows the user keeps although a later delivery has the same name (`--vanished keep`).
        columns: column -> type, as last published; empty if an earlier version published.
        warnings: messages of earlier versions about files that no table takes; `status` lists such files itself.
        runs: names of the last runs that changed the table, newest first; empty if an earlier version published.
    """

    version: Annotated[int, written_as(LEDGER_VERSION)] = LEDGER_VERSION
    table: str
    inputs: tuple[str, ...] = ()
    target: str = ""
    partitions: dict[str, Partition] = {}
    accepted: dict[str, AcceptedUnreadable] = {}
    kept: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    columns: dict[str, str] = {}
    warnings: tuple[Warned, ...] = ()
    runs: tuple[str, ...] = ()

    @property
    def every_warning(self) -> dict[str, tuple[Warned, ...]]:
        """Partition -> its warnings, open and accepted."""
        return {name: entry.warnings for name, entry in self.partitions.items() if entry.warnings}

    @property
    def open_warnings(self) -> dict[str, tuple[Warned, ...]]:
        """Partition -> its warnings that nobody has accepted."""
        found = {name: tuple(one for one in warnings if not one.why) for name, warnings in self.every_warning.items()}
        return {name: warnings for name, warnings in found.items() if warnings}


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table as readers should see it: only the files in the ledger.

    Attributes:
        folder: key of its folder in the store.
        partitions: `ano=2025/mes=06/dia=17` (or `""` for the whole table) -> its files; never empty.
    """

    contract: Contract
    folder: str
    partitions: Mapping[str, tuple[PublishedFile, ...]]
