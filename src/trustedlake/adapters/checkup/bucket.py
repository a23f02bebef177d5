"""Looks at a bucket that is to hold a lake: whether it can be read and written, and keeps its conditions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from trustedlake.adapters.checkup.folder import SKEW_S
from trustedlake.errors import ConflictError, TrustedLakeError
from trustedlake.models.doctor import Check, CheckState
from trustedlake.models.lake import STATE, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from trustedlake.adapters.stores.s3_store import S3Store

_OTHER_STORE = "another store: two writers could not tell who was first"


def check_bucket(store: S3Store, *, now: datetime) -> Iterator[Check]:
    """What the lake's bucket allows; a probe of a few bytes is written there and removed.

    Args:
        store: rooted at the lake.
        now: the machine's time, to compare with the store's.
    """
    address = store.address("")
    try:
        there = store.has_any("")
    except TrustedLakeError as error:
        yield Check(name="lake", state=CheckState.MISSING, says=error.message, mend=error.hint)
        return
    if there:
        yield Check(name="lake", state=CheckState.OK, says=address)
    else:
        mend = "put raw files into Raw/TMDB/JSON/Movies/YYYY/MM/DD/ there, or trustedlake ingest-tmdb does"
        yield Check(name="lake", state=CheckState.WARNING, says=f"nothing lies below {address}", mend=mend)
    probe = join(STATE, f"probe-{uuid.uuid4().hex}")
    try:
        tag = store.put(probe, b"probe", if_absent=True)
        yield Check(name="writable", state=CheckState.OK, says=store.address(STATE))
        yield _condition("creates an object only where there is none", lambda: store.put(probe, b"2", if_absent=True))
        store.put(probe, b"another")
        yield _condition(
            "replaces an object only if it is the one expected", lambda: store.put(probe, b"3", if_match=tag)
        )
        store.delete(probe)
    except TrustedLakeError as error:
        yield Check(name="writable", state=CheckState.MISSING, says=error.message, mend=error.hint)
        return
    skew_s = (store.now() - now).total_seconds()
    says = f"the store's is {skew_s:+.0f} s from this machine's"
    if abs(skew_s) > SKEW_S:
        mend = "set this machine's clock by NTP: requests are signed with its time"
        yield Check(name="clock", state=CheckState.WARNING, says=says, mend=mend)
    else:
        yield Check(name="clock", state=CheckState.OK, says=says)


def _condition(what: str, put: Callable[[], object]) -> Check:
    name = f"condition: {what}"
    try:
        put()
    except ConflictError:
        return Check(name=name, state=CheckState.OK, says="kept")
    return Check(name=name, state=CheckState.MISSING, says="the store ignored it", mend=_OTHER_STORE)
