"""What the audit counts: the records of each raw file (census), and the published rows for them (account).

The audit makes a census for each raw file and then compares every published row with it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from trustedlake.models.contract import Contract


TRUSTED = "trusted"
REJECTED = "rejected"
DUPLICATE = "duplicate"
UNREADABLE = "unreadable"

WHOLE_FILE = -1
"""Index of the row that stands for an unreadable file."""


class Witness(NamedTuple):
    """Identifies a record's contents.

    Attributes:
        key: texts that a duplicate shares with its winner.
        texts: texts of the compared columns, in order; whole numbers in their shortest form, empty for null.
    """

    key: str
    texts: tuple[str, ...]


class ComparedColumns(NamedTuple):
    """The columns whose texts the audit compares: those of the proof and of the key, if they are texts or integers.

    Attributes:
        names: names of the columns.
        key: positions of the columns that a duplicate shares with its winner.
    """

    names: tuple[str, ...]
    key: tuple[int, ...]

    @classmethod
    def of(cls, contract: Contract) -> ComparedColumns:
        """Return the compared columns of a contract."""
        plain = {column.name for column in contract.columns if column.kind.has_one_text}
        names = tuple(name for name in dict.fromkeys((*contract.witnesses, *contract.key)) if name in plain)
        # Without a unique key, duplicates are equal in every column.
        key = tuple(place for place, name in enumerate(names) if not contract.unique_key or name in contract.key)
        return cls(names, key)

    def witness(self, texts: Sequence[str]) -> Witness:
        """Return the witness of a record with these texts of the compared columns."""
        return Witness("\x1f".join(texts[place] for place in self.key), tuple(texts))


class TrustedRow(NamedTuple):
    """The fields of a Trusted row that the audit reads."""

    file_path: str
    record_index: int
    witness: Witness


class QuarantinedRow(NamedTuple):
    """The fields of a quarantined row that the audit reads; `winner` is `path#index`, empty unless duplicate."""

    file_path: str
    record_index: int
    verdict: str
    raw: str
    winner: str


class Census:
    """The records of one raw file by index; takes 25 bytes per record.

    Attributes:
        records: number of records.
        elsewhere: records that the contract leaves to another table.
        untaken: those of `elsewhere` that no other table takes.
        problem: why the file can't be read (then there are no records); None if it can.
    """

    def __init__(self, problem: str | None = None) -> None:
        self.records = self.elsewhere = self.untaken = 0
        self.problem = problem
        self._there = bytearray()
        self._texts = array("q")
        self._witnesses = array("q")
        self._keys = array("q")

    def add(self, text: bytes, witness: Witness) -> None:
        """Count the next place of the file as a record with this exact text."""
        self.records += 1
        self._append(1, hash(text), hash(witness.texts), hash(witness.key))

    def skip(self) -> None:
        """Count the next place of the file, which holds no record but a header or a blank line."""
        self._append(0, 0, 0, 0)

    def leave(self, *, untaken: bool) -> None:
        """Count the next place of the file as a record of another table, or of no table."""
        self.elsewhere += 1
        self.untaken += untaken
        self.skip()

    def has(self, index: int) -> bool:
        """Whether there is a record at this index."""
        return 0 <= index < len(self._there) and self._there[index] == 1

    def is_witness(self, index: int, witness: Witness) -> bool:
        """Whether the record at this index has this witness; the record must exist."""
        return self._witnesses[index] == hash(witness.texts)

    def is_text(self, index: int, text: bytes) -> bool:
        """Whether the record at this index has this exact text; the record must exist."""
        return self._texts[index] == hash(text)

    def key(self, index: int) -> int:
        """Return the hash of the record's key."""
        return self._keys[index]

    def missing(self, seen: Sequence[int]) -> Iterator[int]:
        """Yield the indexes of the records whose entry in `seen` is 0."""
        return (index for index, there in enumerate(self._there) if there and not seen[index])

    def __len__(self) -> int:
        """Return the number of places in the file."""
        return len(self._there)

    def _append(self, there: int, text: int, witness: int, key: int) -> None:
        self._there.append(there)
        self._texts.append(text)
        self._witnesses.append(witness)
        self._keys.append(key)


