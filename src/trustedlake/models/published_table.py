"""A published table as readers should see it: only the files in the ledger."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from trustedlake.models.contract import Contract
from trustedlake.models.ledger import PublishedFile


class PublishedTable(BaseModel):
    """One table with its published files.

    Attributes:
        folder: key of its folder in the store.
        partitions: `ano=2025/mes=06/dia=17` (or `""` for the whole table) -> its files; never empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contract: Contract
    folder: str
    partitions: dict[str, tuple[PublishedFile, ...]]
