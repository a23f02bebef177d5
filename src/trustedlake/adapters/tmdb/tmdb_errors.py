"""What goes wrong with TMDB, as our errors: status codes, broken connections, `Retry-After`."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests
from requests import exceptions
from urllib3 import exceptions as lower

from trustedlake.adapters.local.network import proxy_for, proxy_hint, tls_trouble
from trustedlake.adapters.tmdb.bounded_http import DamagedError, UnendingError
from trustedlake.errors import BusyError, ConfigError, FatalRemoteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustedlake.adapters.tmdb.bounded_http import HttpAnswer
    from trustedlake.adapters.tmdb.key import TmdbKey
    from trustedlake.errors import TrustedLakeError


_PASSING = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT}
"""Statuses that may pass, besides 5xx: the call is tried again."""
_NOT_UNDERSTOOD = (
    "TMDB did not understand the call: ",
    "check --language; if it is right, this is a bug of trustedlake: report it with this message",
)
_ENDS_ALL: dict[int, tuple[str, str]] = {
    HTTPStatus.UNAUTHORIZED: ("TMDB refused the key: ", ""),
    HTTPStatus.FORBIDDEN: ("the key has no rights: ", "check the account's status in TMDB's settings"),
    HTTPStatus.BAD_REQUEST: _NOT_UNDERSTOOD,
    HTTPStatus.UNPROCESSABLE_ENTITY: _NOT_UNDERSTOOD,
}
"""Status -> message and hint (empty: use the key's advice). If TMDB itself sends it, all other calls fail, too."""
_GONE_CODES = {6, 34, 37}
"""Codes in TMDB's own 404 for a film that it doesn't have; any other 404 is not about the film."""
_TRY_LATER = "run again later: what was fetched is kept"


def is_gone(answer: HttpAnswer) -> bool:
    """Whether TMDB itself says that it doesn't have the film."""
    return answer.status == HTTPStatus.NOT_FOUND and status_message(answer.body)[0] in _GONE_CODES


def refusal(answer: HttpAnswer, call: str, url: str, key: TmdbKey, now: datetime, *, fatal: bool) -> TrustedLakeError:
    """Build the error for an answer with an unexpected status.

    Args:
        answer: any but 200.
        call: names the call, without the address.
        url: the API's address.
        key: no message shows it.
        now: the reference for a date in `Retry-After` if the answer has no `Date` header.
        fatal: the answer ends the run even if it is not TMDB's own.
    """
    status = answer.status
    code, said = status_message(answer.body)
    message = key.masked(f"{call}: HTTP {status}" + (f": {said}" if said else ""))
    if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return BusyError(message, hint=_TRY_LATER, wait_s=retry_after_s(answer.headers, now))
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED and (proxy := proxy_for(url)):
        return _proxy_refusal(str(int(status)), proxy, url)
    if not fatal and (code is None or status not in _ENDS_ALL):
        whose = "" if code is not None else ", which is not an answer from TMDB"
        return BusyError(f"{message}{whose}", hint=_TRY_LATER, attempts=2)
    before, hint = _ENDS_ALL.get(status, ("", "is --tmdb-url right? it is the API's address with its /3"))
    message = message if said else f"{message}: no reason given"
    return FatalRemoteError(f"{before}{message}", hint=hint or key.advice)


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds to wait, never negative; None if the answer doesn't say.

    A date is compared with the answer's own `Date`, so a wrong clock on this machine does no harm.
    """
    text = headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        until = _moment(text)
        if until is None:
            return None
        seconds = (until - (_moment(headers.get("Date", "")) or now)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_LONGEST = 200
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")
_UNKNOWN_USER = "407"
_BROKE = "the connection broke"
_NO_PROXY = (exceptions.InvalidProxyURL, lower.ProxySchemeUnknown, lower.LocationValueError)
_WAY = "is --tmdb-url right, and is the network up? then run again"
_AUTHORITY = (
    "is --tmdb-url right? for your own certificate authority, set REQUESTS_CA_BUNDLE to its certificate file (PEM)"
)

_PASSES: tuple[tuple[tuple[type[Exception], ...], str], ...] = (
    ((exceptions.ConnectTimeout, lower.ConnectTimeoutError), "no connection in time"),
    ((exceptions.Timeout, lower.TimeoutError, TimeoutError), "no answer in time"),
    (
        (
            exceptions.ChunkedEncodingError,
            exceptions.ContentDecodingError,
            lower.ProtocolError,
            lower.IncompleteRead,
            lower.DecodeError,
        ),
        "the answer was cut short",
    ),
    ((exceptions.ConnectionError, lower.HTTPError, ConnectionError), _BROKE),
)
"""Library errors that may pass, most specific first, with our message if the system has none."""


def trouble(error: Exception, call: str, url: str) -> TrustedLakeError:
    """Build the error for a call without a complete answer: `call` names it, `url` is the address it went to."""
    if isinstance(error, UnendingError):
        # A second try would most likely end the same way.
        return BusyError(f"{call}: {error}", hint=_WAY, attempts=1)
    if isinstance(error, DamagedError):
        return BusyError(f"{call}: {error}", hint=_TRY_LATER)
    if proxy := proxy_for(url):
        return _over_proxy(error, call, url, proxy)
    if isinstance(error, exceptions.SSLError | lower.SSLError):
        return FatalRemoteError(f"{call}: no secure connection: {tls_trouble(str(error))}", hint=_AUTHORITY)
    if words := _passing(error):
        return BusyError(f"{call}: {words}", hint=_WAY)
    return FatalRemoteError(f"{call}: the call could not be made ({type(error).__name__})", hint=_AUTHORITY)


def _passing(error: Exception) -> str:
    """Return what happened, if it may pass, in the system's own words if it has any; empty if it won't pass."""
    words = next((words for kinds, words in _PASSES if isinstance(error, kinds)), "")
    if words in {"", _BROKE}:
        return next(_system_words(error), words)
    return words


def _over_proxy(error: Exception, call: str, url: str, proxy: str) -> TrustedLakeError:
    """Build the error for a call that a proxy should have passed on; name the proxy if it is to blame."""
    said, hint = str(error), proxy_hint(url)
    if "SOCKS" in said:
        return ConfigError(f"the proxy {proxy} speaks SOCKS, which needs another package", hint="pip install PySocks")
    if found := _TUNNEL.search(said):
        return _proxy_refusal(found[1], proxy, url)
    if isinstance(error, exceptions.SSLError | lower.SSLError):
        words = tls_trouble(said)
        return FatalRemoteError(f"{call}: no secure connection through the proxy {proxy}: {words}", hint=hint)
    if isinstance(error, _NO_PROXY) or not (words := _passing(error)):
        return ConfigError(f"the proxy {proxy} is not a usable address", hint=hint)
    return BusyError(f"{call}: the proxy {proxy} does not forward the request: {words}", hint=hint)


def _proxy_refusal(status: str, proxy: str, url: str) -> TrustedLakeError:
    """Build the error for a refusal by the proxy itself."""
    if status == _UNKNOWN_USER:
        return ConfigError(f"the proxy {proxy} requires a user and a password: HTTP {status}", hint=proxy_hint(url))
    return FatalRemoteError(f"the proxy {proxy} refuses to forward the request: HTTP {status}", hint=proxy_hint(url))


def status_message(body: bytes) -> tuple[int | None, str]:
    """Return TMDB's own code and message from an error body; None and empty if it has none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    if not isinstance(document, dict):
        return None, ""
    code = document.get("status_code")
    return code if isinstance(code, int) else None, str(document.get("status_message") or "")[:_LONGEST]


def _system_words(error: BaseException) -> Iterator[str]:
    """Yield the operating system's messages, such as `Connection refused`, through all nested errors."""
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
