"""Which raw files belong to a table, among those of all known tables."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from trustedlake.core.partition import Partitioning
from trustedlake.core.partition_name import partition_name
from trustedlake.models.lake import raw_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from trustedlake.core.partition import Placed
    from trustedlake.models.contract import Contract


class RawFiles:
    """The raw files of one table among those of all known tables.

    Args:
        contract: the table's contract.
        tables: all known tables, including this one.
        alone: the caller named the input folders, so no other table reads them.
    """

    def __init__(self, contract: Contract, tables: Sequence[Contract] = (), *, alone: bool = False) -> None:
        self.contract = contract
        self._alone = alone
        self._tables = tuple(one for one in tables if one.table != contract.table)
        self._names: dict[tuple[str, ...], str] = {}
        self._readers: dict[str, frozenset[str]] = {}

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
        return tuple((one, partitioning(one, self.everyone)) for one in self._tables)

    def place(self, path: str, *, anywhere: bool = False) -> Placed | None:
        """Find where a file belongs in the table; None if it is not a file of the table.

        Args:
            path: relative to the lake; or, with `anywhere`, its whole key.
            anywhere: the caller named the folder, so the folders before the placeholders may be missing.
        """
        folder, _, name = path.rpartition("/")
        if not takes(self.contract, name):
            return None
        find = self.partitioning.place_anywhere if anywhere else self.partitioning.place
        return find(folder, name)

    def partition(self, placed: Placed) -> str:
        """Return the name of the partition; empty for an unpartitioned table."""
        if placed.values not in self._names:
            self._names[placed.values] = partition_name(self.contract.partition, placed.values)
        return self._names[placed.values]

    def readers(self, path: str) -> tuple[int, ...]:
        """Return the positions in `others` of the tables that also read the file."""
        if self._alone:
            return ()
        readers = self._readers_of(path)
        return tuple(number for number, one in enumerate(self.others) if one.table in readers)

    def is_anybodys(self, path: str) -> bool:
        """Return whether any other known table reads the file."""
        return bool(self._readers_of(path))

    @cached_property
    def everyone(self) -> tuple[Contract, ...]:
        """The contracts of all known tables."""
        return (self.contract, *self._tables)

    def _readers_of(self, path: str) -> frozenset[str]:
        folder, _, name = path.rpartition("/")
        known = path if self._go_by_name else folder  # one look-up per folder if possible: folders have many files
        if known not in self._readers:
            self._readers[known] = frozenset(
                one.table for one, places in self._theirs if takes(one, name) and places.place(folder, name) is not None
            )
        return self._readers[known]

    @cached_property
    def _go_by_name(self) -> bool:
        """Whether another table reads only some of a folder's files."""
        return any(one.raw.files or one.raw.ignore or places.go_by_name for one, places in self._theirs)

    def fingerprint(self, paths: Iterable[str], to_lake: Callable[[str], str]) -> str:
        """Return a checksum of what the rows of these files depend on, except the files' bytes.

        That is the contract, and the contracts of the other tables that read the same files.

        Args:
            paths: the files' names in lineage.
            to_lake: turns such a name into a path relative to the lake.
        """
        if not self._go_by_name:  # the same tables read all files of a folder
            paths = {path.rpartition("/")[0]: path for path in paths}.values()
        readers = sorted({number for path in paths for number in self.readers(to_lake(path))})
        return self.contract.fingerprint_beside([self.others[number] for number in readers])

    def is_known(self, folder: str) -> bool:
        """Return whether a known table reads this folder of the lake, a folder above it or one below it."""
        parts = folder.casefold().split("/")
        prefixes = [raw_prefix(path.casefold()) for one in self.everyone for path in one.raw.path]
        return any(all(one == other for one, other in zip(prefix, parts, strict=False)) for prefix in prefixes)


def takes(contract: Contract, name: str) -> bool:
    """Return whether the contract's name patterns take a file of that name."""
    raw = contract.raw
    if any(fnmatchcase(name, pattern) for pattern in raw.ignore):
        return False
    return not raw.files or any(fnmatchcase(name, pattern) for pattern in raw.files)


def partitioning(contract: Contract, tables: Sequence[Contract]) -> Partitioning:
    """Return the contract's path templates; they skip no folder that another table's template names."""
    others = Partitioning([path for one in tables if one.table != contract.table for path in one.raw.path], ())
    stops = frozenset().union(*(template.literals for template in others.templates))
    return Partitioning(contract.raw.path, contract.partition, stops)
