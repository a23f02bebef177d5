"""A bucket's front with faults: it loses answers, damages bodies, refuses, and lies of the time."""

from __future__ import annotations

import http.client
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CONDITIONS = ("if-match", "if-none-match")
_HOP = {"connection", "transfer-encoding", "server", "date", "content-length"}


@dataclass
class Fault:
    """What goes wrong with the requests that begin with `request` (a regular expression: `PUT /bucket/key`).

    Attributes:
        kind: `lose` (it is done, and its answer is lost), `cut` (half of the answer's body), `flip` (one bit of it),
            or `say` (it is not done; `status`, `body` and `headers` are the answer).
        times: how often.
    """

    request: str
    kind: str
    times: int = 1
    status: int = 503
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def said(code: str, message: str = "", **more: str) -> str:
    """The body of a refusal, as S3 writes it."""
    extra = "".join(f"<{name}>{value}</{name}>" for name, value in more.items())
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message>{extra}</Error>"


@dataclass
class Front:
    """The running front.

    Attributes:
        faults: those still to come.
        deaf: conditions on writes are not passed on: a store that ignores them.
        date: the `Date` of all answers; empty for the true one.
        requests: `METHOD /path` of all that came.
    """

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    deaf: bool = False
    date: str = ""
    requests: list[str] = field(default_factory=list)

    def fault_of(self, request: str) -> Fault | None:
        """The fault of this request, which is one nearer to its end then."""
        for fault in self.faults:
            if fault.times and re.match(fault.request, request):
                fault.times -= 1
                return fault
        return None


@contextmanager
def front_of(store: str, *faults: Fault) -> Iterator[Front]:
    """Serve on 127.0.0.1, in front of the store at this address."""
    front = Front(faults=list(faults))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(front, urlsplit(store).netloc))
    server.daemon_threads = True
    front.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()


def _handler(front: Front, store: str) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        pass

    Handler.front, Handler.store = front, store
    return Handler


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    front: Front
    store: str

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def answer(self) -> None:
        """Pass the request on, unless a fault wants otherwise."""
        request = f"{self.command} {self.path}"
        self.front.requests.append(request)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.front.fault_of(request)
        kind = fault.kind if fault else ""
        if fault and kind == "say":
            self.say(fault.status, dict(fault.headers), fault.body.encode())
            return
        status, headers, data = self.forward(body)
        if kind == "lose":
            self.close_connection = True
            return
        if kind == "flip":
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.say(status, headers, data, cut=kind == "cut")

    def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """The store's answer."""
        connection = http.client.HTTPConnection(self.store, timeout=30)
        try:
            left_out = {"expect", *(_CONDITIONS if self.front.deaf else ())}
            headers = {name: value for name, value in self.headers.items() if name.lower() not in left_out}
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            if self.command == "HEAD":
                kept["Content-Length"] = answer.getheader("Content-Length") or "0"
            return answer.status, kept, answer.read()
        finally:
            connection.close()

    def say(self, status: int, headers: dict[str, str], data: bytes, *, cut: bool = False) -> None:
        """Answer."""
        self.send_response_only(status)
        self.send_header("Date", self.front.date or self.date_time_string())
        for name, value in headers.items():
            self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer  # noqa: N815 - http.server calls them so
