"""Raw files that a later delivery replaces, and what happens to their rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trustedlake.errors import InputError
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.listing import Listed
    from trustedlake.models.ledger import Partition


_NUMBER = re.compile("([0-9]+)")


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The files of a partition, each marked as replaced if a later file has the same name.

    Attributes:
        superseded: path of a replaced file -> path of the file that replaces it.
        beside: paths of earlier files that still count because the user keeps their rows.
        undecided: files that have published rows and a later delivery, when no option says whether the rows may go.
    """

    files: tuple[Listed, ...]
    superseded: dict[str, str]
    beside: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()


def compare_deliveries(job: Job, files: tuple[Listed, ...], entry: Partition | None, kept: Sequence[str]) -> Deliveries:
    """Find the files of one partition that a later file with the same name replaces.

    The later file is the one with the greater path; numbers in paths compare as numbers. A published earlier file
    leaves Trusted only if the options say so (`--vanished`).

    Args:
        job: for contract and options.
        files: all files of the partition.
        entry: the partition's ledger entry.
        kept: paths of files that an earlier run kept beside a later delivery.
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
    """Check that every published file that a later delivery replaces may go.

    Raises:
        InputError: the options don't say what to do with its rows.
    """
    undecided = [f"{path} (by {one.superseded[path]})" for one in deliveries for path in one.undecided]
    if undecided:
        raise InputError(
            f"{len(undecided)} published raw file(s) of {job.contract.table} are replaced by a later delivery of the"
            f" same name: {some(undecided)}",
            hint="choose: --vanished keep keeps their rows beside the later ones, --vanished drop moves them"
            " to Quarantine",
        )


def beside_note(paths: Sequence[str]) -> Iterable[str]:
    """Name the files that count beside a later delivery of the same name, in one sentence."""
    if paths:
        yield f"rows kept beside a later delivery of the same name, because of --vanished keep: {some(paths)}"


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _order(path: str) -> tuple[list[str | int], bytes]:
    parts = [int(part) if number % 2 else part for number, part in enumerate(_NUMBER.split(path))]
    return parts, path.encode()
