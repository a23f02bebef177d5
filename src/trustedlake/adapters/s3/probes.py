"""Tests whether a store keeps write conditions (once per lake, then remembered) and whether listings are current."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from trustedlake.errors import ConflictError
from trustedlake.models.lake import join

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustedlake.adapters.s3.store import S3Store

MEMORY = "conditions.json"
"""Object in the lake's state folder that holds the result."""


def keeps_conditions(store: S3Store, state: str) -> bool:
    """Return whether the store refuses a write if its condition fails; `state` is the key of the lake's state folder.

    Raises:
        TrustedLakeError: the lake can't be written to.
    """
    memory = join(state, MEMORY)
    try:
        return bool(json.loads(store.read(memory))["kept"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        kept = all(try_conditions(store, state).values())
    store.put(memory, json.dumps({"kept": kept}).encode())
    return kept


def try_conditions(store: S3Store, state: str) -> dict[str, bool]:
    """Test each condition on a probe of a few bytes, then remove it; return what it is for -> whether it held."""
    probe = join(state, f"probe-{uuid.uuid4().hex}")
    tag = store.put(probe, b"probe", if_absent=True)
    try:
        created = _refused(lambda: store.put(probe, b"2", if_absent=True))
        store.put(probe, b"another")
        replaced = _refused(lambda: store.put(probe, b"3", if_match=tag))
    finally:
        store.delete(probe)
    return {"creates an object only where there is none": created, "replaces only the object it expects": replaced}


def try_listing(store: S3Store, state: str) -> dict[str, bool]:
    """Write, replace and remove a small probe; return the step -> whether the next listing and read show it."""
    probe = join(state, f"probe-{uuid.uuid4().hex}", "object")
    folder = probe.rpartition("/")[0]
    try:
        store.put(probe, b"probe")
        written = [info.size for info in store.list(folder)], store.read(probe)
        tag = store.put(probe, b"another probe")
        replaced = [info.tag for info in store.list(folder)], store.read(probe)
    finally:
        store.delete(probe)
    return {
        "written": written == ([len(b"probe")], b"probe"),
        "replaced": replaced == ([tag], b"another probe"),
        "removed": not store.list(folder),
    }


def _refused(put: Callable[[], object]) -> bool:
    try:
        put()
    except ConflictError:
        return True
    return False
