"""What a raw file holds, record by record, small enough to keep: three hashes a record.

The audit fills one for each raw file and then holds every published row against it.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.models.contract import Contract

TRUSTED = "trusted"
REJECTED = "rejected"
DUPLICATE = "duplicate"
UNREADABLE = "unreadable"

WHOLE_FILE = -1
"""Index of the row that stands for an unreadable file."""


class Witness(NamedTuple):
    """What tells one record from another.

    Attributes:
        key: what a duplicate has in common with its winner.
        texts: of the compared columns, in order; whole numbers in their shortest form, empty for null.
    """

    key: str
    texts: tuple[str, ...]


class Compared(NamedTuple):
    """The columns whose texts the audit compares: those of the proof and of the key, if they are texts or integers.

    Attributes:
        names: of the columns.
        key: places of those that a duplicate has in common with its winner.
    """

    names: tuple[str, ...]
    key: tuple[int, ...]

    @classmethod
    def of(cls, contract: Contract) -> Compared:
        """Those of a contract."""
        plain = {column.name for column in contract.columns if column.type in {"string", "int", "bigint"}}
        names = tuple(name for name in dict.fromkeys((*contract.witnesses, *contract.key)) if name in plain)
        # Where a key decides nothing, duplicates are equal in everything.
        key = tuple(place for place, name in enumerate(names) if not contract.unique_key or name in contract.key)
        return cls(names, key)

    def witness(self, texts: Sequence[str]) -> Witness:
        """The witness of a record with these texts of the compared columns."""
        return Witness("\x1f".join(texts[place] for place in self.key), tuple(texts))


class TrustedRow(NamedTuple):
    """What the audit reads of a Trusted row."""

    file_path: str
    record_index: int
    witness: Witness


class QuarantinedRow(NamedTuple):
    """What the audit reads of a quarantined row; `winner` is `path#index`, empty unless it is a duplicate."""

    file_path: str
    record_index: int
    verdict: str
    raw: str
    winner: str


class Census:
    """The records of one raw file, by their index; 25 bytes a record.

    Attributes:
        records: how many there are.
        elsewhere: how many the contract leaves to another table.
        untaken: how many of those no other table takes.
        problem: why the file can't be read, None if it can; there is no record then.
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
        """Count the next place of the file as none: a header, a blank line."""
        self._append(0, 0, 0, 0)

    def leave(self, *, untaken: bool) -> None:
        """Count the next place of the file as a record of another table, or of none."""
        self.elsewhere += 1
        self.untaken += untaken
        self.skip()

    def has(self, index: int) -> bool:
        """Whether there is such a record."""
        return 0 <= index < len(self._there) and self._there[index] == 1

    def is_witness(self, index: int, witness: Witness) -> bool:
        """Whether the record, which is there, has this witness."""
        return self._witnesses[index] == hash(witness.texts)

    def is_text(self, index: int, text: bytes) -> bool:
        """Whether the record, which is there, has this exact text."""
        return self._texts[index] == hash(text)

    def key(self, index: int) -> int:
        """Hash of the record's key."""
        return self._keys[index]

    def missing(self, seen: Sequence[int]) -> Iterator[int]:
        """Indexes of the records whose place in `seen` is 0."""
        return (index for index, there in enumerate(self._there) if there and not seen[index])

    def __len__(self) -> int:
        """Places in the file."""
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
        shown = ", ".join(f"#{index}" for index in self.first)
        return shown + (f" and {self.count - len(self.first)} more" if self.count > len(self.first) else "")
