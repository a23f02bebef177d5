"""Accepting a warning: of partitions, which stays in the ledger, or of places in Raw, which go into `untaken.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.ledger_file import load_ledger
from trustedlake.app.publishing.publish import publish
from trustedlake.app.publishing.sweep import staging_of
from trustedlake.app.trusted.publish_plan import Publication
from trustedlake.app.trusted.raw_zone import RawZone
from trustedlake.core.advice import INTO_PARTITION, RUNS_FAIL
from trustedlake.core.partition_name import WHOLE, is_selected
from trustedlake.core.shared_points import EVERY
from trustedlake.errors import InputError
from trustedlake.models.lake import join
from trustedlake.models.untaken import UNTAKEN_FILES, UNTAKEN_VERSION, AcceptedPlaces, UntakenPlace
from trustedlake.terminal import typed
from trustedlake.wording import some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustedlake.app.trusted.job import Job
    from trustedlake.app.trusted.raw_zone import RawTable
    from trustedlake.models.ledger import Ledger, Warned
    from trustedlake.ports import ObjectStore


def accept_warning(job: Job, partition: str, warning: str, why: str) -> dict[str, list[Warned]]:
    """Close warnings of published partitions; the reason stays in the ledger.

    Args:
        job: the table's job.
        partition: a partition's name, the first folders of names, a day as `2025-06-17`, or `EVERY` for all that have
            the warning; `WHOLE` for a warning of the whole table.
        warning: its id, or several, separated by commas.
        why: the reason.

    Returns:
        partition -> the closed warnings.

    Raises:
        InputError: there is no such partition, or none has an open warning with one of the ids.
        RetriableError: another run is publishing.
    """
    ledger, tag = load_ledger(job.store, job.paths)
    names = _names(ledger, partition)
    if ledger is None or not names:
        there = some(name or WHOLE for name in ledger.partitions) if ledger else ""
        raise InputError(f"{job.contract.table} has no partition {partition!r}", hint=f"there are: {there or 'none'}")
    found = {name: warnings for name, warnings in ledger.open_warnings.items() if name in names}
    ids = dict.fromkeys(one.id for told in found.values() for one in told)
    wanted = {warning} if warning in ids else set(warning.split(","))
    for one in sorted(wanted.difference(ids)):
        raise InputError(
            f"{job.contract.table} {partition} has no open warning {one!r} (open: {', '.join(ids) or 'none'})",
            hint=f"{typed('status', lake=job.store.address(job.paths.lake))} names them",
        )

    def after_it(warnings: Iterable[Warned]) -> tuple[Warned, ...]:
        return tuple(
            one.model_copy(update={"why": why}) if one.id in wanted and not one.why else one for one in warnings
        )

    closed = {name: [one for one in after_it(told) if one.why] for name, told in found.items()}
    partitions = {
        name: entry.model_copy(update={"warnings": after_it(entry.warnings)}) if name in closed else entry
        for name, entry in ledger.partitions.items()
    }
    after = ledger.model_copy(update={"partitions": partitions})
    with staging_of(job):
        publish(job, Publication(moves=(), deletes=(), ledger=after), ledger_before=tag)
    return {name: warnings for name, warnings in closed.items() if warnings}


def _names(ledger: Ledger | None, partition: str) -> set[str]:
    """Return the names of the partitions that `accept_warning` is asked for; an empty name means the whole table."""
    if partition in {"", WHOLE}:
        return {""}
    names = ledger.partitions if ledger else ()
    return {name for name in names if partition == EVERY or is_selected(name, partition)}


def accepted_places(store: ObjectStore, state: str) -> AcceptedPlaces:
    """Load the accepted places; none if the file is damaged, so that everything is reported again."""
    try:
        return _load(store, state)[0]
    except InputError:
        return AcceptedPlaces()


def accept_untaken(tables: Sequence[RawTable], path: str, why: str) -> tuple[UntakenPlace, ...]:
    """Accept files that no table takes, and return their places; the reason is stored.

    A place on which a table's runs fail stays open: accepting it would help nothing.

    Args:
        tables: all tables of the lake, the first of them in its own store.
        path: one place, or a folder with several; empty for all.
        why: the reason.

    Raises:
        InputError: there is no such place that is open, or runs fail on each of them; or `untaken.json` is damaged.
        ConflictError: somebody else accepted a place at the same time.
    """
    store, paths, _ = tables[0]
    found = RawZone(tables).leftover.places
    known, tag = _load(store, paths.state)
    open_ones = [one for one in found if not known.why(one.path)]
    folder = f"{path.rstrip('/')}/" if path else ""
    chosen = [one for one in open_ones if one.path == path or one.path.startswith(folder)]
    if not chosen:
        there = some(one.path for one in open_ones) or "none"
        raise InputError(
            f"{path!r} is not an open place in Raw (open: {there})"
            if path
            else f"{UNTAKEN_FILES} is not open: each file in Raw is taken by a table, ignored or accepted",
            hint=f"{typed('status')} names them",
        )
    if all(one.fails for one in chosen):
        raise InputError(
            f"can't accept {some(one.path for one in chosen)}: {RUNS_FAIL.format(table=chosen[0].fails)}",
            hint=INTO_PARTITION,
        )
    closed = tuple(one if one.fails else one.model_copy(update={"why": why}) for one in chosen)
    after = AcceptedPlaces(places=known.places | {one.path: why for one in closed if one.why})
    state_file.write(store, _key(paths.state), after, replaces=tag)
    return closed


def _load(store: ObjectStore, state: str) -> tuple[AcceptedPlaces, str | None]:
    hint = f"remove {store.address(_key(state))}, then accept the places again"
    found = state_file.load(store, _key(state), AcceptedPlaces, version=UNTAKEN_VERSION, hint=hint)
    return found or (AcceptedPlaces(), None)


def _key(state: str) -> str:
    return join(state, "untaken.json")
