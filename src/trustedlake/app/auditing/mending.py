"""What brings a damaged partition in order: what `to-trusted` really does, by the comparison that it makes itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import some

if TYPE_CHECKING:
    from trustedlake.app.trusted.published import Published
    from trustedlake.models.ledger import Ledger, Partition

REBUILD = "to-trusted rebuilds the partition from Raw"
ANEW = "to-trusted --full-refresh rebuilds the table from Raw; without it the damage is not seen"
MEND_RAW = "its newest raw files are refused (trustedlake quarantine shows why): mend them, and to-trusted rebuilds it"


@dataclass(frozen=True, slots=True)
class Mending:
    """The hints for one partition.

    Attributes:
        published: for what is wrong in Trusted and Quarantine.
        failed: for what is wrong with what its refusal laid aside.
    """

    published: str
    failed: str = REBUILD


def mending(entry: Partition, published: Published, ledger: Ledger) -> Mending:
    """How to mend the partition.

    A run judges a partition again when files that it published are not as the ledger says, by their size and version
    first. What else is wrong it does not see; a refused partition it can't build anew, nor one of which rows are kept.
    """
    kept = [raw.path for raw in entry.raw if raw.path in ledger.kept]
    if kept:
        way = f"restore {some(kept)}, whose rows are kept, and {REBUILD}; or let those rows go: --vanished drop"
    elif entry.refusal is not None:
        way = MEND_RAW
    else:
        way = ANEW if published.intact((*entry.trusted, *entry.quarantine)) else REBUILD
    aside = entry.refusal.files if entry.refusal else ()
    return Mending(way, ANEW if published.intact(aside) else REBUILD)
