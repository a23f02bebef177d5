"""Raw files of one name, where the contract says that a later delivery replaces an earlier one (`replaces: name`)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trustedlake.app.trusted.listing import some
from trustedlake.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed
    from trustedlake.models.ledger import Partition

_NUMBER = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The files of a partition, each marked if a later one of its name replaces it.

    Attributes:
        superseded: path of a replaced file -> path of the one that replaces it.
        beside: paths of files that count beside a later one, since the user keeps their rows.
        undecided: those of `superseded` whose rows are published, while nobody said that they may go.
    """

    files: tuple[Listed, ...]
    superseded: dict[str, str]
    beside: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def compare_deliveries(job: Job, files: tuple[Listed, ...], entry: Partition | None, kept: Sequence[str]) -> Deliveries:
    """Find the files of one partition that a later one of the same name replaces.

    The later one is that whose path is greater, where numbers in it count as numbers. An earlier one that is
    published leaves Trusted only if the options say so (`--vanished`).

    Args:
        job: for contract and options.
        files: all of the partition.
        entry: what is published of it.
        kept: paths of files that count beside a later one, as a run before was told.
    """
    if job.contract.raw.replaces is None:
        return Deliveries(files, {})
    latest: dict[str, str] = {}
    for path in sorted((listed.file.path for listed in files), key=_order):
        latest[_name(path)] = path
    earlier = {path: later for path in (one.file.path for one in files) if (later := latest[_name(path)]) != path}
    published = {raw.path for raw in entry.raw if not raw.replaced} if entry else set()
    drop = job.options.vanished == "drop" or job.options.full_refresh
    asked = [path for path in earlier if path in published and path not in kept and not drop]
    beside = set() if drop else {path for path in earlier if path in kept}
    if job.options.vanished == "keep":
        beside.update(asked)
    superseded = {path: later for path, later in earlier.items() if path not in beside}
    marked = (
        replace(one, file=replace(one.file, replaced=True)) if one.file.path in superseded else one for one in files
    )
    return Deliveries(
        tuple(marked), superseded, tuple(sorted(beside)), tuple(path for path in asked if path not in beside)
    )


def refuse_undecided(job: Job, deliveries: Sequence[Deliveries]) -> None:
    """Look whether every published file that a later delivery replaces may go.

    Raises:
        InputError: the options don't say what becomes of its rows.
    """
    undecided = [f"{path} (by {one.superseded[path]})" for one in deliveries for path in one.undecided]
    if undecided:
        raise InputError(
            f"{len(undecided)} published raw file(s) of {job.contract.table} are replaced by a later delivery of their"
            f" name: {some(undecided)}",
            hint="say what it means: --vanished keep leaves their rows beside the later ones, --vanished drop lets them"
            " go to Quarantine",
        )


def beside_note(paths: Sequence[str]) -> Iterable[str]:
    """One sentence for the files that count beside a later delivery of their name."""
    if paths:
        yield f"rows kept beside a later delivery of the same name, as --vanished keep said: {some(paths)}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _order(path: str) -> tuple[list[str | int], bytes]:
    parts = [int(part) if number % 2 else part for number, part in enumerate(_NUMBER.split(path))]
    return parts, path.encode()
