"""Compare a contract with a catalog's entries, to report the differences or to merge them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.core.cataloging.catalog_tables import (
    MADE_BY,
    PROJECTION,
    catalog_partition,
    is_projected,
    reached,
    same_query,
)
from trustedlake.core.partition_name import canonical_twin, partition_name
from trustedlake.errors import ConfigError
from trustedlake.models.catalog import Difference, DifferenceKind
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from trustedlake.models.catalog import CatalogColumn, CatalogPartition, CatalogTable


def merged_table(ours: CatalogTable, theirs: CatalogTable) -> CatalogTable:
    """Return our table, with the extra columns and parameters of theirs.

    A projection that ours does not have is removed, because it would hide registered partitions. A projection range
    that contains ours stays.

    Raises:
        ConfigError: theirs is someone else's table of other files, or is partitioned differently.
    """
    if MADE_BY not in theirs.parameters and theirs.location != ours.location:
        raise ConfigError(
            f"the catalog has a table {theirs.name} ({theirs.location or 'no folder'}) that trustedlake did not make",
            hint="register in another database (--database NAME), or rename that table",
        )
    if _name_types(theirs.partition_keys) != _name_types(ours.partition_keys):
        keys = ", ".join(f"{key.name} {key.type}" for key in theirs.partition_keys) or "nothing"
        raise ConfigError(
            f"the catalog has a table {theirs.name} that is partitioned by {keys}; the contract has other keys",
            hint="a catalog can't change partition keys: drop its entry (no file is lost), or give another --database",
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
    """Return our view, with the extra parameters of theirs.

    Raises:
        ConfigError: theirs is not a view, or is someone else's view with a different query.
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
    """Return the partitions to add, to change and to remove, so that the published partitions are registered.

    Removes only partitions that this program registered and that are no longer published.
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


def partition_folder(keys: Sequence[str], values: Sequence[str]) -> str:
    """Return the folder name for these partition values: `ano=2025/mes=06/dia=17`."""
    return partition_name(keys[: len(values)], values[: len(keys)])


def _wider(ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Return their projection ranges that contain ours."""
    ranges = [key for key in ours if key.startswith(PROJECTION) and key.endswith(".range")]
    return {key: theirs[key] for key in ranges if _contains(theirs.get(key, ""), ours[key])}


def _contains(outer: str, inner: str) -> bool:
    try:
        (first, last), (start, end) = (map(int, one.split(",")) for one in (outer, inner))
    except ValueError:
        return False  # not a range of whole numbers
    return first <= start and end <= last


def _differ(one: CatalogPartition, other: CatalogPartition) -> bool:
    return one.location != other.location or _name_types(one.columns) != _name_types(other.columns)


def _name_types(columns: Sequence[CatalogColumn]) -> list[tuple[str, str]]:
    return [(column.name, column.type) for column in columns]


APPLY = "trustedlake catalog --apply registers it as it is"

_WIDEN = "trustedlake catalog --apply extends the projection to every published day"
_TWIN = (
    "another tool wrote the values as numbers: move nothing by hand; trustedlake audit says what to do with the files"
)
_REBUILD = "to-trusted --full-refresh writes the table's files again"


def compare_tables(ours: CatalogTable, theirs: CatalogTable | None) -> Iterator[Difference]:
    """Compare the table's catalog entry with the contract's table."""
    if theirs is None:
        yield _difference(DifferenceKind.TABLE_MISSING, ours, ours.name, "the catalog does not have it", APPLY)
        return
    if theirs.location != ours.location:
        message = f"the files are in {ours.location}, the catalog says {theirs.location or 'nothing'}"
        yield _difference(DifferenceKind.LOCATION, ours, ours.name, message, APPLY)
    keys, expected = _kinds(theirs.partition_keys), _kinds(ours.partition_keys)
    if list(keys.items()) != list(expected.items()):
        message = f"expected {_shown(expected)}, the catalog says {_shown(keys)}"
        hint = "drop the catalog's entry (no file is lost), then trustedlake catalog --apply"
        yield _difference(DifferenceKind.PARTITION_KEYS, ours, ours.name, message, hint)
    yield from compare_columns(ours, _kinds(theirs.columns), ours.name, "the catalog", APPLY)


def compare_views(ours: CatalogTable, theirs: CatalogTable | None) -> Iterator[Difference]:
    """Compare the view's catalog entry with the contract's view."""
    if theirs is None:
        yield _difference(DifferenceKind.VIEW_MISSING, ours, ours.name, "the catalog does not have it", APPLY)
        return
    if not same_query(ours.sql, theirs.sql):
        message = "the catalog's view has another query" if theirs.sql else "the catalog has a table of that name"
        hint = "--apply repairs a view that trustedlake made; drop any other in the catalog first (no file is lost)"
        yield _difference(DifferenceKind.VIEW, ours, ours.name, message, hint)
    yield from compare_columns(ours, _kinds(theirs.columns), ours.name, "the catalog", APPLY)


def compare_files(ours: CatalogTable, columns: Mapping[str, str], key: str) -> Iterator[Difference]:
    """Compare the columns of a Parquet file (name -> type) with the contract's."""
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
    """Report columns that are missing or have another type; extra columns don't matter, because readers use names."""
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
    """Compare the registered partitions, the published ones and those in the lake.

    Args:
        ours: the table by the contract.
        theirs: the table's catalog entry; if it has a projection, that must include the partitions, which then
            needn't be registered.
        registered: partitions in the catalog.
        published: names of partitions in the ledger.
        folders: names of partition folders that contain files.
        widths: partition column -> number of digits in its values.
    """
    for name in sorted(folders):
        if twin := canonical_twin(name, widths):
            yield _difference(DifferenceKind.TWIN_PARTITION, ours, name, f"a folder beside {twin}", _TWIN)
    if not ours.partition_keys:
        return
    if is_projected(theirs):
        if hidden := sorted(name for name in published if not reached(theirs, name)):
            message = f"no query finds {some(hidden)}"
            yield _difference(DifferenceKind.OUTSIDE_PROJECTION, ours, ours.name, message, _WIDEN)
        return
    known = {partition_folder(tuple(widths), one.values): one for one in registered}
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
        hint = "--apply removes it if trustedlake registered it; else delete it in the catalog"
        yield _difference(DifferenceKind.WITHOUT_FILES, ours, name, "registered, but it has no files", hint)
    if one.columns:
        yield from compare_columns(ours, _kinds(one.columns), name, "the catalog", APPLY)


def _kinds(columns: Sequence[CatalogColumn]) -> dict[str, str]:
    return {column.name: column.type for column in columns}


def _shown(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items()) or "none"


def _difference(kind: DifferenceKind, table: CatalogTable, where: str, message: str, hint: str) -> Difference:
    return Difference(kind=kind, table=table.name, where=where, message=message, hint=hint)
