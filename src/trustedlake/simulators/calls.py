"""The calls that a simulator got, and its replies: how a test sees what a client did."""

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
    """What is sent back.

    Attributes:
        status: of HTTP.
        body: as it is sent.
        content_type: the header.
        headers: others, by name.
        missing: bytes that `Content-Length` promises and that never come.
        reset: the connection is reset instead of an answer.
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
    """A JSON answer, non-ASCII as it is, as TMDB sends it."""
    return Reply(200, _encoded(content))


def error(code: int, message: str = "", headers: Mapping[str, str] | None = None) -> Reply:
    """TMDB's error body of that code; `message` replaces TMDB's own words."""
    status, words = ERRORS[code]
    content: dict[str, object] = {"success": False, "status_code": code, "status_message": message or words}
    if status == 429:  # noqa: PLR2004 - the body of a 429 has no `success`
        del content["success"]
    return Reply(status, _encoded(content), headers=headers or {})


def _encoded(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


Call = tuple[str, dict[str, str], int]
"""Path, parameters without the key, status; status 0: no answer was sent."""


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """A request's target, taken apart.

    Attributes:
        path: with `/3`.
        parameters: of the query, the key among them.
        shown: the same without the key.
        call: path and query without the key, parameters by name: the same text for the same call.
    """

    path: str
    parameters: Mapping[str, str]
    shown: Mapping[str, str]
    call: str


def read_request(target: str) -> RequestTarget:
    """Take the target of a request apart."""
    parts = urlsplit(target)
    parameters, shown, query = _read_query(parts.query)
    return RequestTarget(parts.path, parameters, shown, f"{parts.path}?{query}" if query else parts.path)


# The queries of a run are few and equal; kept once, a hundred thousand calls cost little memory.
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
        """The calls kept so far."""
        with self._lock:
            return [(path, dict(parameters), status) for path, parameters, status in self._calls]

    def count(self, prefix: str) -> int:
        """How many of them have a path that begins so; `/3` before it may be left out."""
        prefixes = (prefix, f"/3{prefix}")
        with self._lock:
            return sum(path.startswith(prefixes) for path, _, _ in self._calls)
