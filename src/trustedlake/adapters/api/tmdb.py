"""TMDB over HTTP: one kept-alive pool of connections, and a key that shows nowhere."""

from __future__ import annotations

import json
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, Self

import requests
from requests.adapters import HTTPAdapter

from trustedlake.adapters.api.retry_after import retry_after_s
from trustedlake.adapters.api.tmdb_trouble import described, status_message
from trustedlake.errors import BusyError, FatalRemoteError
from trustedlake.models.lake import Entity
from trustedlake.models.listing import Item, Listing, Order, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.adapters.api.tmdb_key import TmdbKey
    from trustedlake.ports import Clock

_NOUN = {Entity.MOVIES: "movie", Entity.SERIES: "tv"}
_DATE = {Entity.MOVIES: "primary_release_date", Entity.SERIES: "first_air_date"}
_RELEASED = {Entity.MOVIES: "release_date", Entity.SERIES: "first_air_date"}
_TITLE = {Entity.MOVIES: "title", Entity.SERIES: "name"}
_PASSING = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.REQUEST_TIMEOUT,
}
_GONE_CODES = {6, 34, 37}
"""What TMDB's own 404 says of a film that it doesn't have; another 404 is not about the film."""
_TRY_LATER = "run again later: what came is kept"


class TmdbSource:
    """The API at `url`.

    Args:
        url: with its `/3`.
        key: read token or API key.
        clock: tells how long it is to a date in `Retry-After` when the answer has no date of its own.
        connections: how many are open at once, at most; further calls wait for one.
        connect_s, read_s: seconds to wait for a connection, and for the next bytes of an answer.
    """

    def __init__(
        self,
        url: str,
        key: TmdbKey,
        clock: Clock,
        *,
        connections: int = 12,
        connect_s: float = 5.0,
        read_s: float = 20.0,
    ) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._clock = clock
        self._timeout = (connect_s, read_s)
        self._session = requests.Session()
        pool = HTTPAdapter(pool_connections=1, pool_maxsize=connections, pool_block=True)
        self._session.mount("https://", pool)
        self._session.mount("http://", pool)
        self._session.headers["Accept"] = "application/json"
        # As `auth`, not as a header: requests would let a ~/.netrc entry replace the header.
        self._session.auth = key.sign
        self._hidden = ExitStack()
        self._hidden.enter_context(key.hidden_from_logs())

    @property
    def address(self) -> str:
        """Where it is, without any key."""
        return self._url

    def page(self, listing: Listing, number: int) -> Page:
        """One page of a list. Raises BusyError, FatalRemoteError."""
        path = f"/discover/{_NOUN[listing.entity]}"
        body = self._ask(path, {**_parameters(listing), "page": str(number)})
        if body is None:
            raise self._refusal(path, HTTPStatus.NOT_FOUND, "no such list")
        document = self._document(path, body)
        try:
            if document["page"] != number:
                raise self._odd(path, f"page {document['page']} instead of {number}")
            items = tuple(_item(result, listing.entity) for result in document["results"])
            return Page(items=items, total=document["total_results"])
        except (KeyError, TypeError, ValueError) as error:
            problem = f"no page of a list ({type(error).__name__})"
        raise self._odd(path, problem)

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """The film or series with its keywords, as one line. Raises BusyError, FatalRemoteError."""
        path = f"/{_NOUN[entity]}/{number}"
        body = self._ask(path, {"append_to_response": "keywords", "language": language})
        if body is None:
            return None
        if self._document(path, body).get("id") != number:
            raise self._odd(path, "a body without that id")
        # Between its tokens JSON may have line ends; inside of them it can't.
        return body.strip().replace(b"\r", b" ").replace(b"\n", b" ")

    def close(self) -> None:
        """Close all connections."""
        self._session.close()
        self._hidden.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, path: str, parameters: Mapping[str, str]) -> bytes | None:
        """The body of a 200, without a byte order mark; None for TMDB's own 404."""
        try:
            answer = self._session.get(
                self._url + path, params=dict(parameters), timeout=self._timeout, allow_redirects=False
            )
        except requests.RequestException as error:
            trouble, passes = described(error)
        else:
            return self._body(path, answer)
        # Raised outside of the handler: the library's own error holds the URL, and with it the API key.
        if passes:
            raise BusyError(
                f"GET {self._url}{path}: {trouble}", hint="is --tmdb-url right, and the network up? run again then"
            )
        raise FatalRemoteError(f"GET {self._url}{path}: {trouble}", hint="is --tmdb-url right?")

    def _body(self, path: str, answer: requests.Response) -> bytes | None:
        status = answer.status_code
        if status == HTTPStatus.OK:
            return answer.content.removeprefix(b"\xef\xbb\xbf")
        code, said = status_message(answer)
        message = self._key.masked(f"GET {path}: HTTP {status}" + (f": {said}" if said else ""))
        if status == HTTPStatus.NOT_FOUND and code in _GONE_CODES:
            return None
        if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise BusyError(message, hint=_TRY_LATER, wait_s=retry_after_s(answer.headers, self._clock.now()))
        raise self._refusal(path, status, said)

    def _refusal(self, path: str, status: int, said: str) -> FatalRemoteError:
        message = self._key.masked(f"GET {path}: HTTP {status}: {said or 'no reason given'}")
        if status == HTTPStatus.UNAUTHORIZED:
            return FatalRemoteError(f"TMDB refused the key: {message}", hint=self._key.advice)
        if status == HTTPStatus.FORBIDDEN:
            return FatalRemoteError(
                f"the key has no rights: {message}", hint="look at the account's standing in TMDB's settings"
            )
        if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
            return FatalRemoteError(
                f"TMDB did not understand the call: {message}",
                hint="check --language; if it is right, this is a bug of trustedlake: report it with this message",
            )
        return FatalRemoteError(message, hint="is --tmdb-url right? it is the API's address with its /3")

    def _document(self, path: str, body: bytes) -> dict[str, Any]:
        try:
            document = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise self._odd(path, "a body that is not a JSON object")
        return document

    def _odd(self, path: str, what: str) -> BusyError:
        return BusyError(f"GET {path}: HTTP 200 with {what}", hint="is --tmdb-url right? if it is, run again later")


def _parameters(listing: Listing) -> dict[str, str]:
    by, title = _DATE[listing.entity], _TITLE[listing.entity]
    sort_by = {
        Order.MOST_POPULAR: "popularity.desc",
        Order.OLDEST: f"{by}.asc",
        Order.NEWEST: f"{by}.desc",
        Order.BY_TITLE: f"{title}.asc",
        Order.BY_TITLE_REVERSED: f"{title}.desc",
    }
    given = {
        "with_genres": ("|" if listing.match == "any" else ",").join(map(str, listing.genres)),
        "sort_by": sort_by[listing.order],
        f"{by}.gte": listing.since.isoformat() if listing.since else "",
        f"{by}.lte": listing.until.isoformat() if listing.until else "",
        "language": listing.language,
    }
    return {name: value for name, value in given.items() if value}


def _item(result: dict[str, Any], entity: Entity) -> Item:
    number, dated = result["id"], bool(result.get(_RELEASED[entity]))
    if not isinstance(number, int):
        raise TypeError("an id that is no integer")
    return Item(id=number, dated=dated, popularity=float(result.get("popularity") or 0))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
