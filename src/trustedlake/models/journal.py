"""The journal: the publish under way, whole enough that anyone can finish it. And who may write."""

from __future__ import annotations

from pydantic import AwareDatetime

from trustedlake.models.base import Frozen
from trustedlake.models.ledger import Ledger

JOURNAL_VERSION = 1


class Owner(Frozen):
    """Who writes.

    Attributes:
        token: unique to the claim; whoever holds it may go on.
        host, boot: the machine and its current boot.
        pid, started: the process; `started` tells it from a later one with the same number.
    """

    token: str
    host: str
    boot: str
    pid: int
    started: str

    def is_same_process(self, other: Owner) -> bool:
        """Whether both are claims of one process."""
        return self.model_copy(update={"token": other.token}) == other


class StagingClaim(Frozen):
    """Whose a staging folder is; stored beside it, before anything is staged.

    Attributes:
        deadline: from then on anyone may sweep the folder (the store's clock, UTC).
    """

    version: int = JOURNAL_VERSION
    run_id: str
    owner: Owner
    deadline: AwareDatetime


class Move(Frozen):
    """A staged file that becomes a published one, or a strange file that is moved aside.

    Attributes:
        source, target: keys.
        size: bytes.
        sha256: hexadecimal.
        replaces: version tag that the target has before; None where there is none.
        source_tag: version tag of a source outside of staging, so that only this version is ever
            taken away from there; None for a staged file.
    """

    source: str
    target: str
    size: int
    sha256: str
    replaces: str | None
    source_tag: str | None = None


class Delete(Frozen):
    """A published file that the partition no longer has; `tag` is the version that may go."""

    key: str
    tag: str


class Journal(Frozen):
    """One publish of one table.

    Attributes:
        since: when the owner claimed the table (the store's clock, UTC).
        deadline: from then on anyone may take over (the store's clock, UTC).
        ledger_before: version tag of the ledger this publish was planned on; None if there was none.
        ledger_after: the ledger to write when every move is done.
        done: nothing is left to publish, only to sweep.
    """

    version: int = JOURNAL_VERSION
    table: str
    run_id: str
    owner: Owner
    since: AwareDatetime
    deadline: AwareDatetime
    staging: str
    moves: tuple[Move, ...]
    deletes: tuple[Delete, ...]
    ledger_before: str | None
    ledger_after: Ledger
    done: bool = False
