"""Files as the audit reads them: orjson and plain string operations for Raw, pyarrow for what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.adapters.auditing.raw import take_census
from trustedlake.adapters.auditing.rows import quarantined_rows, trusted_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from trustedlake.core.auditing.census import Census, QuarantinedRow, TrustedRow
    from trustedlake.models.contract import Contract


class FileEvidence:
    """The audit's port `Evidence` on local files; no code in common with framing and with the run's own proof."""

    def census(self, file: Path, contract: Contract, others: Sequence[Contract]) -> Census:
        """The records of a raw file, which the tables of the `others` read, too."""
        return take_census(file, contract, others)

    def trusted(self, file: Path, contract: Contract) -> Iterator[TrustedRow]:
        """The rows of a Trusted file. Raises InputError if it can't be read."""
        return trusted_rows(file, contract)

    def quarantined(self, file: Path) -> Iterator[QuarantinedRow]:
        """The rows of a Quarantine file. Raises InputError if it can't be read."""
        return quarantined_rows(file)
