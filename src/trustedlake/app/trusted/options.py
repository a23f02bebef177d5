"""What the user asks of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Vanished = Literal["fail", "keep", "drop"]
"""What becomes of the rows of raw files that are gone."""


Lanes = Literal["auto", "off"]
"""Whether records that are plainly right are accepted without an engine, or the engine judges every record."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run from Raw to Trusted.

    Attributes:
        max_rejected: share of a partition's records (0 to 1) that may be rejected; None: what the contract says.
        accept_unreadable: paths, as the report names them, of unreadable files to publish without.
        strict: an absent column that was there before is an error.
        full_refresh: judge everything again and move unknown files out of Trusted.
        dry_run: tell what would be done and do nothing.
    """

    max_rejected: float | None = None
    accept_unreadable: frozenset[str] = frozenset()
    vanished: Vanished = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False
