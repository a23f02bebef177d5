"""Calls to the offline TMDB over one kept-alive connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from trustedlake.simulators.tmdb import TmdbSimulator

Call = Callable[[str], requests.Response]


@contextmanager
def caller(simulator: TmdbSimulator) -> Iterator[Call]:
    """A function that GETs a path of the simulator with its token."""
    with requests.Session() as session:
        # No proxy of the machine's environment between the test and 127.0.0.1.
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {simulator.token}"
        yield lambda path: session.get(simulator.url + path, timeout=10)


def pages(call: Call, path: str, *, separator: str = "&") -> Iterator[dict[str, Any]]:
    """The pages of a /discover query, one after another, to the last that TMDB gives."""
    page, last = 1, 1
    while page <= last:
        body = call(f"{path}{separator}page={page}").json()
        yield body
        page, last = page + 1, min(500, body["total_pages"])
