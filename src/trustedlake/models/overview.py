"""Everything that the page of a lake shows."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from trustedlake.models.ledger import Ledger
from trustedlake.models.report import RunReport
from trustedlake.models.status import LakeStatus, TableStatus


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableOverview(_Frozen):
    """One table: how it stands, and day by day what of it is published.

    Attributes:
        description: the contract's.
        ledger: None if nothing was published or refused, or if it can't be read (`status.problem`).
        pending: partition -> raw files that no run has taken yet.
    """

    status: TableStatus
    description: str = ""
    ledger: Ledger | None = None
    pending: dict[str, tuple[str, ...]] = {}


class Overview(_Frozen):
    """A lake.

    Attributes:
        lake: its address, as `--lake` takes it.
        made: when it was looked at.
        trustedlake: version of the program that looked.
        runs: the last ones, the oldest first.
    """

    lake: str
    made: datetime
    trustedlake: str
    status: LakeStatus
    tables: tuple[TableOverview, ...]
    runs: tuple[RunReport, ...] = ()
