"""The data of a lake's page: its status, its ledgers and its last runs."""

from __future__ import annotations

from datetime import datetime

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Ledger
from trustedlake.models.report import RunReport
from trustedlake.models.status import LakeStatus, TableStatus


class TableOverview(Frozen):
    """One table: its status, and what it has published, day by day.

    Attributes:
        description: the contract's description.
        ledger: None if nothing was published or refused, or if it can't be read (`status.problem`).
        pending: partition -> raw files that no run has processed yet.
    """

    status: TableStatus
    description: str = ""
    ledger: Ledger | None = None
    pending: dict[str, tuple[str, ...]] = {}


class Overview(Frozen):
    """A lake with its tables and last runs.

    Attributes:
        lake: its address, as in `--lake`.
        made: when the overview was made.
        trustedlake: version of trustedlake that made it.
        runs: the last runs, oldest first.
    """

    lake: str
    made: datetime
    trustedlake: str
    status: LakeStatus
    tables: tuple[TableOverview, ...]
    runs: tuple[RunReport, ...] = ()
