"""The time by a bucket's clock, told by the answers that come anyway."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trustedlake.adapters.stores.s3_client import S3Client
    from trustedlake.ports import Clock


class StoreClock:
    """The `Date` of the last answer, plus what has passed since; to the second.

    Every answer sets it anew: a machine that slept, and whose own clocks stood still, sees with its next
    request how late it is.
    """

    def __init__(self, client: S3Client, clock: Clock) -> None:
        self._clock = clock
        self._told: tuple[datetime, float] | None = None
        client.meta.events.register("after-call.s3", self._listen)

    def now(self) -> datetime | None:
        """The store's time; None before its first answer."""
        if self._told is None:
            return None
        told, since = self._told
        return told + timedelta(seconds=self._clock.monotonic() - since)

    def _listen(self, parsed: dict[str, Any], **_: object) -> None:
        date = parsed.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
        if not date:
            return
        try:
            told = parsedate_to_datetime(date)
        except ValueError:
            return
        self._told = told.replace(tzinfo=told.tzinfo or UTC).astimezone(UTC), self._clock.monotonic()
