"""`trustedlake catalog`."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError
from trustedlake.models.choices import DdlDialect

if TYPE_CHECKING:
    from trustedlake.models.catalog import ApplyReport, CatalogTable, CheckReport


@click.command("catalog", short_help="Register the tables, compare them, or print their DDL.")
@click.option("--apply", "applies", is_flag=True, help="Register the published tables in the Glue Data Catalog.")
@click.option("--check", "checks", is_flag=True, help="Compare contract, catalog and files; exit 3 if they differ.")
@click.option("--ddl", type=click.Choice(get_args(DdlDialect)), help="Print the statements for this engine.")
@options.tables
@options.contracts
@options.database
@click.option(
    "--projection/--partitions",
    default=None,
    help="Compute partitions from a pattern, or register each.  [default: as registered now, else each]",
)
@options.lake
@options.inputs
@options.target
@options.as_json
def command(
    *,
    applies: bool,
    checks: bool,
    ddl: DdlDialect | None,
    tables: tuple[str, ...],
    contracts: tuple[str, ...],
    database: str,
    projection: bool | None,
    lake: str | None,
    inputs: tuple[str, ...],
    target: str | None,
    as_json: bool,
) -> int:
    """Describe the tables to a catalog, from their contracts: columns with comments, partitions, location.

    --apply changes only what differs. It drops no table and no column, and only those partitions
    that it registered itself and whose day is no longer published. --check reads, writes nothing,
    and exits 3 if contract, catalog and files differ. Without these options it shows the tables.

    \b
    Examples:
      trustedlake catalog --apply --lake s3://bucket/lake
      trustedlake catalog --check --lake s3://bucket/lake
      trustedlake catalog --ddl athena --projection --lake s3://bucket/lake
      trustedlake catalog --ddl duckdb --lake ./lake
      trustedlake catalog --table tmdb_movies --json
    """
    import json

    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.entrypoints.wiring import lake_catalog

    if applies + checks + bool(ddl) > 1:
        raise ConfigError("--apply, --check and --ddl exclude each other", hint="give one of them")
    place = Place(lake, inputs, target, contracts)
    if applies:
        _applied(lake_catalog.apply(place, database, tables, projection=projection), as_json=as_json)
    elif checks:
        report = lake_catalog.check(place, database, tables)
        _checked(report, as_json=as_json)
        return report.exit_code
    elif ddl:
        listed = lake_catalog.statements(ddl, place, database, tables, projection=bool(projection))
        click.echo(json.dumps(listed, ensure_ascii=False) if as_json else ";\n\n".join(listed) + ";")
    else:
        _described(lake_catalog.described(place, tables, projection=bool(projection)), lake, as_json=as_json)
    return 0


def _applied(report: ApplyReport, *, as_json: bool) -> None:
    from trustedlake.entrypoints.cli.record_rows import show_rows

    if as_json:
        click.echo(report.model_dump_json(indent=2))
        return
    names = ("table", "status", "added", "updated", "removed", "location")
    show_rows(names, [one.model_dump() for one in report.tables], width=200, every=True)
    click.echo("added, updated, removed: partitions", err=True)


def _checked(report: CheckReport, *, as_json: bool) -> None:
    from rich.table import Table

    from trustedlake.entrypoints.cli.console import Text, stdout

    if as_json:
        click.echo(report.model_dump_json(indent=2))
        return
    if not report.differences:
        click.echo(f"contract, catalog and files agree: {', '.join(report.tables)}")
        return
    console, grid = stdout(), Table(box=None, pad_edge=False, header_style="dim")
    for name in ("difference", "table", "where", "what"):
        grid.add_column(name, overflow="fold")
    for one in report.differences:
        grid.add_row(Text(one.kind, style="red"), one.table, Text(one.where), Text(one.message))
    console.print(grid)
    for hint in dict.fromkeys((one.kind, one.hint) for one in report.differences):
        console.print(Text.assemble((f"{hint[0]}: ", "bold cyan"), hint[1]), soft_wrap=True)
    click.echo(f"{len(report.differences)} difference(s)")


def _described(tables: list[CatalogTable], lake: str | None, *, as_json: bool) -> None:
    from trustedlake.entrypoints.cli.record_rows import show_rows
    from trustedlake.terminal import typed

    if as_json:
        click.echo("[" + ",\n".join(table.model_dump_json(indent=1) for table in tables) + "]")
        return
    rows = [
        {
            "table": table.name,
            "columns": len(table.columns),
            "partitions": ", ".join(key.name for key in table.partition_keys),
            "location": table.location,
        }
        for table in tables
    ]
    show_rows(("table", "columns", "partitions", "location"), rows, width=200, every=True)
    in_bucket = tables[0].location.startswith("s3://")
    ways = "--ddl athena|spark|duckdb, or --apply" if in_bucket else "--ddl spark|duckdb"
    click.echo(f"next: {typed('catalog', lake=lake)} {ways}")
