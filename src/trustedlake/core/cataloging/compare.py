"""Where a catalog's entries, and the files, differ from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.cataloging.merge import partition_folder
from trustedlake.core.cataloging.tables import is_projected, reached
from trustedlake.core.cataloging.views import same_query
from trustedlake.core.partition import canonical_twin
from trustedlake.models.catalog import Difference, DifferenceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable

APPLY = "trustedlake catalog --apply registers it as it is"
SHOWN = 3
"""Days that a message names."""

_WIDEN = "trustedlake catalog --apply lets the projection reach every published day"
_TWIN = "someone wrote it with numbers: move nothing by hand; trustedlake audit says what to do with the files"
_REBUILD = "to-trusted --full-refresh writes the table's files again"


def compare_tables(ours: CatalogTable, theirs: CatalogTable | None) -> Iterator[Difference]:
    """The table's entry against the contract's table."""
    if theirs is None:
        yield _difference(DifferenceKind.TABLE_MISSING, ours, ours.name, "the catalog does not have it", APPLY)
        return
    if theirs.location != ours.location:
        message = f"the files lie in {ours.location}, the catalog says {theirs.location or 'nothing'}"
        yield _difference(DifferenceKind.LOCATION, ours, ours.name, message, APPLY)
    keys, expected = _kinds(theirs.partition_keys), _kinds(ours.partition_keys)
    if list(keys.items()) != list(expected.items()):
        message = f"expected {_shown(expected)}, the catalog says {_shown(keys)}"
        hint = "drop the catalog's entry (no file is lost), then trustedlake catalog --apply"
        yield _difference(DifferenceKind.PARTITION_KEYS, ours, ours.name, message, hint)
    yield from compare_columns(ours, _kinds(theirs.columns), ours.name, "the catalog", APPLY)


def compare_views(ours: CatalogTable, theirs: CatalogTable | None) -> Iterator[Difference]:
    """The view's entry against the view that the contract makes."""
    if theirs is None:
        yield _difference(DifferenceKind.VIEW_MISSING, ours, ours.name, "the catalog does not have it", APPLY)
        return
    if not same_query(ours.sql, theirs.sql):
        message = "the catalog's asks something else" if theirs.sql else "the catalog's is a table"
        hint = "--apply mends a view of its own; drop another's in the catalog (no file is lost) first"
        yield _difference(DifferenceKind.VIEW, ours, ours.name, message, hint)
    yield from compare_columns(ours, _kinds(theirs.columns), ours.name, "the catalog", APPLY)


def compare_files(ours: CatalogTable, columns: Mapping[str, str], key: str) -> Iterator[Difference]:
    """The columns of a Parquet file (name -> type) against the contract's."""
    found = {name.lower(): kind for name, kind in columns.items()}
    yield from compare_columns(ours, found, key, "the file", _REBUILD)
    known = {column.name for column in ours.columns}
    for name, kind in found.items():
        if name not in known:
            yield _difference(
                DifferenceKind.COLUMN_UNKNOWN, ours, key, f"{name}: {kind}: not in the contract", _REBUILD
            )


def compare_columns(
    ours: CatalogTable, found: Mapping[str, str], where: str, who: str, hint: str
) -> Iterator[Difference]:
    """Columns that are absent or of another type; that there are more is no harm to those who read by name."""
    for column in ours.columns:
        kind = found.get(column.name)
        if kind is None:
            message = f"{column.name}: {who} does not have it"
            yield _difference(DifferenceKind.COLUMN_MISSING, ours, where, message, hint)
        elif kind != column.type:
            message = f"{column.name}: expected {column.type}, {who} says {kind}"
            yield _difference(DifferenceKind.COLUMN_TYPE, ours, where, message, hint)


def compare_partitions(  # noqa: PLR0917 - one caller
    ours: CatalogTable,
    theirs: CatalogTable,
    registered: Sequence[CatalogPartition],
    published: Collection[str],
    folders: Collection[str],
    widths: Mapping[str, int],
) -> Iterator[Difference]:
    """Partitions that are registered, published, and in the lake, against each other.

    Args:
        ours: by the contract.
        theirs: the table's entry; with a projection no partition has to be registered, but each must be reached.
        registered: what the catalog has.
        published: names of partitions by the ledger.
        folders: names of partition folders with files in them.
        widths: partition column -> digits that its values have.
    """
    for name in sorted(folders):
        if twin := canonical_twin(name, widths):
            yield _difference(DifferenceKind.TWIN_PARTITION, ours, name, f"a folder beside {twin}", _TWIN)
    if not ours.partition_keys:
        return
    if is_projected(theirs):
        if hidden := sorted(name for name in published if not reached(theirs, name)):
            more = f" and {len(hidden) - SHOWN} more" if len(hidden) > SHOWN else ""
            message = f"no query finds {', '.join(hidden[:SHOWN])}{more}"
            yield _difference(DifferenceKind.OUTSIDE_PROJECTION, ours, ours.name, message, _WIDEN)
        return
    known = {partition_folder(ours, one.values): one for one in registered}
    for name, one in known.items():
        yield from _compare_partition(ours, name, one, folders, widths)
    for name in sorted(set(published) - set(known)):
        yield _difference(DifferenceKind.WITHOUT_PARTITION, ours, name, "its files are not registered", APPLY)


def _compare_partition(
    ours: CatalogTable, name: str, one: CatalogPartition, folders: Collection[str], widths: Mapping[str, int]
) -> Iterator[Difference]:
    if twin := canonical_twin(name, widths):
        hint = "delete it in the catalog: Glue console, or aws glue delete-partition"
        yield _difference(DifferenceKind.TWIN_PARTITION, ours, name, f"registered beside {twin}", hint)
        return
    if one.location != f"{ours.location}{name}/":
        message = f"expected {ours.location}{name}/, the catalog says {one.location or 'nothing'}"
        yield _difference(DifferenceKind.PARTITION_LOCATION, ours, name, message, APPLY)
    elif name not in folders:
        hint = "--apply forgets it if it registered it; else delete it in the catalog"
        yield _difference(DifferenceKind.WITHOUT_FILES, ours, name, "registered, and no file is there", hint)
    if one.columns:
        yield from compare_columns(ours, _kinds(one.columns), name, "the catalog", APPLY)


def _kinds(columns: Sequence[CatalogColumn]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def _shown(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items()) or "none"


def _difference(kind: DifferenceKind, table: CatalogTable, where: str, message: str, hint: str) -> Difference:
    return Difference(kind=kind, table=table.name, where=where, message=message, hint=hint)
