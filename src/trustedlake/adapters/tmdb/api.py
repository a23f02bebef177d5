"""TMDB over HTTP, with one pool of kept-alive connections and a key that appears in no message or log."""

from __future__ import annotations

import json
from contextlib import ExitStack
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, Self

from requests import RequestException
from urllib3.exceptions import HTTPError

from trustedlake.adapters.tmdb.bounded_http import BoundedSession, DamagedError, UnendingError
from trustedlake.adapters.tmdb.tmdb_errors import is_gone, refusal, trouble
from trustedlake.errors import BusyError
from trustedlake.models.ingest import Item, Order, Page, TmdbList
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustedlake.adapters.tmdb.bounded_http import HttpAnswer
    from trustedlake.adapters.tmdb.key import TmdbKey
    from trustedlake.ports import Clock

_NOUN = {Entity.MOVIES: "movie", Entity.SERIES: "tv"}
_DATE = {Entity.MOVIES: "primary_release_date", Entity.SERIES: "first_air_date"}
_RELEASED = {Entity.MOVIES: "release_date", Entity.SERIES: "first_air_date"}
_TITLE = {Entity.MOVIES: "title", Entity.SERIES: "name"}


class TmdbSource:
    """The API at `url`.

    Args:
        url: including its `/3`.
        key: read token or API key.
        clock: the reference for a date in `Retry-After` if the answer has no `Date` header.
        connections: maximum number of open connections; further calls wait for a free one.
        connect_s, read_s: seconds to wait for a connection, and for a whole answer.
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
        self._session = BoundedSession(key.sign, connections=connections, connect_s=connect_s, answer_s=read_s)
        self._proven = False
        self._hidden = ExitStack()
        self._hidden.enter_context(key.hidden_from_logs())

    @property
    def address(self) -> str:
        """Return the address, without any key."""
        return self._url

    def page(self, listing: TmdbList, number: int) -> Page:
        """Return one page of a list. Raises BusyError, FatalRemoteError, ConfigError."""
        path = f"/discover/{_NOUN[listing.entity]}"
        answer = self._ask(path, {**_parameters(listing), "page": str(number)})
        if answer.status != HTTPStatus.OK:
            raise refusal(answer, f"GET {path}", self._url, self._key, self._clock.now(), fatal=not self._proven)
        document = self._document(path, answer.body)
        try:
            if document["page"] != number:
                raise self._odd(path, f"page {document['page']} instead of {number}")
            items = tuple(_item(result, listing.entity) for result in document["results"])
            page = Page(items=items, total=document["total_results"])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            problem = f"not a page of a list ({type(error).__name__})"
        else:
            self._proven = True
            return page
        raise self._odd(path, problem)

    def record(self, entity: Entity, number: int, language: str) -> bytes | None:
        """Return the film or series with its keywords, as one line. Raises BusyError, FatalRemoteError, ConfigError."""
        path = f"/{_NOUN[entity]}/{number}"
        answer = self._ask(path, {"append_to_response": "keywords", "language": language})
        if is_gone(answer):
            return None
        if answer.status != HTTPStatus.OK:
            # We know the film from one of the API's lists, so the address is right and other films may still work.
            raise refusal(answer, f"GET {path}", self._url, self._key, self._clock.now(), fatal=False)
        body = answer.body.removeprefix(b"\xef\xbb\xbf")
        found = self._document(path, body).get("id")
        if found != number or isinstance(found, bool):
            raise self._odd(path, "a body without this id")
        # JSON may have line breaks between its tokens, but never inside a token.
        return body.strip().replace(b"\r", b" ").replace(b"\n", b" ")

    def hang_up(self) -> None:
        """Abort the calls that are in progress."""
        self._session.hang_up()

    def close(self) -> None:
        """Close all connections."""
        self._session.close()
        self._hidden.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ask(self, path: str, parameters: Mapping[str, str]) -> HttpAnswer:
        """Return the answer, whatever its status."""
        try:
            return self._session.get(self._url + path, parameters)
        except (UnendingError, DamagedError, RequestException, HTTPError, OSError, ValueError) as error:
            ours = trouble(error, f"GET {self._url}{path}", self._url)
        # Raised outside of the handler: the library's own error holds the URL, and with it the API key.
        raise ours

    def _document(self, path: str, body: bytes) -> dict[str, Any]:
        try:
            document = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise self._odd(path, "a body that is not a JSON object")
        return document

    def _odd(self, path: str, what: str) -> BusyError:
        return BusyError(f"GET {path}: HTTP 200 with {what}", hint="is --tmdb-url right? if it is, run again later")


def _parameters(listing: TmdbList) -> dict[str, str]:
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
        f"{by}.gte": listing.released_from.isoformat() if listing.released_from else "",
        f"{by}.lte": listing.released_to.isoformat() if listing.released_to else "",
        "language": listing.language,
    }
    return {name: value for name, value in given.items() if value}


def _item(result: dict[str, Any], entity: Entity) -> Item:
    number, dated = result["id"], bool(result.get(_RELEASED[entity]))
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise TypeError("an id that is not a positive whole number")
    return Item(id=number, dated=dated, popularity=float(result.get("popularity") or 0))


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
