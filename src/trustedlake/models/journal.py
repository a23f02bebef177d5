"""The journal of a running publish, complete enough that any process can finish it; and claims on staging folders."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime

from trustedlake.models.base import Frozen, written_as
from trustedlake.models.claim_holder import Owner
from trustedlake.models.ledger import Ledger

JOURNAL_VERSION = 2
"""Raise it together with `LEDGER_VERSION`: a journal contains a ledger."""


class StagingClaim(Frozen):
    """Says who owns a staging folder; stored next to it before anything is staged.

    Attributes:
        deadline: after it anyone may delete the folder (the store's clock, UTC).
    """

    version: Annotated[int, written_as(JOURNAL_VERSION)] = JOURNAL_VERSION
    run_id: str
    owner: Owner
    deadline: AwareDatetime


class Move(Frozen):
    """A staged file to publish, or an unknown file to move aside.

    Attributes:
        source, target: keys.
        size: bytes.
        sha256: hexadecimal.
        replaces: version tag of the target before the move; None if there is no target yet.
        source_tag: version tag of a source outside of staging, so that no other version of it is moved away; None for
            a staged file.
    """

    source: str
    target: str
    size: int
    sha256: str
    replaces: str | None
    source_tag: str | None = None


class Delete(Frozen):
    """A published file that the partition no longer has; only the version `tag` may be deleted."""

    key: str
    tag: str


class Journal(Frozen):
    """One publish of one table.

    Attributes:
        since: when the owner claimed the table (the store's clock, UTC).
        deadline: after it anyone may take over (the store's clock, UTC).
        ledger_before: version tag of the ledger when this publish was planned; None if there was none.
        ledger_after: the ledger to write when every move is done.
        done: everything is published; only the clean-up is left.
    """

    version: Annotated[int, written_as(JOURNAL_VERSION)] = JOURNAL_VERSION
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
