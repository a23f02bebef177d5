"""The certificate of a window as stored: the state of its extraction, and the claim of the process working on it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import trustedlake
from trustedlake.app.ingesting.spool import Spool
from trustedlake.app.publishing import state_file
from trustedlake.app.publishing.claim import may_live
from trustedlake.errors import ConflictError, InputError, RetriableError, TrustedLakeError
from trustedlake.models.ingest import CERTIFICATE_VERSION, Certificate, WindowStatus, certificates
from trustedlake.models.lake import is_plain, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustedlake.app.ingesting.tools import IngestTools
    from trustedlake.models.ingest import Query

DEADLINE = timedelta(seconds=120)
"""How long a claim lasts without renewal."""

_UNFINISHED = {WindowStatus.RUNNING, WindowStatus.INCOMPLETE}


@dataclass(frozen=True, slots=True)
class FoundWindow:
    """The window that an extraction works on.

    Attributes:
        certificate: as stored; None for a new window.
        tag: version tag of the certificate; None for a new window.
    """

    window: str
    date: date
    certificate: Certificate | None = None
    tag: str | None = None

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return self.certificate is not None and self.certificate.status is WindowStatus.COMPLETE


def find_window(tools: IngestTools, query: Query, today: date) -> FoundWindow:
    """Find the query's last unfinished window, of any day; else return today's.

    Raises:
        InputError: a certificate is damaged, or a newer program wrote it.
    """
    for day, number in _windows(tools, query):
        found = _load(tools, query.window(day, number))
        if found is None:
            continue
        status = found[0].status
        if status in _UNFINISHED or (day == today and status is WindowStatus.COMPLETE):
            return FoundWindow(found[0].window, day, *found)
        if day < today:
            break
    return another_window(tools, query, today)


def another_window(tools: IngestTools, query: Query, today: date) -> FoundWindow:
    """Return a new window of today that no run has begun, for a restart."""
    numbers = [number for day, number in _windows(tools, query) if day == today]
    return FoundWindow(query.window(today, max(numbers, default=0) + 1), today)


class LostWindowError(RetriableError):
    """Another run took over the window."""


class Window:
    """A window that this process works on.

    It is ours as long as the stored certificate has the tag of our last write, because any other run would
    have to replace it first. Only one thread may use it.

    Attributes:
        certificate: as stored.
        counts: returns fields to refresh with every update.
    """

    def __init__(self, tools: IngestTools, key: str, certificate: Certificate, tag: str) -> None:
        self._tools = tools
        self._key = key
        self._tag = tag
        self.certificate = certificate
        self.counts: Callable[[], dict[str, int]] = dict

    @classmethod
    def claim(cls, tools: IngestTools, query: Query, found: FoundWindow) -> Window:
        """Begin the window, or continue it.

        Raises:
            RetriableError: another run is working on it.
        """
        now, owner = tools.store.now(), tools.host.owner()
        claim: dict[str, Any] = {
            "owner": owner,
            "deadline": now + DEADLINE,
            "updated": now,
            "tmdb": tools.source.address,
        }
        before = found.certificate
        if before is None:
            ours = Certificate(
                window=found.window,
                date=found.date,
                query=query,
                trustedlake=trustedlake.__version__,
                started=now,
                **claim,
            )
        else:
            _refuse_live(tools, before)
            again = {"runs": before.runs + 1, "status": WindowStatus.RUNNING, "failed": {}, "message": "", "hint": ""}
            ours = before.model_copy(update=claim | again)
        key = _key(tools, found.window)
        try:
            tag = state_file.write(tools.store, key, ours, replaces=found.tag)
        except ConflictError as error:
            raise RetriableError(
                f"another run began window {found.window} first", hint="run again when it is done"
            ) from error
        except FileNotFoundError as error:
            raise InputError(
                f"{tools.store.address(tools.lake)}: can't create a folder there", hint="give another one with --lake"
            ) from error
        return cls(tools, key, ours, tag)

    @property
    def spool(self) -> Spool:
        """The answers for this window that are not in Raw yet."""
        return spool_of(self._tools, self.certificate.window)

    def update(self, **changes: Any) -> None:  # noqa: ANN401 - fields of a certificate
        """Store the changes, and extend the claim.

        Raises:
            RetriableError: another run took it over.
        """
        now = self._tools.store.now()
        self._write({"updated": now, "deadline": now + DEADLINE, **self.counts(), **changes})

    def hold(self) -> None:
        """Renew the claim when less than half of its time is left. Raises the same errors as `update`."""
        deadline = self.certificate.deadline
        if deadline is None or deadline - self._tools.store.now() < DEADLINE / 2:
            self.update()

    def release(self, status: WindowStatus, **changes: Any) -> None:  # noqa: ANN401
        """Store how it ended, and release the claim. Raises the same errors as `update`."""
        now = self._tools.store.now()
        self._write({"updated": now, "owner": None, "deadline": None, "status": status, **self.counts(), **changes})

    def forget(self) -> None:
        """Remove the certificate and the spool, since TMDB sent nothing."""
        with suppress(TrustedLakeError):
            self.spool.discard()
            self._tools.store.delete(self._key, if_match=self._tag)

    def _write(self, changes: dict[str, Any]) -> None:
        ours = self.certificate.model_copy(update=changes)
        try:
            self._tag = state_file.write(self._tools.store, self._key, ours, replaces=self._tag)
        except ConflictError as error:
            raise LostWindowError(
                f"another run took over window {ours.window}: this one paused past its deadline",
                hint="the other run continues it; run again when it is done",
            ) from error
        self.certificate = ours


def spool_of(tools: IngestTools, window: str) -> Spool:
    """Return the spool of a window: answers that are not in Raw yet."""
    return Spool(tools.store, join(certificates(tools.lake), window))


def abandon(tools: IngestTools, query: Query, found: FoundWindow) -> None:
    """Give up an unfinished window for good; its files in Raw stay.

    Raises:
        RetriableError: another run works on it.
    """
    window = Window.claim(tools, query, found)
    window.release(WindowStatus.ABANDONED, message="a later run started over")
    window.spool.discard()


def _windows(tools: IngestTools, query: Query) -> Iterator[tuple[date, int]]:
    """Iterate over day and attempt of the query's windows, the last one first."""
    folder = certificates(tools.lake)
    name = re.compile(rf"(\d{{4}}-\d\d-\d\d)-{query.entity}-{query.digest}(?:-(\d+))?\.json", re.ASCII)
    names = (info.key.removeprefix(f"{folder}/") for info in tools.store.list(folder))
    matches = (match for one in names if (match := name.fullmatch(one)))
    found = [(date.fromisoformat(match[1]), int(match[2] or 1)) for match in matches]
    return iter(sorted(found, reverse=True))


