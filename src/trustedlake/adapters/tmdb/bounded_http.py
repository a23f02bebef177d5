"""GET requests with limits: a maximum time, a maximum size, and another thread can abort them at once."""

from __future__ import annotations

import socket
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LARGEST = 8 << 20
"""Largest answer in bytes, both as sent and decompressed; TMDB's largest are below 1 MB."""

_BLOCK = 64 << 10
_ANY_ZLIB = zlib.MAX_WBITS | 32
_PACKED = {"gzip", "x-gzip", "deflate"}


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A complete answer; its body is decompressed."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class UnendingError(Exception):
    """An answer takes too long or is too large; the message says which."""


class DamagedError(Exception):
    """A body is not compressed the way the answer says."""


class BoundedSession:
    """Connections to one site; safe to share between threads.

    The HTTP library's time-out only covers the wait for the next byte. Here a timer cuts the connection if the answer
    is not complete in time, wherever it hangs: in the headers, in the body, or in the headers of a proxy.

    Args:
        auth: signs each request.
        connections: maximum number of open connections.
        connect_s: seconds to wait for a connection.
        answer_s: seconds until an answer must be complete.
    """

    def __init__(self, auth: Any, *, connections: int, connect_s: float, answer_s: float) -> None:  # noqa: ANN401
        self._timeout = (connect_s, answer_s)
        self._answer_s = answer_s
        self._session = requests.Session()
        adapter = _WatchedAdapter(pool_connections=1, pool_maxsize=connections, pool_block=True)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers["Accept"] = "application/json"
        self._session.headers["Accept-Encoding"] = "gzip"
        # As `auth`, not as a header: requests would let a ~/.netrc entry replace the header.
        self._session.auth = auth
        self._calls: set[_Call] = set()
        self._lock = threading.Lock()

    def get(self, url: str, parameters: Mapping[str, str]) -> HttpAnswer:
        """Return the complete answer; a redirect is returned as an answer, not followed.

        Raises:
            UnendingError, DamagedError, requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError.
        """
        with self._under_way() as call:
            try:
                with self._session.get(
                    url, params=dict(parameters), timeout=self._timeout, allow_redirects=False, stream=True
                ) as answer:
                    data = b"".join(self._blocks(answer, call))
            except Exception:
                call.refuse_cut()
                raise
            call.refuse_cut()  # a cut connection can look like the end of the body
            return HttpAnswer(answer.status_code, answer.headers, _unpacked(data, answer.headers))

    def hang_up(self) -> None:
        """Abort the calls that are in progress, now."""
        with self._lock:
            calls = list(self._calls)
        for call in calls:
            call.cut("the call was aborted")

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def _blocks(self, answer: requests.Response, call: _Call) -> Iterator[bytes]:
        size = 0
        for block in answer.raw.stream(_BLOCK, decode_content=False):
            size += len(block)
            if size > LARGEST:
                raise UnendingError(f"the answer is larger than {LARGEST >> 20} MiB")
            if time.monotonic() > call.until:
                call.cut(call.late)
            call.refuse_cut()
            yield block

    @contextmanager
    def _under_way(self) -> Iterator[_Call]:
        call = _Call(self._answer_s)
        timer = threading.Timer(self._answer_s, call.cut, [call.late])
        timer.daemon = True
        with self._lock:
            self._calls.add(call)
        _current.call = call
        timer.start()
        try:
            yield call
        finally:
            timer.cancel()
            _current.call = None
            with self._lock:
                self._calls.discard(call)


class _Call:
    """A call in progress, and the connection that it uses."""

    def __init__(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds
        self.late = f"the answer was not whole within {seconds:g} s"
        self._lock = threading.Lock()
        self._connection: Any = None
        self._socket: Any = None
        self._cut = ""

    def uses(self, connection: Any) -> None:  # noqa: ANN401 - a urllib3 connection
        """Remember the connection and its socket: the library lets go of the socket when the answer begins."""
        with self._lock:
            self._connection, self._socket = connection, connection.sock
            if self._cut:
                self._shut()

    def cut(self, why: str) -> None:
        """Abort the call: a thread that waits for its bytes gets an error or the end of the body."""
        with self._lock:
            self._cut = self._cut or why
            self._shut()

    def refuse_cut(self) -> None:
        """Raise UnendingError if the call was cut."""
        if self._cut:
            raise UnendingError(self._cut) from None

    def _shut(self) -> None:
        used = self._socket or getattr(self._connection, "sock", None)
        plain = getattr(used, "socket", used)  # TLS within TLS wraps the real socket
        if isinstance(plain, socket.socket):
            with suppress(OSError):
                # Not SSLSocket's own method: it removes the encryption while another thread reads.
                socket.socket.shutdown(plain, socket.SHUT_RDWR)


_current = threading.local()


def _use(connection: object) -> None:
    call: _Call | None = getattr(_current, "call", None)
    if call is not None:
        call.uses(connection)


class _WatchedAdapter(HTTPAdapter):
    """Makes connections that register with the current call, including connections through a proxy."""

    def init_poolmanager(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401
        super().init_poolmanager(*args, **settings)
        _watch(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **settings: Any) -> Any:  # noqa: ANN401
        manager = super().proxy_manager_for(*args, **settings)
        _watch(manager)
        return manager


def _watch(manager: Any) -> None:  # noqa: ANN401
    pools = manager.pool_classes_by_scheme
    if not any(hasattr(pool, "is_watched") for pool in pools.values()):
        manager.pool_classes_by_scheme = {scheme: _watched(pool) for scheme, pool in pools.items()}


def _watched(pool: Any) -> type:  # noqa: ANN401
    plain = pool.ConnectionCls

    def connect(self: Any) -> None:  # noqa: ANN401
        _use(self)
        plain.connect(self)

    def getresponse(self: Any, *args: Any, **settings: Any) -> Any:  # noqa: ANN401
        _use(self)
        return plain.getresponse(self, *args, **settings)

    def tunnel(self: Any) -> None:  # noqa: ANN401
        plain._tunnel(self)
        if call := getattr(_current, "call", None):
            call.refuse_cut()  # a cut connection looks like the end of the proxy's headers

    methods = {"connect": connect, "getresponse": getresponse, "_tunnel": tunnel}
    connection = type(plain.__name__, (plain,), methods)
    return type(pool.__name__, (pool,), {"ConnectionCls": connection, "is_watched": True})


def _unpacked(data: bytes, headers: Mapping[str, str]) -> bytes:
    """Decompress the body; it must be complete and within the size limit."""
    packing = headers.get("Content-Encoding", "").strip().lower()
    if packing in {"", "identity"} or not data:
        return data
    if packing not in _PACKED:
        raise DamagedError("a body with an unexpected compression")
    unpacking = zlib.decompressobj(_ANY_ZLIB)
    try:
        body = unpacking.decompress(data, LARGEST + 1)
    except zlib.error:
        raise DamagedError("a damaged body") from None
    if len(body) > LARGEST:
        raise UnendingError(f"the answer is larger than {LARGEST >> 20} MiB")
    if not unpacking.eof:
        raise DamagedError("an incomplete body")
    return body
