"""TMDB's endpoints as functions from path and parameters to a reply, without HTTP."""

from __future__ import annotations

import re
from threading import Lock
from typing import TYPE_CHECKING, Any

from trustedlake.simulators import bodies
from trustedlake.simulators.calls import RefusedError, Reply, document, error
from trustedlake.simulators.invented import GENRES
from trustedlake.simulators.titles import PAGE_SIZE, page_number, query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustedlake.simulators.invented import Entity
    from trustedlake.simulators.titles import Titles

MAX_APPENDED = 20
APPENDABLE = frozenset({"keywords"})
_IMAGE_SIZES = {
    "backdrop_sizes": ["w300", "w780", "w1280", "original"],
    "logo_sizes": ["w45", "w92", "w154", "w185", "w300", "w500", "original"],
    "poster_sizes": ["w92", "w154", "w185", "w342", "w500", "w780", "original"],
    "profile_sizes": ["w45", "w185", "h632", "original"],
    "still_sizes": ["w92", "w185", "w300", "original"],
}
CONFIGURATION = {
    "images": {
        "base_url": "http://image.example/t/p/",
        "secure_base_url": "https://image.example/t/p/",
        **_IMAGE_SIZES,
    },
    "change_keys": ["adult", "genres", "overview", "plot_keywords", "releases", "runtime", "status", "title"],
}
KEYWORDS_UNDER = {"movie": "keywords", "tv": "results"}
"""Key that holds the list of keywords; series use another key than films."""


class Api:
    """TMDB's API v3, as far as an extraction needs it.

    Args:
        titles: the films and the series.
        token: the token that `Authorization: Bearer` must carry.
        api_key: the value that the parameter `api_key` must have if there is no header.
        drift_every: the titles drift after this many pages of /discover; 0: never.
    """

    def __init__(self, titles: Mapping[Entity, Titles], *, token: str, api_key: str, drift_every: int) -> None:
        self.drift_every = drift_every
        self._titles = titles
        self._token = token
        self._api_key = api_key
        self._pages = 0
        self._lock = Lock()
        self._routes: list[tuple[re.Pattern[str], Callable[..., object]]] = [
            (re.compile(r"/3/(?P<entity>movie|tv)/(?P<identity>[0-9]{1,18})"), self._details),
            (re.compile(r"/3/discover/(?P<entity>movie|tv)"), self._discover),
            (re.compile(r"/3/(?P<entity>movie|tv)/(?P<identity>[0-9]{1,18})/keywords"), self._keywords),
            (re.compile(r"/3/genre/(?P<entity>movie|tv)/list"), self._genres),
            (re.compile(r"/3/configuration"), lambda _: CONFIGURATION),
            (re.compile(r"/3/authentication"), self._authentication),
        ]

    def answer(self, path: str, parameters: Mapping[str, str], authorization: str = "") -> Reply:
        """Return TMDB's reply to GET `path`, including `/3`; an error is a reply, too."""
        try:
            self._authorize(parameters, authorization)
            for pattern, endpoint in self._routes:
                found = pattern.fullmatch(path)
                if found:
                    return document(endpoint(parameters, **found.groupdict()))
        except RefusedError as refused:
            return error(refused.code, refused.message)
        return error(34)

    def details(self, entity: Entity, identity: int, appended: frozenset[str] = APPENDABLE) -> dict[str, Any]:
        """Return the body of a film or series.

        Raises:
            RefusedError: there is no item with that number.
        """
        titles, place = self._place(entity, identity)
        body: dict[str, Any] = titles.body(place)
        if "keywords" in appended:
            body["keywords"] = {KEYWORDS_UNDER[entity]: titles.keywords(place)}
        return body

    def _authorize(self, parameters: Mapping[str, str], authorization: str) -> None:
        scheme, _, token = authorization.partition(" ")
        if not (scheme == "Bearer" and token == self._token) and parameters.get("api_key") != self._api_key:
            raise RefusedError(7)

    def _place(self, entity: Entity, identity: int) -> tuple[Titles, int]:
        titles = self._titles[entity]
        place = titles.place(identity)
        if place is None:
            raise RefusedError(34)
        return titles, place

    def _details(self, parameters: Mapping[str, str], entity: Entity, identity: str) -> object:
        appended = frozenset(filter(None, parameters.get("append_to_response", "").split(",")))
        if len(appended) > MAX_APPENDED:
            raise RefusedError(27)
        if not appended <= APPENDABLE:
            raise RefusedError(2, f"Not simulated: append_to_response={','.join(sorted(appended - APPENDABLE))}.")
        return self.details(entity, int(identity), appended)

    def _keywords(self, _: Mapping[str, str], entity: Entity, identity: str) -> object:
        titles, place = self._place(entity, int(identity))
        return {"id": int(identity), KEYWORDS_UNDER[entity]: titles.keywords(place)}

    def _discover(self, parameters: Mapping[str, str], entity: Entity) -> object:
        page = page_number(parameters)
        titles = self._titles[entity]
        found = titles.find(query(entity, parameters))
        first = (page - 1) * PAGE_SIZE
        shown = [bodies.summary(entity, titles.body(place)) for place in found[first : first + PAGE_SIZE]]
        self._page_read(titles)
        return {
            "page": page,
            "results": shown,
            "total_pages": max(1, -(-len(found) // PAGE_SIZE)),
            "total_results": len(found),
        }

    def _page_read(self, titles: Titles) -> None:
        with self._lock:
            self._pages += 1
            moves = self.drift_every and self._pages % self.drift_every == 0
        if moves:
            titles.drift()

    def _genres(self, _: Mapping[str, str], entity: Entity) -> object:
        return {"genres": [{"id": number, "name": name} for number, name in GENRES[entity].items()]}

    def _authentication(self, _: Mapping[str, str]) -> object:
        return {"success": True, "status_code": 1, "status_message": "Success."}
