"""`trustedlake contract diff`: two contracts compared, or a patch that adds keys that were probably renamed."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING, NamedTuple

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.entrypoints.lake.registry import RegisteredContract
    from trustedlake.models.contract import Contract


@click.command("diff", short_help="Show what a changed contract means for published days.")
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", default="")
@options.lake
@options.as_json
def command(*, old: str, new: str, lake: str | None, as_json: bool) -> None:
    """Compare two contracts, A before and B after: files, or names of tables.

    Shows for each difference whether published days stay, are processed again by the next run, or
    need to-trusted --full-refresh. With only a table's name, it shows the patch for keys that seem to
    be renamed in the lake.

    \b
    Examples:
      trustedlake contract diff people.odcs.yaml people-new.odcs.yaml
      trustedlake contract diff tmdb_movies lake/contracts/tmdb_movies.odcs.yaml
      trustedlake contract diff tmdb_movies --lake ./lake
    """
    if not new:
        _show_renames(old, lake, as_json=as_json)
        return
    from trustedlake.core.contract_changes import MEANING, compare, effect_of

    before = _named(old, lake)
    after = _named(new, lake, before.table)
    changes = compare(before, after)
    effect = effect_of(changes)
    if as_json:
        document = {
            "changes": [
                {"field": one.field, "change": one.what, "effect": str(one.effect), "meaning": MEANING[one.effect]}
                for one in changes
            ],
            "effect": str(effect),
            "meaning": MEANING[effect],
            "fingerprints": [before.fingerprint, after.fingerprint],
        }
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    for one in changes:
        click.echo(f"{one.field}: {one.what}\n    {MEANING[one.effect]}")
    click.echo(f"in all: {MEANING[effect]}" if changes else "no difference")


def _named(name: str, lake: str | None, table: str | None = None) -> Contract:
    """Return the contract of a table; for a file, its only contract or the one called `table`."""
    from trustedlake.adapters.contracts.contract_file import read_contracts
    from trustedlake.entrypoints.lake.address import local_path
    from trustedlake.entrypoints.lake.registry import named_files, registry_of

    if not (name.endswith((".yaml", ".yml", ".json")) or "/" in name):
        return registry_of(lake).contract(name)
    if local_path(name).is_dir():
        raise ConfigError(f"{name}: is a folder", hint="name two files, or two tables")
    (source,) = named_files(name, "")
    found = read_contracts(source.read(), source.name).contracts
    fitting = [one for one in found if one.table == table] or found
    if len(fitting) > 1:
        tables = ", ".join(one.table for one in fitting)
        raise ConfigError(f"{name}: has several tables: {tables}", hint="compare files with one table each")
    return fitting[0]


class Rename(NamedTuple):
    """A column, and the key that it was probably renamed to."""

    column: str
    key: str
    partition: str
    since: str


def _show_renames(table: str, lake: str | None, *, as_json: bool) -> None:
    """Print the patch, or that there is nothing to patch."""
    from trustedlake.core.contract_changes import MEANING, Effect
    from trustedlake.entrypoints.lake import compose
    from trustedlake.terminal import typed

    with compose.home(compose.Place(lake)) as home:
        one = home.registry.registered(table)
        found = {status.table: status.warnings for status in home.status().tables}.get(table, {})
    known = {column.name for column in one.contract.columns}
    renames = [
        Rename(name, warning.renamed, partition, f"{warning.since:%Y-%m-%d}")
        for partition, warnings in found.items()
        for warning in warnings
        if warning.renamed and (name := warning.id.partition("-")[2]) in known
    ]
    patch, left = _patch(one, renames)
    if as_json:
        document = {"renames": [rename._asdict() for rename in renames], "patch": patch}
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    if not renames:
        click.echo(f"no column of {table} seems to be renamed")
        return
    for rename in renames:
        where = rename.partition or "the table"
        click.echo(f"{table}.{rename.column}: since {rename.since} {rename.key!r} in {where}")
    if patch:
        click.echo(f"\n{patch}")
    for line in left:
        click.echo(line)
    click.echo(f"in all: {MEANING[Effect.AGAIN]}")
    if one.origin == "built-in":
        file = f"contracts/{table}.odcs.yaml"
        click.echo(
            f"a built-in contract: {typed('contract', 'show', table)} > {file} in the lake, then change that file"
        )


def _patch(one: RegisteredContract, renames: Sequence[Rename]) -> tuple[str, list[str]]:
    """Return the patch of the contract file, and the lines to add by hand."""
    from trustedlake.adapters.contracts.patch import with_synonym
    from trustedlake.core.contract_changes import synonym_line

    before = after = one.content.decode("utf-8-sig")
    left = []
    for column, key in dict.fromkeys((rename.column, rename.key) for rename in renames):
        written = with_synonym(after, one.contract.table, column, key)
        if written is None:
            left.append(f"add to the column {column}: {synonym_line(key)}")
        else:
            after = written
    name = f"{one.contract.table}.odcs.yaml" if one.origin == "built-in" else one.origin
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{name}", f"b/{name}", lineterm="")
    return "\n".join(lines), left
