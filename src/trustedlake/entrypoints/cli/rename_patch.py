"""`trustedlake contract diff TABLE`: a patch that adds keys that were probably renamed to the contract."""

from __future__ import annotations

import io
import json
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustedlake.entrypoints.lake.address import Place
    from trustedlake.entrypoints.lake.registry import RegisteredContract

_BOM = "\ufeff"


class OpenRename(NamedTuple):
    """A column, and the key that it was probably renamed to."""

    column: str
    key: str
    partition: str
    since: str


class _Target(NamedTuple):
    """The file to patch.

    Attributes:
        folder: folder in which the patch applies.
        path: of the file, as the patch calls it. It begins with `./`, so `patch -p0`, `patch -p1` and `git apply` take
            it alike.
        first: what to do before; empty if nothing.
    """

    folder: str
    path: str
    first: str = ""


def show_renames(table: str, place: Place, *, as_json: bool) -> None:
    """Print the patch and how to apply it, or that there is nothing to patch."""
    from trustedlake.core.contract_changes import MEANING, Effect
    from trustedlake.entrypoints.lake import compose
    from trustedlake.models.status import TableStatus
    from trustedlake.terminal import quoted, typed

    with compose.home(place) as home:
        contract = home.registry.registered(table)
        status = next(iter(home.status(compose.Asked((table,))).tables), TableStatus(table=table))
        lake = home.address
    keys = {column.name: column.keys for column in contract.contract.columns}
    renames = [
        OpenRename(name, warning.renamed, partition, f"{warning.since:%Y-%m-%d}")
        for found in (status.warnings, status.refused_warnings)
        for partition, warnings in found.items()
        for warning in warnings
        if warning.renamed and warning.renamed not in keys.get(name := warning.id.partition("-")[2], (warning.renamed,))
    ]
    target = _target(contract, lake)
    patch, left = _patch(contract, renames, target.path)
    if as_json:
        document = {"renames": [rename._asdict() for rename in renames], "folder": target.folder, "patch": patch}
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
    if patch:
        if target.first:
            click.echo(f"first: {target.first}")
        this = typed("contract", "diff", table, *place.options, lake=place.lake)
        click.echo(f"apply: {this} | patch -p1 -d {quoted(target.folder)}")


def _target(one: RegisteredContract, lake: str) -> _Target:
    """Say where the patch applies: below the working directory, in the lake, or beside the file."""
    from trustedlake.entrypoints.lake.registry import BUILT_IN, FOLDER
    from trustedlake.terminal import quoted, typed

    is_built_in = one.origin == BUILT_IN
    name = f"{one.contract.table}.odcs.yaml" if is_built_in else one.origin.rpartition("/")[2]
    show = typed("contract", "show", one.contract.table, lake=None if is_built_in else lake)
    if "://" in (lake if is_built_in else one.origin):
        return _Target(".", f"./{name}", f"{show} > {quoted(name)} (after the patch, copy it to {lake}/{FOLDER}/)")
    file = (Path(lake) / FOLDER / name if is_built_in else Path(one.origin)).resolve()
    bases = (Path.cwd().resolve(), Path(lake).resolve(), file.parent)
    base = next(folder for folder in bases if file.is_relative_to(folder))
    first = f"mkdir -p {quoted(file.parent)} && {show} > {quoted(file)}" if is_built_in else ""
    return _Target("." if base == bases[0] else str(base), f"./{file.relative_to(base).as_posix()}", first)


def _patch(one: RegisteredContract, renames: Sequence[OpenRename], path: str) -> tuple[str, list[str]]:
    """Return the patch of the contract file, and the lines to add by hand."""
    from trustedlake.adapters.contracts.patch import with_synonym
    from trustedlake.core.renames import synonym_line

    content = one.content.decode()
    mark = _BOM if content.startswith(_BOM) else ""
    before = after = content.removeprefix(_BOM)
    left = []
    for column, key in dict.fromkeys((rename.column, rename.key) for rename in renames):
        written = with_synonym(after, one.contract.table, column, key)
        if written is None:
            left.append(f"add to the column {column}: {synonym_line(key)}")
        else:
            after = written
    header = f"{path}\t" if " " in path else path  # without the tab, patch takes a name only up to its first blank
    lines = unified_diff(_lines(mark + before), _lines(mark + after), header, header)
    return "".join(_ended(lines)).rstrip("\n"), left


def _lines(text: str) -> list[str]:
    """Split a text into lines as patch does: only LF ends a line."""
    return list(io.StringIO(text, newline="\n"))


def _ended(lines: Iterator[str]) -> Iterator[str]:
    """End each line of a patch; the last one of a file may have no end."""
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
