"""Brings events to their receiver on a thread of its own: a dead receiver holds nobody up, and fails nothing."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import requests
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider

from trustedlake.adapters.lineage.events import event_of, id_of
from trustedlake.adapters.network import tls_trouble

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openlineage.client.transport import Transport

    from trustedlake.ports.observers import Observed

CALL_S = 3.0
"""Seconds that a receiver may take for an event."""
LIMIT_S = 5.0
"""Seconds that a run waits at its end for events that are under way."""

_ONCE_MORE = {
    "total": 1,
    "connect": 1,
    "read": 0,
    "status": 0,
    "redirect": 0,
    "backoff_factor": 0.2,
    "allowed_methods": ["POST"],
}


def http_transport(url: str, endpoint: str, api_key: str, *, call_s: float = CALL_S) -> Transport:
    """To a server. It is sent the key, if there is one; no other one is, where it redirects to."""
    session = requests.Session()
    session.max_redirects = 0
    session.stream = True  # an answer is its first line: what may follow is never read
    return HttpTransport(
        HttpConfig(
            url=url,
            endpoint=endpoint,
            timeout=call_s,
            auth=ApiKeyTokenProvider({"api_key": api_key}) if api_key else TokenProvider({}),
            retry=_ONCE_MORE,
            session=session,
        )
    )


def file_transport(path: str) -> Transport:
    """To a file, a line an event, behind those that are there."""
    return FileTransport(FileConfig(log_file_path=path, append=True))


_WORDS: Mapping[type[Exception], str] = {
    requests.TooManyRedirects: "it answered with a redirect",
    requests.exceptions.ProxyError: "the proxy refused",
    requests.Timeout: "no answer in time",
    requests.ConnectionError: "no connection",
}
"""What went wrong, by the first class that the error is of."""


class Receiver:
    """Hears of runs, and passes them on.

    Args:
        transport: how events reach the receiver.
        namespace: of the jobs.
        limit_s: seconds that `close` waits.
    """

    def __init__(self, transport: Transport, namespace: str, *, limit_s: float = LIMIT_S) -> None:
        self._transport = transport
        self._namespace = namespace
        self._limit_s = limit_s
        self._begun: set[str] = set()
        self._waiting: queue.SimpleQueue[Observed | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._given = self._arrived = 0
        self._problem = ""

    def began(self, run: Observed) -> None:
        """Pass the beginning of a run on, once."""
        if (name := id_of(run)) not in self._begun:
            self._begun.add(name)
            self._pass_on(run)

    def ended(self, run: Observed) -> None:
        """Pass the end of a run on."""
        self._pass_on(run)

    def close(self) -> str:
        """Wait a little for events that are under way; say what did not arrive, or nothing."""
        if self._thread is None:
            return ""
        self._waiting.put(None)
        self._thread.join(self._limit_s)
        lost = self._given - self._arrived
        if not lost:
            return ""
        return f"{lost} of {self._given} event(s) did not arrive: {self._problem or 'no answer in time'}"

    def _pass_on(self, run: Observed) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="openlineage", daemon=True)
            self._thread.start()
        self._given += 1
        self._waiting.put(run)

    def _work(self) -> None:
        while (run := self._waiting.get()) is not None:
            try:
                self._transport.emit(event_of(run, self._namespace))
                self._arrived += 1
            except Exception as error:  # noqa: BLE001 - whatever happens to an event, the run goes on
                self._problem = self._problem or _said(error)
        self._transport.close()


def _said(error: Exception) -> str:
    """What went wrong, without a library's own words: they may hold an address, and with it a password."""
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"it answered {error.response.status_code}"
    if isinstance(error, requests.exceptions.SSLError):
        return tls_trouble(str(error))
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, OSError):
        return error.__cause__.strerror or type(error.__cause__).__name__
    return next((said for kind, said in _WORDS.items() if isinstance(error, kind)), type(error).__name__)
