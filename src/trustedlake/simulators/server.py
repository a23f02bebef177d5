"""The simulator's HTTP server: keeps connections alive, counts them, and cuts them if a reply says so."""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import TCPServer, ThreadingMixIn
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from trustedlake.simulators.calls import error

if TYPE_CHECKING:
    from datetime import datetime

    from trustedlake.simulators.calls import Reply

LOOPBACK, EVERYWHERE = "127.0.0.1", "0.0.0.0"  # noqa: S104 - only where the caller asks for it
POLL_S = 0.02
SEND_BUFFER = 1 << 16
"""Bytes; head and body of an answer leave in one packet."""
_RESET = struct.pack("ii", 1, 0)  # linger on, for 0 seconds: closing then sends RST instead of FIN


class Answers(Protocol):
    """The application behind the server."""

    def answer(self, target: str, authorization: str, now: datetime) -> Reply:
        """Answer GET `target` (path and query, as in the request's first line). Called from many threads."""
        ...


class Handler(BaseHTTPRequestHandler):
    """One connection: its requests, one after another."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = SEND_BUFFER

    def do_GET(self) -> None:
        """Reply to a request."""
        now = parsedate_to_datetime(self.date_time_string())
        self._send(self.server.answers.answer(self.path, self.headers.get("Authorization", ""), now))

    def _refuse(self) -> None:
        # We don't read the body of the request, so the connection can't be used again.
        self.close_connection = True
        self._send(error(42))

    do_POST = do_PUT = do_PATCH = do_DELETE = _refuse

    def log_message(self, format: str, *args: Any) -> None:  # noqa: ANN401
        """Stay silent: a request line may hold a key."""

    def _send(self, answer: Reply) -> None:
        if answer.reset:
            self._reset()
        if answer.missing:
            self.close_connection = True
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) + answer.missing))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection and not answer.missing:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer.body)
        self.wfile.flush()

    def _reset(self) -> NoReturn:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        # The two streams also hold the socket open; it closes when the last of the three does.
        self.rfile.close()
        self.wfile.close()
        self.connection.close()
        raise ConnectionResetError


class Server(ThreadingMixIn, HTTPServer):
    """Listens on one address from its creation until `close`, with one thread per connection."""

    request_queue_size = 128

    def __init__(self, host: str, port: int, answers: Answers) -> None:
        self.answers = answers
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        super().__init__((host, port), Handler)
        self._thread = Thread(target=self.serve_forever, args=(POLL_S,), name="simulator", daemon=True)
        self._thread.start()

    def server_bind(self) -> None:
        """Bind without looking up this machine's name in the DNS."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection and count it."""
        connection, address = super().get_request()
        with self._lock:
            self.connections += 1
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - socketserver's type
        """Close a connection."""
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """Ignore it if a client goes away; anything else is a bug, and socketserver prints it."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close(self) -> None:
        """Stop listening, cut the open connections, and wait for their threads."""
        self.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._open:
                # A thread may be closing it right now.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
