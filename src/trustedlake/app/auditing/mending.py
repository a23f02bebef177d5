"""Hints to repair a damaged partition; they use the same comparison as `to-trusted`, so they say what it will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import some

if TYPE_CHECKING:
    from trustedlake.app.trusted.published import Published
    from trustedlake.models.ledger import Ledger, Partition

REBUILD = "to-trusted rebuilds the partition from Raw"
ANEW = "to-trusted --full-refresh rebuilds the table from Raw; a normal run does not notice this damage"
MEND_RAW = "its newest raw files were refused (trustedlake quarantine shows why): fix them, and to-trusted rebuilds it"


@dataclass(frozen=True, slots=True)
class Mending:
    """The hints for one partition.

    Attributes:
        published: for damage in Trusted and Quarantine.
        failed: for damage in the files of its refusal.
    """

    published: str
    failed: str = REBUILD


def mending(entry: Partition, published: Published, ledger: Ledger) -> Mending:
    """Say how to repair the partition.

    A run compares published files with the ledger by size and version, and by checksum if only the version differs.
    It does not see other damage. It can't rebuild a refused partition, nor one with kept rows of vanished files.
    """
    kept = [raw.path for raw in entry.raw if raw.path in ledger.kept]
    if kept:
        way = f"restore {some(kept)}, whose rows are kept, and {REBUILD}; or remove those rows: --vanished drop"
    elif entry.refusal is not None:
        way = MEND_RAW
    else:
        way = ANEW if published.intact((*entry.trusted, *entry.quarantine)) else REBUILD
    aside = entry.refusal.files if entry.refusal else ()
    return Mending(way, ANEW if published.intact(aside) else REBUILD)
