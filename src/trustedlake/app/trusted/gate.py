"""The gate: whether what was judged of a partition may be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.ledger import Counts

LOOK = "trustedlake quarantine shows what was refused and why"
FILL = "put records into one of its files, or remove them"

ALWAYS_ALLOWED = 2
"""Rejected records that never fail a partition, however small it is."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a partition is refused.

    Attributes:
        gate: `unreadable`, `empty`, `rejected` or `strict`.
    """

    gate: str
    message: str
    hint: str


def check(
    counts: Counts,
    *,
    unreadable: dict[str, str],
    readable: Sequence[str],
    missing: Sequence[str],
    max_rejected: float,
    strict: bool,
) -> Verdict | None:
    """Judge one partition; None lets it pass.

    Args:
        counts: its records by verdict.
        unreadable: path -> reason, of unreadable files that the user did not accept.
        readable: paths of its other files; without any, all is accepted, and it may have no record.
        missing: sentences about columns that are absent and should not be.
        max_rejected: share of the records (duplicates count as records) that may be rejected.
        strict: missing columns are a reason to refuse.
    """
    if unreadable:
        path, reason = next(iter(unreadable.items()))
        more = f" (and {len(unreadable) - 1} more)" if len(unreadable) > 1 else ""
        return Verdict(
            "unreadable",
            f"unreadable: {path}: {reason}{more}",
            f"mend the file in Raw, or publish without it: --accept-unreadable {path}",
        )
    if counts.trusted == 0 and readable:
        if counts.framed:
            return Verdict("empty", f"all {counts.framed} records rejected", LOOK)
        return Verdict("empty", f"no record in {some(readable)}", FILL)
    share = counts.rejected / counts.framed if counts.framed else 0.0
    if counts.rejected > ALWAYS_ALLOWED and share > max_rejected:
        return Verdict(
            "rejected",
            f"{counts.rejected} of {counts.framed} records rejected ({share:.1%}, allowed {max_rejected:.1%})",
            "trustedlake quarantine shows them; --max-rejected allows a larger share",
        )
    if strict and missing:
        return Verdict(
            "strict", some(missing), "the source renamed or dropped a column; without --strict this is a warning"
        )
    return None
