"""Looks at a bucket that is to hold a lake: whether it can be read and written, and keeps its conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustedlake.adapters.checkup.folder import SKEW_S
from trustedlake.adapters.stores.s3_conditions import try_conditions
from trustedlake.errors import TrustedLakeError
from trustedlake.models.doctor import Check, CheckState
from trustedlake.models.lake import STATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from trustedlake.adapters.stores.s3_store import S3Store

_ALONE = "make sure that only one run writes at a time, and give it --single-writer; or take another store"


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
    try:
        kept = try_conditions(store, STATE)
    except TrustedLakeError as error:
        yield Check(name="writable", state=CheckState.MISSING, says=error.message, mend=error.hint)
        return
    yield Check(name="writable", state=CheckState.OK, says=store.address(STATE))
    for what, was in kept.items():
        if was:
            yield Check(name=f"condition: {what}", state=CheckState.OK, says="kept")
        else:
            yield Check(name=f"condition: {what}", state=CheckState.WARNING, says="the store ignored it", mend=_ALONE)
    skew_s = (store.now() - now).total_seconds()
    says = f"the store's is {skew_s:+.0f} s from this machine's"
    if abs(skew_s) > SKEW_S:
        mend = "set this machine's clock by NTP: requests are signed with its time"
        yield Check(name="clock", state=CheckState.WARNING, says=says, mend=mend)
    else:
        yield Check(name="clock", state=CheckState.OK, says=says)
