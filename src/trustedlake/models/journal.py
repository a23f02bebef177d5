"""The journal: the publish under way, whole enough that anyone can finish it."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from trustedlake.models.ledger import Ledger

JOURNAL_VERSION = 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Owner(_Frozen):
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


class Move(_Frozen):
    """A staged file that becomes a published one.

    Attributes:
        source, target: keys.
        size: bytes.
        sha256: hexadecimal.
        replaces: version tag that the target has before; None where there is none.
    """

    source: str
    target: str
    size: int
    sha256: str
    replaces: str | None


class Delete(_Frozen):
    """A published file that the partition no longer has; `tag` is the version that may go."""

    key: str
    tag: str


class Journal(_Frozen):
    """One publish of one table.

    Attributes:
        deadline: from then on anyone may take over (the store's clock, UTC).
        ledger_before: version tag of the ledger this publish was planned on; None if there was none.
        ledger_after: the ledger to write when every move is done.
        done: everything is published; only sweeping is left.
    """

    version: int = JOURNAL_VERSION
    table: str
    run_id: str
    owner: Owner
    deadline: datetime
    staging: str
    moves: tuple[Move, ...]
    deletes: tuple[Delete, ...]
    ledger_before: str | None
    ledger_after: Ledger
    done: bool = False
