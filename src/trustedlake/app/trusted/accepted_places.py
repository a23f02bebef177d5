"""Places in Raw whose files no table takes and that somebody accepted: the lake's `untaken.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.app.publishing import state_file
from trustedlake.errors import InputError
from trustedlake.models.lake import join
from trustedlake.models.untaken import UNTAKEN_FILES, UNTAKEN_VERSION, AcceptedPlaces, UntakenPlace
from trustedlake.terminal import typed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustedlake.ports import ObjectStore


def accepted_places(store: ObjectStore, state: str) -> AcceptedPlaces:
    """Load the accepted places; none if the file is damaged, so that everything is reported again."""
    try:
        return _load(store, state)[0]
    except InputError:
        return AcceptedPlaces()


def accept_places(
    store: ObjectStore, state: str, found: Sequence[UntakenPlace], path: str, why: str
) -> tuple[UntakenPlace, ...]:
    """Accept files that no table takes, and return their places; the reason is stored.

    Args:
        store: the lake's own store.
        state: key of the lake's state folder.
        found: all places.
        path: one place, or a folder with several; empty for all.
        why: the reason.

    Raises:
        InputError: there is no such place that is open; or `untaken.json` is damaged.
        ConflictError: somebody else accepted a place at the same time.
    """
    known, tag = _load(store, state)
    open_ones = [one for one in found if not known.why(one.path)]
    folder = f"{path.rstrip('/')}/" if path else ""
    chosen = [one for one in open_ones if one.path == path or one.path.startswith(folder)]
    if not chosen:
        there = ", ".join(one.path for one in open_ones[:3]) or "none"
        raise InputError(
            f"no table takes {path!r}: there is no such open place in Raw (open: {there})"
            if path
            else f"{UNTAKEN_FILES} is not open: each file in Raw is taken by a table, ignored or accepted",
            hint=f"{typed('status')} names them",
        )
    after = AcceptedPlaces(places=known.places | {one.path: why for one in chosen})
    state_file.write(store, _key(state), after, replaces=tag)
    return tuple(one.model_copy(update={"why": why}) for one in chosen)


def _load(store: ObjectStore, state: str) -> tuple[AcceptedPlaces, str | None]:
    hint = f"remove {store.address(_key(state))}, then accept the places again"
    found = state_file.load(store, _key(state), AcceptedPlaces, version=UNTAKEN_VERSION, hint=hint)
    return found or (AcceptedPlaces(), None)


def _key(state: str) -> str:
    return join(state, "untaken.json")
