"""The calls that a simulator received, and its replies, so that a test can see what a client did."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping


JSON_TYPE = "application/json;charset=utf-8"

ERRORS = {
    2: (501, "Invalid service: this service does not exist."),
    3: (401, "Authentication failed: You do not have permissions to access the service."),
    5: (422, "Invalid parameters: Your request parameters are incorrect."),
    7: (401, "Invalid API key: You must be granted a valid key."),
    9: (503, "Service offline: This service is temporarily offline, try again later."),
    11: (500, "Internal error: Something went wrong, contact TMDB."),
    22: (400, "Invalid page: Pages start at 1 and max at 500. They are expected to be an integer."),
    23: (400, "Invalid date: Format needs to be YYYY-MM-DD."),
    24: (504, "Your request to the backend server timed out. Try again."),
    25: (429, "Your request count (41) is over the allowed limit of 40."),
    27: (400, "Too many append to response objects: The maximum number of remote calls is 20."),
    34: (404, "The resource you requested could not be found."),
    42: (405, "This request method is not supported for this resource."),
    43: (502, "Couldn't connect to the backend server."),
    45: (403, "This user has been suspended. Please contact TMDB about your account."),
}
"""TMDB's code -> HTTP status, message. Source: the list of errors in TMDB's documentation."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to a request.

    Attributes:
        status: HTTP status.
        body: as it is sent.
        content_type: the header.
        headers: other headers, by name.
        missing: bytes that `Content-Length` promises but that never come.
        reset: reset the connection instead of answering.
    """

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    missing: int = 0
    reset: bool = False


class RefusedError(Exception):
    """A request that TMDB would answer with an error body."""

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def document(content: object) -> Reply:
    """Return a JSON reply; non-ASCII characters are not escaped, as with TMDB."""
    return Reply(200, _encoded(content))


def error(code: int, message: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    """Return TMDB's error body for that code; `message` replaces TMDB's own text."""
    status, words = ERRORS[code]
    content: dict[str, object] = {"success": False, "status_code": code, "status_message": message or words}
    if status == 429:  # noqa: PLR2004 - the body of a 429 has no `success`
        del content["success"]
    return Reply(status, _encoded(content), headers=headers or {})


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


Call = tuple[str, dict[str, str], int]
"""Path, parameters without the key, status; status 0 means that no answer was sent."""


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """The parsed target of a request.

    Attributes:
        path: including `/3`.
        parameters: of the query, including the key.
        shown: the parameters without the key.
        call: path and query without the key, parameters sorted by name, so equal calls have equal texts.
    """

    path: str
    parameters: Mapping[str, str]
    shown: Mapping[str, str]
    call: str


def read_request(target: str) -> RequestTarget:
    """Parse the target of a request."""
    parts = urlsplit(target)
    parameters, shown, query = _read_query(parts.query)
    return RequestTarget(parts.path, parameters, shown, f"{parts.path}?{query}" if query else parts.path)


# A run has few different queries. Each is kept only once, so a hundred thousand calls need little memory.
@lru_cache(maxsize=1024)
def _read_query(query: str) -> tuple[Mapping[str, str], Mapping[str, str], str]:
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    shown = {name: value for name, value in parameters.items() if name != "api_key"}
    text = "&".join(f"{name}={value}" for name, value in sorted(shown.items()))
    return MappingProxyType(parameters), MappingProxyType(shown), text


class CallLog:
    """Calls in the order in which they were answered. Safe to use from many threads."""

    def __init__(self, *, kept: int | None) -> None:
        self._calls: deque[tuple[str, Mapping[str, str], int]] = deque(maxlen=kept)
        self._lock = Lock()

    def add(self, request: RequestTarget, status: int) -> None:
        """Remember a call."""
        with self._lock:
            self._calls.append((request.path, request.shown, status))

    def all(self) -> list[Call]:
        """Return the calls kept so far."""
        with self._lock:
            return [(path, dict(parameters), status) for path, parameters, status in self._calls]

    def count(self, prefix: str) -> int:
        """Count the kept calls whose path begins with `prefix`; its `/3` may be left out."""
        prefixes = (prefix, f"/3{prefix}")
        with self._lock:
            return sum(path.startswith(prefixes) for path, _, _ in self._calls)
