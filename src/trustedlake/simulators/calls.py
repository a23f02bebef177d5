"""The calls that a simulator got: how a test sees what a client did."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

Call = tuple[str, dict[str, str], int]
"""Path, parameters without the key, status; status 0: no answer was sent."""


@dataclass(frozen=True, slots=True)
class Request:
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


def read_request(target: str) -> Request:
    """Take the target of a request apart."""
    parts = urlsplit(target)
    parameters, shown, query = _read_query(parts.query)
    return Request(parts.path, parameters, shown, f"{parts.path}?{query}" if query else parts.path)


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

    def add(self, request: Request, status: int) -> None:
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
