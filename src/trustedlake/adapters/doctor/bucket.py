"""Checks a bucket for a lake: can we read and write it, and does it do what a publish relies on?"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from trustedlake.adapters.doctor.folder import SKEW_S
from trustedlake.adapters.s3.probes import try_conditions, try_listing
from trustedlake.adapters.s3.transfer import MULTIPART_BYTES
from trustedlake.errors import TrustedLakeError
from trustedlake.models.doctor import Check, CheckState
from trustedlake.models.lake import STATE, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from trustedlake.adapters.s3.store import S3Store

_LARGE = f"files above {MULTIPART_BYTES >> 20} MB"
_ALONE = "make sure that only one run writes at a time, and give it --single-writer; or use another store"
_ALONE_LARGE = f"with {_LARGE}, make sure that only one run writes at a time; or use another store"
_STALE = "use another store, or turn off its listing cache: a run plans from the listing"
_LIFECYCLE = "give the bucket a lifecycle rule that aborts incomplete multipart uploads after a day"


def check_bucket(store: S3Store, *, now: Callable[[], datetime]) -> Iterator[Check]:
    """Check what the lake's bucket allows; this writes probes of a few bytes there and removes them.

    Args:
        store: rooted at the lake.
        now: tells the machine's time, to compare with the store's.
    """
    address = store.address("")
    try:
        there = store.has_any("")
    except TrustedLakeError as error:
        yield _missing("lake", error)
        return
    if there:
        yield Check(name="lake", state=CheckState.OK, says=address)
    else:
        mend = "put raw files into Raw/TMDB/JSON/Movies/YYYY/MM/DD/ there, or run trustedlake ingest-tmdb"
        yield Check(name="lake", state=CheckState.WARNING, says=f"there are no objects below {address}", mend=mend)
    writable = list(_tried("writable", lambda: _conditions(store)))
    yield from writable
    if writable[0].state is CheckState.OK:
        yield from _tried("list after write", lambda: _listing(store))
        yield from _tried("in parts", lambda: _parts(store))
    yield _clock((store.now() - now()).total_seconds())


def _tried(name: str, look: Callable[[], Iterator[Check]]) -> Iterator[Check]:
    try:
        yield from look()
    except TrustedLakeError as error:
        yield _missing(name, error)


def _missing(name: str, error: TrustedLakeError) -> Check:
    return Check(name=name, state=CheckState.MISSING, says=error.message, mend=error.hint)


def _conditions(store: S3Store) -> Iterator[Check]:
    kept = try_conditions(store, STATE)
    yield Check(name="writable", state=CheckState.OK, says=store.address(STATE))
    yield from _kept("condition", kept, _ALONE)


def _kept(name: str, kept: dict[str, bool], mend: str) -> Iterator[Check]:
    for what, was in kept.items():
        if was:
            yield Check(name=f"{name}: {what}", state=CheckState.OK, says="kept")
        else:
            yield Check(name=f"{name}: {what}", state=CheckState.WARNING, says="the store ignored it", mend=mend)


def _listing(store: S3Store) -> Iterator[Check]:
    unseen = [what for what, seen in try_listing(store, STATE).items() if not seen]
    name = "list after write"
    if unseen:
        says = f"a listing does not show at once what was {' or '.join(unseen)}"
        yield Check(name=name, state=CheckState.WARNING, says=says, mend=_STALE)
    else:
        yield Check(name=name, state=CheckState.OK, says="listings show writes, replacements and deletes at once")


def _parts(store: S3Store) -> Iterator[Check]:
    """Check how large files are written: conditions on completing a multipart upload, and aborting one."""
    yield from _kept("in parts", try_conditions(store.in_parts(), STATE), _ALONE_LARGE)
    name = "in parts: drops unfinished uploads"
    if store.drops(join(STATE, f"probe-{uuid.uuid4().hex}")):
        yield Check(name=name, state=CheckState.OK, says="no parts are left")
    else:
        yield Check(name=name, state=CheckState.WARNING, says="its parts stay, and cost money", mend=_LIFECYCLE)


def _clock(skew_s: float) -> Check:
    says = f"the store's clock is {skew_s:+.0f} s from this machine's"
    if abs(skew_s) > SKEW_S:
        mend = "set this machine's clock by NTP: requests are signed with its time"
        return Check(name="clock", state=CheckState.WARNING, says=says, mend=mend)
    return Check(name="clock", state=CheckState.OK, says=says)
