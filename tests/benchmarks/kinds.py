"""The kinds of defects found in the field: how each is written, and what the right treatment is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal

from tests.benchmarks.generator import HEADER

if TYPE_CHECKING:
    from collections.abc import Callable

    Film = dict[str, Any]


class Demand(Enum):
    """What is right: all records whole; one row, silently or not; or that something is reported (or the value kept)."""

    WHOLE = "whole"
    ONCE = "once"
    SAID = "said"


@dataclass(frozen=True)
class Kind:
    """A kind of defect in films.

    Attributes:
        write: the bytes of a file, of its good films and the one that the defect is in.
        good: which of its records are to come out whole: `all`, `others` than the one, `none`.
        one: the defect is in that one film; else it is the file's.
        text: see `Defect`.
    """

    count: int
    demand: Demand
    write: Callable[[list[Film], Film], bytes]
    good: Literal["all", "others", "none"] = "all"
    one: bool = False
    text: str = ""


def _array(films: list[Any]) -> bytes:
    return json.dumps(films).encode()


def _pretty(films: list[Film], last: Film) -> bytes:
    return json.dumps([*films, last], indent=4).encode()


def _two_documents(films: list[Film], last: Film) -> bytes:
    return _array(films) + _array([last])  # what appending to a file makes


def _page(films: list[Film], last: Film) -> bytes:
    return json.dumps({"page": 1, "results": [*films, last], "total_pages": 1, "total_results": 31}).encode()


def _marked(films: list[Film], last: Film) -> bytes:
    return b"\xef\xbb\xbf" + _array([*films, last])


def _renamed(old: str, new: str) -> Callable[[list[Film], Film], bytes]:
    def write(films: list[Film], last: Film) -> bytes:
        return _array([{new if key == old else key: value for key, value in film.items()} for film in [*films, last]])

    return write


def _with(key: str, value: object) -> Callable[[list[Film], Film], bytes]:
    def write(films: list[Film], last: Film) -> bytes:
        return _array([*films, last | {key: value}])

    return write


def _cut_off(films: list[Film], last: Film) -> bytes:
    return _array([*films, last])[:-40]


def _error(_films: list[Film], _last: Film) -> bytes:
    return b'{"success": false, "status_code": 25, "status_message": "Your request count is over the allowed limit."}'


def _null(films: list[Film], last: Film) -> bytes:
    return _array([*films, None, last])


def _lines(films: list[Film], last: Film) -> bytes:
    return b"\n".join([*(json.dumps(film).encode() for film in films), json.dumps(last).encode()[:-40], b""])


def _not_utf8(films: list[Film], last: Film) -> bytes:
    return _array([*films, last | {"title": "Fi~m"}]).replace(b"Fi~m", b"Fi\xffm")


def _twice(films: list[Film], last: Film) -> bytes:
    return _array([*films, last, last | {"popularity": 1.5}])


FILMS = {
    "a pretty-printed file": Kind(5, Demand.WHOLE, _pretty),
    "two documents in one file": Kind(5, Demand.WHOLE, _two_documents),
    "a page of the API as it came": Kind(5, Demand.WHOLE, _page),
    "a byte order mark": Kind(5, Demand.WHOLE, _marked),
    "the id under the API's own key": Kind(5, Demand.WHOLE, _renamed("movie_id", "id")),
    "`title` renamed to `titulo`": Kind(5, Demand.SAID, _renamed("title", "titulo"), "none", text="Film"),
    "a file that is cut off": Kind(5, Demand.SAID, _cut_off, "others", one=True),
    "an error page": Kind(5, Demand.SAID, _error, "none"),
    "`null` among the films": Kind(5, Demand.SAID, _null),
    "NDJSON with a broken line": Kind(5, Demand.SAID, _lines, "others", one=True),
    "a title that is not UTF-8": Kind(5, Demand.SAID, _not_utf8, "others", one=True),
    '`"5k"` for a number': Kind(8, Demand.SAID, _with("vote_count", "5k"), "others", one=True, text="5k"),
    "`10.7` for an integer": Kind(8, Demand.SAID, _with("vote_count", 10.7), "others", one=True, text="10.7"),
    "a film twice in a file": Kind(9, Demand.ONCE, _twice, "others", one=True),
}

HEADERS = "the header again"
LINES: dict[str, tuple[Demand, Callable[[str], str], Film]] = {
    "a short line": (Demand.SAID, lambda text: text.rsplit("|", 2)[0], {}),
    r"`\N` in a number": (Demand.WHOLE, lambda text: text.replace("1960|2020", r"1960|\N"), {"anoFalecimento": None}),
    'a title that begins with `"`': (
        Demand.WHOLE,
        lambda text: text.replace("|Film", '|"Film', 1),
        {"tituloPincipal": '"Film {}'},
    ),
    HEADERS: (Demand.SAID, lambda text: f"{text}\n{HEADER}", {}),
}
"""Of each kind of defect in a line: what is right, what stands there, and the values that are to come out."""

LINES_COUNT = 5
KINDS = (*FILMS, *LINES)
