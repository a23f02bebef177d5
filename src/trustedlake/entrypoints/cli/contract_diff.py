"""`trustedlake contract diff`: two contracts compared, or a patch that adds keys that were probably renamed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from trustedlake.entrypoints.cli import options
from trustedlake.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.models.contract import Contract


@click.command("diff", short_help="Show what a changed contract means for published days.")
@click.argument("old", metavar="A")
@click.argument("new", metavar="[B]", default="")
@options.lake
@options.contracts
@options.as_json
def command(*, old: str, new: str, lake: str | None, contracts: tuple[str, ...], as_json: bool) -> None:
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
        from trustedlake.entrypoints.cli.rename_patch import show_renames
        from trustedlake.entrypoints.lake.address import Place

        show_renames(old, Place(lake, contracts=contracts), as_json=as_json)
        return
    from trustedlake.core.contract_changes import MEANING, compare, effect_of

    before = _named(old, lake, contracts)
    after = _named(new, lake, contracts, before.table)
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


def _named(name: str, lake: str | None, contracts: Sequence[str], table: str | None = None) -> Contract:
    """Return the contract of a table; for a file, its only contract or the one called `table`."""
    from trustedlake.adapters.contracts.contract_file import read_contracts
    from trustedlake.entrypoints.lake.address import local_path
    from trustedlake.entrypoints.lake.registry import named_files, registry_of

    if not (name.endswith((".yaml", ".yml", ".json")) or "/" in name):
        return registry_of(lake, contracts).contract(name)
    if local_path(name).is_dir():
        raise ConfigError(f"{name}: is a folder", hint="name two files, or two tables")
    (source,) = named_files(name, "")
    found = read_contracts(source.read(), source.name).contracts
    fitting = [one for one in found if one.table == table] or found
    if len(fitting) > 1:
        tables = ", ".join(one.table for one in fitting)
        raise ConfigError(f"{name}: has several tables: {tables}", hint="compare files with one table each")
    return fitting[0]
