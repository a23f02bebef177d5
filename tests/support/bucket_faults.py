"""A proxy in front of a bucket that loses answers, damages bodies, refuses, hangs, and reports a wrong time."""

from __future__ import annotations

import http.client
import random
import re
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tests.support.loopback import LoopbackServer, QuietHandler, listening

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_CONDITIONS = ("if-match", "if-none-match")
_HOP = {"connection", "transfer-encoding", "server", "date", "content-length"}


@dataclass
class Fault:
    """What goes wrong with the requests that begin with `request` (a regular expression: `PUT /bucket/key`).

    Attributes:
        kind: where it is done: `lose` (its answer is lost), `mute` (it is never answered), `cut` (half of the answer's
            body), `flip` (one bit of it); where it is not: `drop` (the connection breaks), `hang` (it is never
            answered), `say` (`status`, `body` and `headers` are the answer).
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


class Weather(Protocol):
    """Faults that nobody can count."""

    def fault_of(self, request: str) -> Fault | None:
        """The fault of this request, if it has one."""
        ...


@dataclass
class Outage:
    """From the first request that begins with `begins` on the store throttles all of them, for so many seconds."""

    begins: str
    seconds: float
    refused: int = 0
    _until: float | None = None

    def fault_of(self, request: str) -> Fault | None:
        """The store's refusal."""
        if self._until is None and re.match(self.begins, request):
            self._until = time.monotonic() + self.seconds
        if self._until is None or time.monotonic() > self._until:
            return None
        self.refused += 1
        return Fault("", "say", status=503, body=said("SlowDown", "Please reduce your request rate."))


class Storm:
    """Any request may fail, in any way: a share of them does, by a seeded chance."""

    def __init__(self, seed: int, share: float) -> None:
        self.met: Counter[str] = Counter()
        self._chance = random.Random(seed)
        self._share = share
        self._lock = threading.Lock()

    def fault_of(self, request: str) -> Fault | None:
        """What the dice say."""
        with self._lock:
            if self._chance.random() >= self._share:
                return None
            name, fault = self._chance.choice(list(_STORM.items()))
            if name == "flip" and not _fetches(request):
                name, fault = "drop", _STORM["drop"]  # only contents have checksums
            self.met[f"{name} {request.partition(' ')[0]}"] += 1
            return fault


@dataclass
class Front:
    """The running front.

    Attributes:
        faults: those still to come.
        weather: those that nobody can count.
        deaf: conditions on writes are not passed on: a store that ignores them.
        date: the `Date` of all answers; empty for the true one.
        requests: `METHOD /path` of all that came.
        answered: bytes of the bodies that went back, by request.
    """

    url: str = ""
    faults: list[Fault] = field(default_factory=list)
    weather: Weather | None = None
    deaf: bool = False
    date: str = ""
    requests: list[str] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)

    def fault_of(self, request: str) -> Fault | None:
        """The fault of this request, which is one nearer to its end then."""
        for fault in self.faults:
            if fault.times and re.match(fault.request, request):
                fault.times -= 1
                return fault
        return self.weather.fault_of(request) if self.weather else None


_STORM = {
    "500": Fault("", "say", status=500, body=said("InternalError")),
    "503": Fault("", "say", status=503, body=said("SlowDown")),
    **{kind: Fault("", kind) for kind in ("lose", "cut", "drop", "flip")},
}


def _fetches(request: str) -> bool:
    return request.startswith("GET ") and "?" not in request


@contextmanager
def front_of(store: str, *faults: Fault, weather: Weather | None = None) -> Iterator[Front]:
    """Serve on 127.0.0.1, in front of the store at this address."""
    front = Front(faults=list(faults), weather=weather)
    handler = type("Handler", (_Handler,), {"front": front, "store": urlsplit(store).netloc})
    with listening(LoopbackServer(handler)) as server:
        front.url = server.url
        yield front


class _Handler(QuietHandler):
    front: Front
    store: str

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
        if kind in {"drop", "hang"}:
            self.fall_silent(kind)
            return
        status, headers, data = self.forward(body)
        if kind in {"lose", "mute"}:
            self.fall_silent(kind)
            return
        if kind == "flip" and data:
            data = data[:-1] + bytes([data[-1] ^ 1])
        self.say(status, headers, data, cut=kind == "cut")

    def fall_silent(self, kind: str) -> None:
        """Give no answer: at once, or until the caller has waited long enough."""
        if kind in {"hang", "mute"}:
            self.rfile.read(1)
        self.close_connection = True

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
            self.front.answered[f"{self.command} {self.path}"] += len(data)
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = answer
