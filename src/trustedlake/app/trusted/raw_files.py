"""Which raw files are whose: by their folders and names, told from the contracts."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from trustedlake.core.partition import Partitioning, partition_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.core.partition import Placed
    from trustedlake.models.contract import Contract


class RawFiles:
    """The raw files of one table among those of all known tables.

    Args:
        contract: of the table.
        tables: every known table, this one too.
        alone: the caller named the folders, which no other table reads then.
    """

    def __init__(self, contract: Contract, tables: Sequence[Contract] = (), *, alone: bool = False) -> None:
        self.contract = contract
        self._alone = alone
        self._tables = tuple(one for one in tables if one.table != contract.table)

    @cached_property
    def partitioning(self) -> Partitioning:
        """The table's path templates."""
        return partitioning(self.contract, self._tables)

    @cached_property
    def others(self) -> tuple[Contract, ...]:
        """The other tables of the same format, which may read the same files."""
        return tuple(one for one in self._tables if one.format is self.contract.format)

    @cached_property
    def _theirs(self) -> tuple[tuple[Contract, Partitioning], ...]:
        everyone = (self.contract, *self._tables)
        return tuple((one, partitioning(one, everyone)) for one in self._tables)

    def place(self, path: str, *, anywhere: bool = False) -> Placed | None:
        """Where a file belongs in the table; None if it is none of the table's.

        Args:
            path: relative to the lake; or, with `anywhere`, its whole key.
            anywhere: the caller named the folder: what stands before the placeholders need not be there.
        """
        *folders, name = path.split("/")
        if not takes(self.contract, name):
            return None
        find = self.partitioning.place_anywhere if anywhere else self.partitioning.place
        return find(folders, name)

    def partition(self, placed: Placed) -> str:
        """Name of the partition; empty for a table without."""
        return partition_name(self.contract.partition, placed.values)

    def readers(self, path: str) -> tuple[int, ...]:
        """Which of the `others` read the file, too."""
        if self._alone:
            return ()
        *folders, name = path.split("/")
        return tuple(
            self.others.index(one)
            for one, places in self._theirs
            if one.format is self.contract.format and takes(one, name) and places.place(folders, name) is not None
        )

    def fingerprint(self, paths: Iterable[str]) -> str:
        """Checksum of all that the rows of these files depend on: the contract, and what other readers of them take."""
        readers = sorted({number for path in paths for number in self.readers(path)})
        return self.contract.fingerprint_beside([self.others[number] for number in readers])

    def is_anybodys(self, path: str) -> bool:
        """Whether any other known table reads the file."""
        *folders, name = path.split("/")
        return any(takes(one, name) and places.place(folders, name) is not None for one, places in self._theirs)


def takes(contract: Contract, name: str) -> bool:
    """Whether a file of that name is one of the table's, by the contract's patterns."""
    raw = contract.raw
    if any(fnmatchcase(name, pattern) for pattern in raw.ignore):
        return False
    return not raw.files or any(fnmatchcase(name, pattern) for pattern in raw.files)


def partitioning(contract: Contract, tables: Sequence[Contract]) -> Partitioning:
    """The contract's path templates; no folder between may be one that another table's template names."""
    others = Partitioning([path for one in tables if one.table != contract.table for path in one.raw.path], ())
    stops = frozenset().union(*(template.literals for template in others.templates))
    return Partitioning(contract.raw.path, contract.partition, stops)
