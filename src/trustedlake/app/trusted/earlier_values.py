"""The values that columns had in the partitions nearest to a partition, to recognise a renamed key by its values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.partition_name import date_of
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.core.renames import Before
    from trustedlake.models.column import Column
    from trustedlake.models.ledger import Ledger
    from trustedlake.ports import EarlierColumn

NEAREST = 3
"""Number of partitions to look into."""

KEPT = 16
"""Number of columns of partitions that are kept in memory: each is up to some megabytes."""


class _Rows(NamedTuple):
    """Where the rows of a partition are, and which columns have values in them."""

    columns: Sequence[str]
    files: Sequence[str]


class EarlierValues:
    """Reads values of the published partitions, and of those that this run has judged already."""

    def __init__(self, job: Job, ledger: Ledger) -> None:
        self._job = job
        self._rows = {
            name: _Rows(entry.columns, [file.key for file in entry.trusted])
            for name, entry in ledger.partitions.items()
            if entry.trusted
        }
        self._kept: dict[tuple[str, str], list[EarlierColumn]] = {}

    def add(self, staged: StagedPartition) -> None:
        """Add a partition that this run publishes."""
        name = staged.plan.name
        self._rows[name] = _Rows(
            staged.contents.columns, [join(self._job.staging, file.key) for file in staged.trusted]
        )
        self._kept = {key: read for key, read in self._kept.items() if key[0] != name}

    def before(self, partition: str, column: Column, records: Collection[tuple[str, ...]]) -> Before:
        """Return what is in a column of the partition itself, if it is published, and of the nearest ones.

        `records`: texts of the primary key, of the records whose values are wanted.
        """
        from trustedlake.core.renames import join_before  # noqa: PLC0415 - it needs pyarrow, and few runs need it

        near = [name for name in self._by_nearness(partition) if column.name in self._rows[name].columns]
        return join_before(one.before(records) for name in near[:NEAREST] for one in self._of(name, column.name))

    def _by_nearness(self, partition: str) -> list[str]:
        here = date_of(partition) or date.min
        return sorted(self._rows, key=lambda name: (name != partition, abs((date_of(name) or date.min) - here), name))

    def _of(self, name: str, column: str) -> list[EarlierColumn]:
        read = self._kept.pop((name, column), None)
        self._kept[name, column] = list(self._read(name, column)) if read is None else read
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]  # the one that was used longest ago
        return self._kept[name, column]

    def _read(self, name: str, column: str) -> Iterator[EarlierColumn]:
        for key in self._rows[name].files:
            try:
                with self._job.store.local_file(key) as path:
                    yield self._job.tools.reader.earlier(path, self._job.contract, column)
            except FileNotFoundError:
                continue  # the next run finds out that it is gone
