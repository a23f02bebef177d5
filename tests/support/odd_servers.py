"""Web servers that misbehave: endless answers, a web page for every request, proxies that refuse."""

from __future__ import annotations

import gzip
import json
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from tests.support.loopback import LoopbackServer, QuietHandler, listening

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Answers = Callable[["Handler"], None]

FILM = b'{"id": 3, "title": "O Cais", "keywords": {"keywords": []}}'
_OFTEN_S = 0.1


class Handler(QuietHandler):
    """Answers as its test asked for; remembers what came."""

    server: Server

    def do_GET(self) -> None:
        """Answer any request."""
        self.server.seen.append((self.path, dict(self.headers.items())))
        with suppress(OSError):
            self.server.answers(self)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_CONNECT = do_GET

    def whole(self, status: int, body: bytes = b"", **headers: str) -> None:
        """One whole answer; an underscore in a header's name is a hyphen."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def endless(self, piece: bytes, begin: bytes = b"", *, pause_s: float = 0.0) -> None:
        """Raw bytes without an end."""
        self.close_connection = True
        self.wfile.write(begin)
        while not self.server.over.wait(pause_s):
            self.wfile.write(piece)
            self.wfile.flush()


class Server(LoopbackServer):
    """A server that answers as its test asks.

    Attributes:
        seen: path and headers of each request.
        over: set when the test is over.
    """

    def __init__(self, answers: Answers) -> None:
        super().__init__(Handler)
        self.answers = answers
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()


@contextmanager
def serving(answers: Answers) -> Iterator[Server]:
    """The server, while the block runs."""
    with listening(Server(answers)) as server:
        try:
            yield server
        finally:
            server.over.set()


def of_five_films(third: Answers) -> Answers:
    """An API of five films; the third one is answered by `third`."""

    def answer(ask: Handler) -> None:
        path = ask.path.partition("?")[0]
        if "/discover/" in path:
            films = [{"id": n, "popularity": 9.0 - n, "release_date": "2020-01-01"} for n in range(1, 6)]
            page = {"page": 1, "total_pages": 1, "total_results": 5, "results": films}
            ask.whole(200, json.dumps(page).encode())
        elif path.endswith("/3"):
            third(ask)
        else:
            film = {"id": int(path.rpartition("/")[2]), "title": "T", "keywords": {"keywords": []}}
            ask.whole(200, json.dumps(film).encode())

    return answer


_CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
_LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"

ENDLESS: dict[str, Answers] = {
    "a body that drips, in chunks": lambda ask: ask.endless(b"1\r\n \r\n", _CHUNKED, pause_s=_OFTEN_S),
    "a body that drips, of a known length": lambda ask: ask.endless(b" ", _LONG, pause_s=_OFTEN_S),
    "a body that drips, to the end of the connection": lambda ask: ask.endless(
        b" ", b"HTTP/1.0 200 OK\r\n\r\n", pause_s=_OFTEN_S
    ),
    "an error that drips": lambda ask: ask.endless(b" ", b"HTTP/1.0 404 No\r\n\r\n", pause_s=_OFTEN_S),
    "headers that drip": lambda ask: ask.endless(b"x", b"HTTP/1.1 200 OK\r\nX: ", pause_s=_OFTEN_S),
    "a first line that drips": lambda ask: ask.endless(b"1", b"HTTP/1.", pause_s=_OFTEN_S),
    "100 Continue for ever": lambda ask: ask.endless(b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=_OFTEN_S),
    "nothing at all": lambda ask: ask.endless(b"", pause_s=_OFTEN_S),
    "a flood in chunks": lambda ask: ask.endless(b"10000\r\n" + b"x" * 65536 + b"\r\n", _CHUNKED),
    "a flood to the end of the connection": lambda ask: ask.endless(b"x" * 65536, b"HTTP/1.0 200 OK\r\n\r\n"),
    "a flood of an error": lambda ask: ask.endless(b"x" * 65536, b"HTTP/1.0 500 No\r\n\r\n"),
    "a small body that unpacks to a large one": lambda ask: ask.whole(
        200, gzip.compress(b" " * (64 << 20)), Content_Encoding="gzip"
    ),
}
"""Answers without an end, or too large."""

ODD: dict[str, Answers] = {
    "HTML 404": lambda ask: ask.whole(404, b"<html>not here</html>", Content_Type="text/html"),
    "404 without a body": lambda ask: ask.whole(404),
    "HTML 403": lambda ask: ask.whole(403, b"<html>blocked</html>"),
    "HTML 400": lambda ask: ask.whole(400, b"<html>bad</html>"),
    "JSON 404 of others": lambda ask: ask.whole(404, b'{"message": "no route"}'),
    "410": lambda ask: ask.whole(410),
    "418": lambda ask: ask.whole(418, b'{"status_code": 1, "status_message": "tea"}'),
    "204": lambda ask: ask.whole(204),
    "302 to elsewhere": lambda ask: ask.whole(302, Location="http://127.0.0.1:9/login"),
    "HTML 200": lambda ask: ask.whole(200, b"<html>welcome</html>", Content_Type="text/html"),
    "an empty 200": lambda ask: ask.whole(200),
    "another film": lambda ask: ask.whole(200, FILM.replace(b"3", b"4", 1)),
    "an id that is true": lambda ask: ask.whole(200, b'{"id": true}'),
    "a list": lambda ask: ask.whole(200, b"[" + FILM + b"]"),
    "NaN": lambda ask: ask.whole(200, b'{"id": 3, "popularity": NaN}'),
    "very deep": lambda ask: ask.whole(200, b"[" * 100_000),
    "a number of 5,000 digits": lambda ask: ask.whole(200, b'{"id": ' + b"3" * 5000 + b"}"),
    "Latin-1": lambda ask: ask.whole(200, '{"id": 3, "title": "São"}'.encode("latin-1")),
    "gzip cut short": lambda ask: ask.whole(200, gzip.compress(FILM)[:-12], Content_Encoding="gzip"),
    "gzip that is none": lambda ask: ask.whole(200, FILM, Content_Encoding="gzip"),
    "a packing that was not asked for": lambda ask: ask.whole(200, FILM, Content_Encoding="zstd"),
    "no HTTP": lambda ask: ask.endless(b"", b"SSH-2.0-OpenSSH\r\n\r\n", pause_s=0.01),
}
"""Answers for one film that are none."""
