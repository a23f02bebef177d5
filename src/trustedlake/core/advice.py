"""Advice for the open points of a lake: which command to run next."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from trustedlake.core.file_names import ending_of
from trustedlake.models.ledger import CONFLICT, DRIFT, LOST, NULL, OVERRULED, QUARANTINE, TYPE, UNTAKEN
from trustedlake.models.untaken import UNTAKEN_FILES
from trustedlake.terminal import quoted, typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from trustedlake.core.shared_points import SharedWarning
    from trustedlake.models.untaken import UntakenPlace

_FIRST = {
    DRIFT: "restore the key in the file, or add its new name to the contract",
    NULL: "fetch the files again if they should have values",
    LOST: "fetch the whole record again into a file whose name sorts last, or set `duplicates: merge` in the contract",
    CONFLICT: "put the correct source first in the contract",
    OVERRULED: "copy the correcting file to a name that sorts after the other's, such as zz_fix{extension}, and run"
    " again",
    UNTAKEN: "write a contract for them (trustedlake contract init), or correct `where` in the contract",
}


def what_to_do(table: str, warnings: Sequence[SharedWarning], lake: str | None) -> str:
    """Say how to settle warnings that have one remedy, and how to accept them instead."""
    by_id: dict[str, dict[str, None]] = {}
    for one in warnings:
        for name in one.ids:
            by_id.setdefault(name, {}).update(dict.fromkeys(one.partitions))
    together: dict[tuple[str, ...], list[str]] = {}
    for name, places in by_id.items():
        together.setdefault(tuple(places), []).append(name)
    everywhere = tuple(dict.fromkeys(name for names in by_id.values() for name in names))
    settles = what_settles(table, replace(warnings[-1], partitions=everywhere), lake)
    (names, ids), *others = together.items()
    accepts = what_accepts(table, replace(warnings[-1], partitions=names, ids=tuple(ids)), lake)
    more = f" (and so on for {', '.join(name for _, more in others for name in more)})" if others else ""
    return f"{settles}; or {accepts}{more}" if settles else f"{accepts}{more}"


def what_accepts(table: str, warning: SharedWarning, lake: str | None) -> str:
    """Return the command that accepts a warning in all its partitions."""
    return typed("accept", table, warning.to_accept, ",".join(warning.ids), "--why", "...", lake=lake)


def what_settles(table: str, shared: SharedWarning, lake: str | None) -> str:
    """Say how to settle a warning; empty if no way is known."""
    warning, partition = shared.last, shared.only
    if warning.renamed:
        return about_renamed(table, lake)
    if warning.kind in {QUARANTINE, TYPE}:
        shown = what_shows(table, partition, lake, "--verdict", "rejected")
        return f"{shown}; then deliver corrected records in a new file of that folder"
    return _FIRST.get(warning.kind, "").format(extension=ending_of(warning.path))


def what_shows(table: str, partition: str, lake: str | None, *more: str) -> str:
    """Return the command that shows the refused records of a partition; empty for the whole table."""
    return typed("quarantine", "--table", table, *more, *(["--partition", partition] if partition else []), lake=lake)


def about_renamed(table: str, lake: str | None) -> str:
    """Say how to see the lines of the contract that take the new names of its keys."""
    return f"{typed('contract', 'diff', table, lake=lake)} shows the line for the contract"


def about_refused(table: str, partition: str, lake: str | None, *, renamed: bool = False) -> str:
    """Say what to do about a refused partition; an empty name means the whole table.

    `renamed`: a key of its files seems to be renamed.
    """
    look = f"{what_shows(table, partition, lake)}; fix the file in Raw and run to-trusted again"
    return f"{about_renamed(table, lake)}; or {look}" if renamed else look


def about_vanished(table: str, lake: str | None) -> str:
    """Say what to do about raw files that are gone."""
    keep, drop = (typed("to-trusted", "--table", table, "--vanished", how, lake=lake) for how in ("keep", "drop"))
    return f"restore them; or {keep} keeps their rows; or {drop} removes them"


def about_missing(table: str, lake: str | None) -> str:
    """Say what to do about published files that are gone."""
    return f"is the folder mounted? {typed('to-trusted', '--table', table, lake=lake)} builds them again from Raw"


RUNS_FAIL = "it is in a folder of {table}, but in none of its partitions, so each run of that table fails"
INTO_PARTITION = "move it into a partition's folder"


def about_untaken(places: Sequence[UntakenPlace], lake: str) -> str:
    """Say what to do about places with one remedy; `lake` is its address, because `init` reads a folder or file."""
    place, *others = places
    lake = lake.rstrip("/")
    where = place.path.rstrip("/")
    where = where if "://" in where else f"{lake}/{where}"
    move = ""
    if not place.path.endswith("/"):  # a contract takes whole folders, and there are other files beside this one
        top = where.removeprefix(f"{lake}/").partition("/")[0]
        where = f"{lake}/{top}/NAME" if where.startswith(f"{lake}/") else f"{where.rpartition('/')[0]}/NAME"
        move = f"move the file into a folder of its own, such as {quoted(where)}; "
    init = typed("contract", "init", "--from", where, "--table", "NAME")
    copy = "copy them to this machine, then " if "://" in where else ""
    more = f" (and so on for {', '.join(quoted(one.path) for one in others)})" if others else ""
    accept = typed("accept", "-", place.path, UNTAKEN_FILES, "--why", "...", lake=lake)
    leave = "or move them out of Raw, or into a folder whose name begins with _"
    own = f"{move}{copy}{init} writes a contract for them; {leave}"
    if place.fails:
        return f"{RUNS_FAIL.format(table=place.fails)}; {INTO_PARTITION}; or {own}"
    return f"{own}; or {accept}{more}"


def one_remedy(places: Iterable[UntakenPlace]) -> Iterator[list[UntakenPlace]]:
    """Group neighbouring places with one remedy: single files. For each folder there is a contract of its own."""
    for _, group in groupby(places, key=lambda one: (one.fails, one.path if one.path.endswith("/") else "")):
        yield list(group)


def more_untaken(places: Sequence[UntakenPlace]) -> str:
    """Count places that a person is not shown one by one."""
    return f"{len(places):,} more place(s) with files in Raw that no table takes ({typed('status', '--json')})"


def about_more_untaken(lake: str) -> str:
    """Say how to accept all files that no table takes."""
    return f"{typed('accept', '-', '-', UNTAKEN_FILES, '--why', '...', lake=lake)} accepts them all"


def about_unknown(table: str, lake: str | None) -> str:
    """Say what to do about files that are not in the ledger."""
    return f"{typed('to-trusted', '--table', table, '--full-refresh', lake=lake)} moves them aside"