class Some:
    """Counts indexes and remembers the first few."""

    SHOWN = 5

    def __init__(self, indexes: Iterable[int] = ()) -> None:
        self.count = 0
        self.first: list[int] = []
        for index in indexes:
            self.add(index)

    def add(self, index: int) -> None:
        """Count one."""
        self.count += 1
        if len(self.first) < self.SHOWN:
            self.first.append(index)

    def __str__(self) -> str:
        return some((f"#{index}" for index in self.first), self.SHOWN, total=self.count)


_INDEX_DIGITS = 10
_SEEN = 1
_IS_TRUSTED = 2


class FileAccount:
    """The published rows of one raw file.

    Attributes:
        census: census of the raw file; None if the file vanished or changed since publishing, so that its rows can
            only be counted.
        verdicts: rows by verdict.
        doubled: records with more than one row.
        unknown: rows that belong to no record.
        changed: rows whose contents differ from their record.
        lost_winners: duplicates whose winner is not the trusted record with the same key.
    """

    def __init__(self, census: Census | None) -> None:
        self.census = census
        self.verdicts = {TRUSTED: 0, REJECTED: 0, DUPLICATE: 0, UNREADABLE: 0}
        self.doubled, self.unknown, self.changed, self.lost_winners = Some(), Some(), Some(), Some()
        self._seen = bytearray(len(census) if census else 0)
        # Without a census a row may have any index: use a dict, so that an index of 2^31 doesn't cost 2 GB.
        self._seen_anywhere: dict[int, int] = {}

    @property
    def rows(self) -> int:
        """Number of rows that stand for a record."""
        return self.verdicts[TRUSTED] + self.verdicts[REJECTED] + self.verdicts[DUPLICATE]

    @property
    def missing(self) -> Some:
        """Records of the raw file that have no row."""
        return Some(self.census.missing(self._seen)) if self.census else Some()

    def is_trusted(self, index: int) -> bool:
        """Whether the record has a trusted row."""
        return bool(self._marks(index) & _IS_TRUSTED)

    def take(self, index: int, verdict: str) -> bool:
        """Count a row; return whether its text can be compared with a record."""
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1
        if index == WHOLE_FILE and verdict == UNREADABLE:
            return False
        if index < 0 or (self.census is not None and not self.census.has(index)):
            self.unknown.add(index)
            return False
        marks = self._marks(index)
        if marks:
            self.doubled.add(index)
        seen = self._seen_anywhere if self.census is None else self._seen
        seen[index] = marks | _SEEN | (_IS_TRUSTED if verdict == TRUSTED else 0)
        return self.census is not None

    def _marks(self, index: int) -> int:
        if self.census is None:
            return self._seen_anywhere.get(index, 0)
        return self._seen[index] if 0 <= index < len(self._seen) else 0


class PartitionAccount:
    """The published rows of one partition; add all trusted rows before the first quarantined row."""

    def __init__(self, censuses: Mapping[str, Census | None]) -> None:
        """`censuses`: raw file path, as in the lineage -> its census."""
        self.files = {path: FileAccount(census) for path, census in censuses.items()}
        self.strangers: dict[str, int] = {}

    def trusted(self, row: TrustedRow) -> None:
        """Add a row of Trusted."""
        file = self._file(row.file_path)
        if file is None or not file.take(row.record_index, TRUSTED):
            return
        if file.census is not None and not file.census.is_witness(row.record_index, row.witness):
            file.changed.add(row.record_index)

    def quarantined(self, row: QuarantinedRow) -> None:
        """Add a row of Quarantine."""
        file = self._file(row.file_path)
        if file is None:
            return
        comparable = file.take(row.record_index, row.verdict)
        if comparable and file.census is not None and not file.census.is_text(row.record_index, row.raw.encode()):
            file.changed.add(row.record_index)
        if row.verdict == DUPLICATE and not self._has_winner(row, file):
            file.lost_winners.add(row.record_index)

    def _file(self, path: str) -> FileAccount | None:
        file = self.files.get(path)
        if file is None:
            self.strangers[path] = self.strangers.get(path, 0) + 1
        return file

    def _has_winner(self, row: QuarantinedRow, file: FileAccount) -> bool:
        path, _, index = row.winner.rpartition("#")
        winner = self.files.get(path)
        # A longer number is not an index, and `int` refuses more than 4,300 digits.
        if winner is None or not index.isdecimal() or len(index) > _INDEX_DIGITS or not winner.is_trusted(int(index)):
            return False
        mine, its = file.census, winner.census
        if mine is None or its is None or not (mine.has(row.record_index) and its.has(int(index))):
            return True
        return mine.key(row.record_index) == its.key(int(index))
