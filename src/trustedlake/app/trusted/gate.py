"""The gate decides whether a judged partition may be published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.core.framing.source import DRAFT
from trustedlake.core.shared_points import alike
from trustedlake.terminal import quoted
from trustedlake.wording import SHOWN, share, some

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustedlake.models.ledger import Counts

SHOWS = "trustedlake quarantine shows them"
LOOK = "trustedlake quarantine shows what was refused and why"
OWN = "files that are correct but written differently need a contract of their own: trustedlake contract init --from"
FILL = "put records into one of its files, or remove them"
ALONE = "fix the file in Raw, or move it out: no other file of this partition can be read"

ALWAYS_ALLOWED = 2
"""This many rejected records never fail a partition, however small it is."""


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
    advice: Sequence[str] = (),
    rejected: Mapping[str, int] | None = None,
    renamed: Sequence[str] = (),
    patch: str = "",
) -> Verdict | None:
    """Judge one partition; None means it passes.

    A partition without any accepted record never passes, even if the user accepted unreadable files: after a
    successful run, each partition of the table has at least one record.

    Args:
        counts: its records by verdict.
        unreadable: path -> reason, for unreadable files that the user did not accept.
        readable: paths of its readable files.
        missing: sentences about columns that are absent and should not be.
        max_rejected: share of the records (duplicates included) that may be rejected.
        strict: refuse the partition if columns are missing.
        advice: what the contract needs to read values that are not of their column's type.
        rejected: path -> rejected records, of its readable files.
        renamed: sentences about columns that seem to have other keys now.
        patch: how to see the lines of the contract that take these keys.
    """
    if renamed:
        advice = [*advice, patch]
    own = () if renamed else (_own(rejected or {}),)
    now = "".join(f"; {one}" for one in renamed)
    if unreadable:
        accept = " ".join(f"--accept-unreadable {quoted(path)}" for path in list(unreadable)[:SHOWN])
        more = f", and so on for {len(unreadable) - SHOWN} more" if len(unreadable) > SHOWN else ""
        them = "the file in Raw, or publish without it" if len(unreadable) == 1 else "them in Raw, or publish without"
        hint = f"fix {them}: {accept}{more}" if readable else ALONE
        hint = "; ".join([*([patch] if renamed else []), hint])
        return Verdict("unreadable", f"unreadable: {_told_once(unreadable)}{now}", hint)
    if counts.trusted == 0 and not (counts.elsewhere and not counts.own):
        return _empty(counts, readable, now, [*advice, LOOK, *own])
    if counts.rejected > ALWAYS_ALLOWED and counts.rejected_share > max_rejected:
        shares = f"{share(counts.rejected_share)}, allowed {share(max_rejected)}"
        return Verdict(
            "rejected",
            f"{counts.rejected} of {counts.own} records rejected ({shares}){now}",
            "; ".join([*advice, SHOWS, "--max-rejected allows a larger share", *own]),
        )
    if strict and missing:
        why = "the source renamed or dropped a column; without --strict this is a warning"
        return Verdict("strict", some(missing, by="; "), "; ".join([*([patch] if renamed else []), why]))
    return None


def _empty(counts: Counts, readable: Sequence[str], now: str, advice: Sequence[str]) -> Verdict:
    if counts.own:
        return Verdict("empty", f"all {counts.own} records rejected{now}", "; ".join(advice))
    if readable:
        return Verdict("empty", f"no record in {some(readable)}", FILL)
    return Verdict("empty", "no record: all its files are unreadable, and were accepted as such", ALONE)


def _own(rejected: Mapping[str, int]) -> str:
    """Tell how to give files with rejected records a table with a fitting contract: one file, or its whole folder."""
    files = sorted((path for path, records in rejected.items() if records), key=lambda path: -rejected[path])
    folders = {path.rpartition("/")[0] for path in files}
    whole = len(files) > 1 and len(files) == len(rejected) and len(folders) == 1
    named = [*(folders if whole else files), "FILE"][0]
    return f"{OWN} {quoted(named)} --table NAME"


def _told_once(reasons: Mapping[str, str]) -> str:
    """List the files by reason, each reason once."""
    told = []
    for paths in alike(reasons):
        many = f"{len(paths):,} files, " if len(paths) > 1 else ""
        reason = reasons[paths[0]].replace(DRAFT, f"{DRAFT.replace('FILE', quoted(paths[0]))} --table NAME")
        told.append(f"{many}{some(paths)}: {reason}")
    return some(told, by="; ")
