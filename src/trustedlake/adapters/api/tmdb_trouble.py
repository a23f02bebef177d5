"""What went wrong with a call, in words that hold no URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests
from requests import exceptions

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 200


def described(error: requests.RequestException) -> tuple[str, bool]:
    """What happened, and whether it may pass."""
    if isinstance(error, exceptions.SSLError):
        return "the certificate of the other side is not trusted", False
    if isinstance(error, exceptions.ConnectTimeout):
        return "no connection in time", True
    if isinstance(error, exceptions.Timeout):
        return "no answer in time", True
    if isinstance(error, exceptions.ChunkedEncodingError | exceptions.ContentDecodingError):
        return "the answer was cut short", True
    if isinstance(error, exceptions.ConnectionError):
        return next(_system_words(error), "the connection broke"), True
    return f"the call could not be made ({type(error).__name__})", False


def status_message(answer: requests.Response) -> tuple[int | None, str]:
    """TMDB's own code and words in an error body; None and nothing if it has none."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(body, dict):
        return None, ""
    code = body.get("status_code")
    return code if isinstance(code, int) else None, str(body.get("status_message") or "")[:_LONGEST]


def _system_words(error: BaseException) -> Iterator[str]:
    """What the system said, from the innermost error: `Connection refused`."""
    seen: set[int] = set()
    queue: list[object] = [error]
    while queue:
        one = queue.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, OSError) and one.strerror and not isinstance(one, requests.RequestException):
            yield one.strerror
        queue += [*one.args, getattr(one, "reason", None), one.__cause__, one.__context__]
