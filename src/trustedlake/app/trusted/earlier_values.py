"""The values that columns had in the partitions nearest to a partition, to recognise a renamed key by its values."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.partition import date_of
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.proof import StagedPartition
    from trustedlake.core.renames import Before
    from trustedlake.models.column import Column
    from trustedlake.models.ledger import Ledger

NEAREST = 3
"""Number of partitions to look into."""


class _Rows(NamedTuple):
    """Where the rows of a partition lie, and which columns have values in them."""

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
        self._read: dict[tuple[str, str], Before] = {}

    def add(self, staged: StagedPartition) -> None:
        """Add a partition that this run publishes."""
        name = staged.plan.name
        self._rows[name] = _Rows(
            staged.contents.columns, [join(self._job.staging, file.key) for file in staged.trusted]
        )
        self._read = {key: before for key, before in self._read.items() if key[0] != name}

    def before(self, partition: str, column: Column) -> Before:
        """Return the values of a column in the partition itself, if it is published, and in the nearest ones."""
        from trustedlake.core.renames import join_before  # noqa: PLC0415 - it needs pyarrow, and few runs need it

        near = [name for name in self._by_nearness(partition) if column.name in self._rows[name].columns]
        for name in near[:NEAREST]:
            if (name, column.name) not in self._read:
                self._read[name, column.name] = join_before(self._each(name, column))
        return join_before(self._read[name, column.name] for name in near[:NEAREST])

    def _by_nearness(self, partition: str) -> list[str]:
        here = date_of(partition) or date.min
        return sorted(self._rows, key=lambda name: (name != partition, abs((date_of(name) or date.min) - here), name))

    def _each(self, name: str, column: Column) -> Iterator[Before]:
        for key in self._rows[name].files:
            try:
                with self._job.store.local_file(key) as path:
                    yield self._job.tools.reader.before(path, self._job.contract, column.name)
            except FileNotFoundError:
                continue  # the next run finds out that it is gone
