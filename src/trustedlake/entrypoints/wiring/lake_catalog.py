"""Describe the tables of a lake for catalogs: as SQL statements, as Glue entries, and compared with the catalog."""

from __future__ import annotations

from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from trustedlake.adapters.local.clock import SystemClock
from trustedlake.core.cataloging.catalog_tables import catalog_table, projected
from trustedlake.core.cataloging.ddl import athena_statements, duckdb_statements, spark_statements
from trustedlake.entrypoints.lake.address import Roots, place_of, resolve, table_paths
from trustedlake.entrypoints.lake.lazy import boto_needed, pyarrow_needed
from trustedlake.entrypoints.lake.open_tables import places
from trustedlake.entrypoints.lake.registry import Asked, Registry, registry_at
from trustedlake.entrypoints.settings import Settings
from trustedlake.entrypoints.wiring.lake_query import published_tables
from trustedlake.errors import ConfigError, ConflictError, InputError, QualityGateError
from trustedlake.models.catalog import ApplyReport, CatalogTable, CheckReport, Registration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.entrypoints.lake.address import Folder, Place
    from trustedlake.models.choices import DdlDialect
    from trustedlake.models.contract import Contract
    from trustedlake.models.ledger import PublishedTable
    from trustedlake.models.report import RunReport
    from trustedlake.ports import Catalog, ObjectStore

ROUNDS = 5
"""How often to register the tables again because someone published in the meantime."""


def described(lake: str | Place | None, tables: Sequence[str], *, projection: bool) -> list[CatalogTable]:
    """Describe the tables by their contracts, with the locations from `_locations`."""
    found = _locations(place_of(lake), tables)
    rendered = [(catalog_table(contract, location), contract) for contract, location in found]
    return [projected(table, contract) if projection else table for table, contract in rendered]


def statements(
    dialect: DdlDialect, lake: str | Place | None, database: str, tables: Sequence[str], *, projection: bool
) -> list[str]:
    """Return the tables and their views as SQL statements of an engine, each statement once.

    Raises:
        ConfigError: the dialect is Athena, and the lake is a folder.
        InputError: the dialect is DuckDB, and no table has a folder: DuckDB makes no view of missing files.
    """
    if projection and dialect != "athena":
        raise ConfigError(f"{dialect} has no projection: it lists the folders", hint="leave --projection out")
    roots = resolve(place_of(lake), Settings().lake)
    found = _locations(place_of(lake), tables)
    if dialect == "athena":
        _require_bucket(roots, "Athena")
        listed = [
            athena_statements(contract, location, database, projection=projection) for contract, location in found
        ]
    elif dialect == "spark":
        listed = [
            spark_statements(contract, location.replace("s3://", "s3a://", 1), database) for contract, location in found
        ]
    else:
        there = [(contract, place) for contract, place in found if "://" in place or Path(place).is_dir()]
        if not there:
            raise InputError(
                f"nothing is published in {roots.root}, and DuckDB can't create a view without files",
                hint="run trustedlake to-trusted first",
            )
        listed = [duckdb_statements(contract, location, database) for contract, location in there]
    return list(dict.fromkeys(one for some in listed for one in some))


def apply(lake: str | Place | None, database: str, tables: Sequence[str], *, projection: bool | None) -> ApplyReport:
    """Register what is published, and the views of the latest ingestions, in the Glue Data Catalog.

    What is published in the meantime is registered, too. Otherwise a day that another run published and registered
    in between would look as if it were no longer published, and would be removed.

    Raises:
        MissingExtraError: boto3 is not installed.
        ConfigError: the lake is a folder, or the catalog has a table of that name that belongs to someone else.
        InputError: nothing is published.
        ConflictError: others keep publishing.
    """
    require_bucket(lake)
    done: dict[str, Registration] = {}
    for _ in range(ROUNDS):
        with published_tables(lake) as found, glue_catalog(database) as catalog:
            chosen = _chosen(found, tables)
            catalog.ensure_database()
            for one in _registered(catalog, chosen, database, projection=projection):
                done[one.table] = done[one.table].and_then(one) if one.table in done else one
        with published_tables(lake) as now:
            if [table for _, table in _chosen(now, tables)] == [table for _, table in chosen]:
                return ApplyReport(database=database, tables=tuple(done.values()))
    raise ConflictError(f"{database}: other runs keep publishing into the lake", hint="run again when they are done")


