"""What the caller of a run from Raw to Trusted can choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Vanished = Literal["fail", "keep", "drop"]
"""What to do with the rows of raw files that no longer exist."""

Lanes = Literal["auto", "off"]
"""`auto`: accept clearly valid records without the engine. `off`: the engine judges every record."""


@dataclass(frozen=True, slots=True)
class Options:
    """Options of one run from Raw to Trusted.

    Attributes:
        max_rejected: share of a partition's records (0 to 1) that may be rejected; None: use the contract's value.
        accept_unreadable: paths, as in the report, of unreadable files to publish without.
        strict: treat a column that disappeared as an error.
        full_refresh: judge everything again and move unknown files out of Trusted.
        dry_run: report what would be done and change nothing.
    """

    max_rejected: float | None = None
    accept_unreadable: frozenset[str] = frozenset()
    vanished: Vanished = "fail"
    strict: bool = False
    full_refresh: bool = False
    dry_run: bool = False