def _load(tools: IngestTools, window: str) -> tuple[Certificate, str] | None:
    key = _key(tools, window)
    hint = f"move {tools.store.address(key)} away, then run again"
    found = state_file.load(tools.store, key, Certificate, version=CERTIFICATE_VERSION, hint=hint)
    if found is not None:
        _refuse_strange(tools, found[0], window)
    return found


def _refuse_strange(tools: IngestTools, certificate: Certificate, window: str) -> None:
    """Refuse a certificate that belongs to another window, or names files that this window does not write."""
    folder = certificate.query.folder(tools.lake, certificate.date)
    pending = [certificate.pending.file] if certificate.pending else []
    keys = (file.key for file in (*certificate.files, *pending))
    strange = [key for key in keys if key.rpartition("/")[0] != folder or not is_plain(key.rpartition("/")[2])]
    if certificate.window != window or strange:
        where = tools.store.address(_key(tools, window))
        raise InputError(
            f"{where} names {(strange or [certificate.window])[0]!r}, which doesn't belong to its window:"
            " nothing was changed",
            hint=f"it belongs to another lake, or was changed by hand: move {where} away, then run again",
        )


def _key(tools: IngestTools, window: str) -> str:
    return join(certificates(tools.lake), f"{window}.json")


def _refuse_live(tools: IngestTools, certificate: Certificate) -> None:
    owner, deadline = certificate.owner, certificate.deadline
    if owner is None or deadline is None or not may_live(tools.store, tools.host, owner, deadline):
        return
    raise RetriableError(
        f"window {certificate.window} is being fetched by process {owner.pid} on {owner.host}",
        hint="run again when it is done; if it is dead, any run continues its work"
        f" after {deadline:%Y-%m-%d %H:%M:%S} UTC",
    )
