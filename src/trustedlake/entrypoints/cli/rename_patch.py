"""`trustedlake contract diff TABLE`: a patch that adds keys that were probably renamed to the contract."""

from __future__ import annotations

import json
from difflib import unified_diff
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.entrypoints.lake.registry import RegisteredContract


class OpenRename(NamedTuple):
    """A column, and the key that it was probably renamed to."""

    column: str
    key: str
    partition: str
    since: str


def show_renames(table: str, lake: str | None, *, as_json: bool) -> None:
    """Print the patch, or that there is nothing to patch."""
    from trustedlake.core.contract_changes import MEANING, Effect
    from trustedlake.entrypoints.lake import compose
    from trustedlake.models.status import TableStatus
    from trustedlake.terminal import typed

    with compose.home(compose.Place(lake)) as home:
        one = home.registry.registered(table)
        status = next((one for one in home.status().tables if one.table == table), TableStatus(table=table))
    known = {column.name for column in one.contract.columns}
    renames = [
        OpenRename(name, warning.renamed, partition, f"{warning.since:%Y-%m-%d}")
        for found in (status.warnings, status.refused_warnings)
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


def _patch(one: RegisteredContract, renames: Sequence[OpenRename]) -> tuple[str, list[str]]:
    """Return the patch of the contract file, and the lines to add by hand."""
    from trustedlake.adapters.contracts.patch import with_synonym
    from trustedlake.core.renames import synonym_line

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
