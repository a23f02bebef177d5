"""Published rows held against the census of their raw files: which records are missing, doubled, unknown, changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.auditing.census import DUPLICATE, REJECTED, TRUSTED, UNREADABLE, WHOLE_FILE, Some

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.core.auditing.census import Census, QuarantinedRow, TrustedRow

_INDEX_DIGITS = 10
_SEEN = 1
_IS_TRUSTED = 2


class FileAccount:
    """The published rows of one raw file.

    Attributes:
        census: of the raw file; None where it is not what was published (vanished, changed), so that its
            rows can only be counted.
        verdicts: rows by verdict.
        doubled, unknown, changed: records with more than one row, rows of no record, rows of another record.
        lost_winners: duplicates whose winner is not the trusted record with the same key.
    """

    def __init__(self, census: Census | None) -> None:
        self.census = census
        self.verdicts = {TRUSTED: 0, REJECTED: 0, DUPLICATE: 0, UNREADABLE: 0}
        self.doubled, self.unknown, self.changed, self.lost_winners = Some(), Some(), Some(), Some()
        self._seen = bytearray(len(census) if census else 0)
        # Without a census any number may stand in a row: one of 2^31 must not cost 2 GB.
        self._seen_anywhere: dict[int, int] = {}

    @property
    def rows(self) -> int:
        """Rows that stand for a record."""
        return self.verdicts[TRUSTED] + self.verdicts[REJECTED] + self.verdicts[DUPLICATE]

    @property
    def missing(self) -> Some:
        """Records of the raw file that have no row."""
        return Some(self.census.missing(self._seen)) if self.census else Some()

    def is_trusted(self, index: int) -> bool:
        """Whether a trusted row stands for the record."""
        return bool(self._marks(index) & _IS_TRUSTED)

    def take(self, index: int, verdict: str) -> bool:
        """Count a row; whether its text can be compared with a record."""
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
    """The published rows of one partition; all trusted ones are taken before the first quarantined one."""

    def __init__(self, censuses: Mapping[str, Census | None]) -> None:
        """`censuses`: raw file, as lineage shows it -> its census."""
        self.files = {path: FileAccount(census) for path, census in censuses.items()}
        self.strangers: dict[str, int] = {}

    def trusted(self, row: TrustedRow) -> None:
        """Take a row of Trusted."""
        file = self._file(row.file_path)
        if file is None or not file.take(row.record_index, TRUSTED):
            return
        if file.census is not None and not file.census.is_witness(row.record_index, row.witness):
            file.changed.add(row.record_index)

    def quarantined(self, row: QuarantinedRow) -> None:
        """Take a row of Quarantine."""
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
        # A longer number is no index, and one of more than 4,300 digits no `int`.
        if winner is None or not index.isdecimal() or len(index) > _INDEX_DIGITS or not winner.is_trusted(int(index)):
            return False
        mine, its = file.census, winner.census
        if mine is None or its is None or not (mine.has(row.record_index) and its.has(int(index))):
            return True
        return mine.key(row.record_index) == its.key(int(index))
