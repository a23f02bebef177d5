"""What a catalog's entry should say, given what it says now: only what differs changes, and nothing is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.cataloging.tables import MADE_BY, PROJECTION, catalog_partition
from trustedlake.core.cataloging.views import same_query
from trustedlake.core.partition import partition_name
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable


def merged_table(ours: CatalogTable, theirs: CatalogTable) -> CatalogTable:
    """Our table, with the columns and parameters that theirs has besides.

    A projection that ours does not have ends, for it would hide what is registered; a range of one that contains
    ours stays.

    Raises:
        ConfigError: theirs is someone else's table of other files, or is partitioned otherwise.
    """
    if MADE_BY not in theirs.parameters and theirs.location != ours.location:
        raise ConfigError(
            f"the catalog has a table {theirs.name} that trustedlake did not make, of {theirs.location or 'no files'}",
            hint="register in another database (--database NAME), or rename that table",
        )
    if _kinds(theirs.partition_keys) != _kinds(ours.partition_keys):
        keys = ", ".join(f"{key.name} {key.type}" for key in theirs.partition_keys) or "nothing"
        raise ConfigError(
            f"the catalog has a table {theirs.name} that is partitioned by {keys}, not as the contract says",
            hint="no catalog can change that: drop the entry there (no file is lost), or give another --database",
        )
    known = {column.name for column in ours.columns}
    others = tuple(column for column in theirs.columns if column.name not in known)
    kept = {key: value for key, value in theirs.parameters.items() if not key.startswith(PROJECTION)}
    return ours.model_copy(
        update={
            "columns": (*ours.columns, *others),
            "partition_keys": theirs.partition_keys,
            "parameters": kept | ours.parameters | _wider(ours.parameters, theirs.parameters),
        }
    )


def merged_view(ours: CatalogTable, theirs: CatalogTable) -> CatalogTable:
    """Our view, with the parameters that theirs has besides.

    Raises:
        ConfigError: theirs is no view, or someone else's that asks something else.
    """
    if not theirs.sql or (MADE_BY not in theirs.parameters and not same_query(ours.sql, theirs.sql)):
        raise ConfigError(
            f"the catalog has a {'view' if theirs.sql else 'table'} {theirs.name} that trustedlake did not make",
            hint="rename it or drop it (no file is lost), or register in another database (--database NAME)",
        )
    return ours.model_copy(update={"parameters": theirs.parameters | ours.parameters})


def partition_changes(
    table: CatalogTable, published: Iterable[str], registered: Sequence[CatalogPartition]
) -> tuple[list[CatalogPartition], list[CatalogPartition], list[CatalogPartition]]:
    """What to add, to change and to remove so that the published partitions are registered.

    Removed are only those that this program registered and whose day is no longer published.
    """
    wanted = {one.values: one for one in (catalog_partition(table, name) for name in published)}
    known = {one.values: one for one in registered}
    added = [one for values, one in wanted.items() if values not in known]
    changed = [
        one.model_copy(update={"parameters": known[values].parameters | one.parameters})
        for values, one in wanted.items()
        if values in known and _differ(one, known[values])
    ]
    removed = [one for one in registered if one.values not in wanted and MADE_BY in one.parameters]
    return added, changed, removed


def partition_folder(table: CatalogTable, values: Sequence[str]) -> str:
    """Name of the folder that these values stand for: `ano=2025/mes=06/dia=17`."""
    keys = [key.name for key in table.partition_keys]
    return partition_name(keys[: len(values)], values[: len(keys)])


def _wider(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Their ranges of a projection that contain ours."""
    ranges = [key for key in ours if key.startswith(PROJECTION) and key.endswith(".range")]
    return {key: theirs[key] for key in ranges if _contains(theirs.get(key, ""), ours[key])}


def _contains(outer: str, inner: str) -> bool:
    try:
        (first, last), (start, end) = (map(int, one.split(",")) for one in (outer, inner))
    except ValueError:
        return False  # no range, or not one of whole numbers
    return first <= start and end <= last


def _differ(one: CatalogPartition, other: CatalogPartition) -> bool:
    return one.location != other.location or _kinds(one.columns) != _kinds(other.columns)


def _kinds(columns: Sequence[CatalogColumn]) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in columns]
