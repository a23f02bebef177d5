"""Compare the facts of each raw file with what was written for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from trustedlake.core.facts import FileCounts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustedlake.core.facts import FileFacts


class ImbalanceKind(StrEnum):
    """How the written rows differ from the records that were read."""

    DROPPED_FILE = "dropped file"
    DOUBLED_FILE = "doubled file"
    LOST_ROWS = "lost rows"
    DOUBLED_ROWS = "doubled rows"
    EXCHANGED_RECORDS = "exchanged records"
    UNKNOWN_FILE = "unknown file"


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A raw file whose written rows differ from what was read.

    Attributes:
        path: path of the raw file, as in the lineage.
        sentence: both sides and what is wrong, for the user.
    """

    path: str
    kind: ImbalanceKind
    sentence: str


def compare(facts: Iterable[FileFacts], counts: Mapping[str, FileCounts]) -> list[Imbalance]:
    """Compare counts with facts: `framed = trusted + rejected + duplicates`, and equal witness.

    Returns:
        One imbalance for each raw file that has one, sorted by path; empty if all files balance.
    """
    known = {fact.path: fact for fact in facts}
    found = (_imbalance(fact, counts.get(path, FileCounts())) for path, fact in sorted(known.items()))
    strangers = (
        Imbalance(path, ImbalanceKind.UNKNOWN_FILE, f"{path}: {_written(counts[path])}, but no such raw file was read")
        for path in sorted(counts.keys() - known.keys())
    )
    return [imbalance for imbalance in (*found, *strangers) if imbalance]


def _imbalance(fact: FileFacts, counts: FileCounts) -> Imbalance | None:
    written = counts.trusted + counts.rejected + counts.duplicates
    if written == fact.records:
        if counts.witness == fact.witness:
            return None
        kind = ImbalanceKind.EXCHANGED_RECORDS
    elif not written:
        kind = ImbalanceKind.DROPPED_FILE
    elif written == 2 * fact.records:
        kind = ImbalanceKind.DOUBLED_FILE
    elif written < fact.records:
        kind = ImbalanceKind.LOST_ROWS
    else:
        kind = ImbalanceKind.DOUBLED_ROWS
    sides = f"{fact.records:,} records were read, {_written(counts)}"
    if kind is ImbalanceKind.EXCHANGED_RECORDS:
        sides += "; the counts match, but the contents differ"
    return Imbalance(fact.path, kind, f"{fact.path}: {kind}: {sides}")


def _written(counts: FileCounts) -> str:
    written = counts.trusted + counts.rejected + counts.duplicates
    return (
        f"{written:,} were written ({counts.trusted:,} trusted, {counts.rejected:,} rejected,"
        f" {counts.duplicates:,} duplicates)"
    )
