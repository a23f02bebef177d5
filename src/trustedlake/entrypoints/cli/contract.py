"""`trustedlake contract`: the tables' contract files."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from trustedlake.entrypoints.cli import options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.adapters.contracts.odcs_check import Checked
    from trustedlake.entrypoints.lake.registry import RegisteredContract


_MODULES = {
    "init": "trustedlake.entrypoints.cli.contract_init",
    "diff": "trustedlake.entrypoints.cli.contract_diff",
}
"""Subcommand -> the module with its `command`, loaded when it is called."""


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands: `init` first, because every contract begins there."""
        return sorted({*super().list_commands(ctx), *_MODULES}, key=lambda name: (name != "init", name))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return the subcommand of that name."""
        if cmd_name in _MODULES:
            command: click.Command = import_module(_MODULES[cmd_name]).command
            return command
        return super().get_command(ctx, cmd_name)


@click.group("contract", cls=_Group, short_help="List, show, check and compare contract files.")
def command() -> None:
    """A table is a contract file: where its raw records are, its columns, and their rules.

    \b
    Examples:
      trustedlake contract list --lake ./lake
      trustedlake contract check people.odcs.yaml
    """


@command.command("list", short_help="List the tables and where their contracts come from.")
@options.lake
@options.contracts
@options.as_json
def list_tables(*, lake: str | None, contracts: tuple[str, ...], as_json: bool) -> None:
    """List every table: built-in, from the lake's folder contracts/, and from --contracts.

    \b
    Examples:
      trustedlake contract list
      trustedlake contract list --lake ./lake --contracts people.odcs.yaml --json
    """
    from trustedlake.entrypoints.lake.registry import registry_of

    registry = registry_of(lake, contracts)
    rows = [_listed(registry.registered(table)) for table in registry.tables]
    if as_json:
        click.echo(json.dumps({"tables": rows, "notes": registry.notes}, ensure_ascii=False, indent=2))
        return
    names = ("table", "from", "key", "partition", "columns")
    _grid(names, [[_told(row[name]) if name != "columns" else str(len(row[name])) for name in names] for row in rows])
    for note in registry.notes:
        click.echo(f"note: {note}", err=True)


@command.command("show", short_help="Show a table's contract.")
@click.argument("table")
@click.option("--as", "form", type=click.Choice(["yaml", "table"]), default="yaml", help="The file, or its columns.")
@options.lake
@options.contracts
@options.as_json
def show(*, table: str, form: str, lake: str | None, contracts: tuple[str, ...], as_json: bool) -> None:
    """Show a table's contract: the file as it is, or its columns as a table.

    The file of a built-in table is a good start for your own.

    \b
    Examples:
      trustedlake contract show tmdb_movies
      trustedlake contract show tmdb_movies --as table
      trustedlake contract show tmdb_movies > my_movies.odcs.yaml
    """
    from trustedlake.entrypoints.lake.registry import registry_of

    one = registry_of(lake, contracts).registered(table)
    if as_json:
        document = {"from": one.origin, "contract": one.contract.model_dump(mode="json")}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    elif form == "yaml":
        click.echo(one.content.decode("utf-8-sig").rstrip("\n"))
    else:
        click.echo(_headline(one))
        rows = [
            [
                column.name,
                column.type,
                ", ".join(column.paths),
                "; ".join(_rules(column.model_dump())),
                column.description,
            ]
            for column in one.contract.columns
        ]
        _grid(("column", "type", "taken from", "rules", "meaning"), rows)


@command.command("check", short_help="List everything that is wrong with contract files.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@options.as_json
def check(*, files: tuple[str, ...], as_json: bool) -> int:
    """Check contract files or folders: the standard's schema, ours, and rules beyond any schema.

    Shows the file, line and field of each problem, and how to fix it. Notes name parts of the file
    that trustedlake does not check. Exits 2 if there is a problem.

    \b
    Examples:
      trustedlake contract check people.odcs.yaml
      trustedlake contract check ./lake/contracts --json
    """
    checked, clash = _check_files(files)
    code = 2 if clash or any(one.problems for one in checked) else 0
    if as_json:
        document = {"exit_code": code, "files": [_checked(one) for one in checked], "problems": clash}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return code
    for one in checked:
        for problem in one.problems:
            click.echo(f"problem: {problem.told(one.name)}")
        for note in one.notes:
            click.echo(f"note: {note.told(one.name)}")
        if one.file and not one.problems:
            tables = ", ".join(f"{table.table} ({len(table.columns)} columns)" for table in one.file.contracts)
            click.echo(f"{one.name}: good: {tables}")
    for sentence in clash:
        click.echo(f"problem: {sentence}")
    return code


def _listed(one: RegisteredContract) -> dict[str, Any]:
    contract = one.contract
    return {
        "table": contract.table,
        "from": one.origin,
        "key": list(contract.key),
        "partition": list(contract.partition),
        "columns": [column.name for column in contract.columns],
        "trusted": contract.trusted,
        "fingerprint": contract.fingerprint,
    }


def _check_files(names: Sequence[str]) -> tuple[list[Checked], list[str]]:
    """Check contract files, and whether their tables conflict.

    Raises:
        ConfigError: a file or folder does not exist.
    """
    from trustedlake.adapters.contracts.odcs_check import check
    from trustedlake.entrypoints.lake.registry import Registry, named_files
    from trustedlake.errors import ConfigError

    sources = [source for name in names for source in named_files(name, "")]
    checked = [check(source.read(), source.name) for source in sources]
    clash: list[str] = []
    if not any(one.problems for one in checked):
        try:
            Registry([[source] for source in sources])
        except ConfigError as error:
            clash.append(f"{error.message} ({error.hint})")
    return checked, clash


def _checked(one: Checked) -> dict[str, Any]:
    return {
        "file": one.name,
        "tables": [table.table for table in one.file.contracts] if one.file else [],
        "problems": [problem._asdict() for problem in one.problems],
        "notes": [note._asdict() for note in one.notes],
    }


def _headline(one: RegisteredContract) -> str:
    contract = one.contract
    partition = "/".join(f"{name}=" for name in contract.partition) or "no partitions"
    return (
        f"{contract.table} ({one.origin}): {contract.format} from {', '.join(contract.raw.path)}\n"
        f"to {contract.trusted}, {partition}; key {_told(contract.key) or 'none'}; duplicates: {contract.duplicates}"
    )


_UNTOLD = ("name", "type", "description", "sources", "synonyms", "expected")


def _rules(column: dict[str, Any]) -> list[str]:
    """Return the rules of a column that differ from the defaults."""
    from trustedlake.models.column import Column

    usual = Column(name="x", type="string").model_dump()
    told = {name: value for name, value in column.items() if name not in _UNTOLD and value != usual[name]}
    return [
        name.replace("_", " ") if value is True else f"{name.replace('_', ' ')} {_told(value)}"
        for name, value in told.items()
    ]


def _told(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) or '""' for one in value)
    text = str(value)
    return text if text.isprintable() else repr(text)


def _grid(names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows as a complete table."""
    from rich.table import Table

    from trustedlake.entrypoints.cli.console import stdout, whole

    grid = Table(box=None, pad_edge=False, header_style="dim")
    for name in names:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(" ".join(cell.split()) for cell in row))
    whole(stdout(), grid)
