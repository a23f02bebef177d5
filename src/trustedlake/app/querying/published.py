"""The published tables of a lake, by their ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.errors import RetriableError
from trustedlake.models.published import PublishedTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustedlake.models.contract import Contract
    from trustedlake.models.lake import TablePaths
    from trustedlake.models.ledger import PublishedFile
    from trustedlake.ports import ObjectStore


def published_table(store: ObjectStore, paths: TablePaths, contract: Contract) -> PublishedTable | None:
    """The table with the files that its ledger knows; None if no row of it is published.

    Raises:
        InputError: the ledger is damaged, or a newer program wrote it.
    """
    ledger, _ = load_ledger(store, paths)
    partitions = {name: entry.trusted for name, entry in (ledger.partitions if ledger else {}).items() if entry.trusted}
    if not partitions:
        return None
    return PublishedTable(contract=contract, folder=paths.trusted, partitions=partitions)


def require_unchanged(store: ObjectStore, table: PublishedTable) -> None:
    """Look whether the table's files are there, as long as the ledger says: a publish may be under way.

    Raises:
        RetriableError: one is not.
    """
    require_files(store, [table.folder], (file for files in table.partitions.values() for file in files))


def require_files(store: ObjectStore, folders: Iterable[str], files: Iterable[PublishedFile]) -> None:
    """Look whether these files of the folders are there, as long as the ledger says. Raises RetriableError."""
    sizes = {info.key: info.size for folder in folders for info in store.list(folder)}
    for file in files:
        if (found := sizes.get(file.key)) != file.size:
            there = "gone" if found is None else f"{found:,} bytes long, not {file.size:,}"
            raise RetriableError(
                f"{store.address(file.key)}: the published file is {there}",
                hint="a run may be publishing: try again; if it stays so, trustedlake audit tells what is wrong",
            )