def _registered(
    catalog: Catalog, chosen: Sequence[tuple[ObjectStore, PublishedTable]], database: str, *, projection: bool | None
) -> Iterator[Registration]:
    from trustedlake.app.cataloging import register, register_view

    for store, table in chosen:
        yield register(catalog, table, store.address(table.folder), projection=projection)
    for _, table in chosen:
        if view := register_view(catalog, table, database):
            yield view


def register_run(
    run: RunReport, lake: str | Place, database: str, *, projection: bool | None = None
) -> ApplyReport | None:
    """Register the run's tables that have published rows; None if there are none, as after a dry run.

    Raises the same errors as `apply`; what was published stays published.
    """
    tables = [table.table for table in run.tables if table.counts.trusted and table.status != "planned"]
    return apply(lake, database, tables, projection=projection) if tables else None


def check(lake: str | Place | None, database: str, tables: Sequence[str]) -> CheckReport:
    """Compare what is published with the Glue Data Catalog and with the files. Raises the same errors as `apply`."""
    from trustedlake.app.cataloging import check as check_table

    require_bucket(lake)
    with pyarrow_needed("query"):
        from trustedlake.adapters.parquet.parquet_columns import ParquetColumns
    with published_tables(lake) as found, glue_catalog(database) as catalog:
        chosen = _chosen(found, tables)
        columns_of = ParquetColumns()
        differences = [
            one for store, table in chosen for one in check_table(catalog, store, table, columns_of, database=database)
        ]
    return CheckReport(
        exit_code=QualityGateError.exit_code if differences else 0,
        database=database,
        tables=tuple(table.contract.table for _, table in chosen),
        differences=tuple(differences),
    )


@contextmanager
def glue_catalog(database: str) -> Iterator[Catalog]:
    """Open a database of the Glue Data Catalog; its connections are closed at the end.

    Raises:
        MissingExtraError: boto3 is not installed.
        ConfigError: there is no such AWS profile, or no region.
    """
    with boto_needed("the Glue Data Catalog"):
        from trustedlake.adapters.aws.glue_catalog import GlueCatalog, glue_client
    with closing(glue_client()) as client:
        yield GlueCatalog(client, database)


def _chosen(
    found: Sequence[tuple[ObjectStore, PublishedTable]], tables: Sequence[str]
) -> list[tuple[ObjectStore, PublishedTable]]:
    chosen = [(store, table) for store, table in found if not tables or table.contract.table in tables]
    if missing := set(tables) - {table.contract.table for _, table in chosen}:
        raise InputError(
            f"nothing of {' and '.join(sorted(missing))} is published in this lake",
            hint="run trustedlake to-trusted first",
        )
    return chosen


def _locations(place: Place, tables: Sequence[str]) -> list[tuple[Contract, str]]:
    """Return tables and their folders: those of their ledgers, or for a bucket, which is not read, the usual ones."""
    settings, clock = Settings(), SystemClock()
    roots = resolve(place, settings.lake)
    in_bucket = not isinstance(roots.root, Path)
    registry = (
        registry_at(roots, settings, clock, place.contracts)
        if not in_bucket
        else Registry.load(None, place.contracts or settings.contract_files)
    )
    known = tuple(registry)
    chosen = Asked(tuple(tables)).contracts(registry)
    if in_bucket:
        asked = roots if len(tables) == 1 else Roots(roots.root, roots.lake)
        lie = {contract.table: str(roots.root / table_paths(asked, contract).trusted) for contract in chosen}
    else:
        with places(roots, chosen, clock, known=known) as found:
            lie = {paths.table: store.address(paths.trusted) for store, paths in found}
    return [(contract, f"{lie[contract.table]}/") for contract in chosen]


def require_bucket(lake: str | Place | None) -> None:
    """Check that the lake is in a bucket, since Glue and Athena read nothing else.

    Raises:
        ConfigError: it is a folder.
    """
    _require_bucket(resolve(place_of(lake), Settings().lake), "Glue")


def _require_bucket(roots: Roots, who: str) -> None:
    root: Folder = roots.root
    if isinstance(root, Path):
        raise ConfigError(
            f"{who} reads buckets, but {root} is a folder",
            hint="--lake s3://bucket/prefix; for a folder use --ddl spark or --ddl duckdb",
        )
