"""One list of films in every raw shape that occurs in lakes."""

from __future__ import annotations

import gzip
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Film = Mapping[str, Any]
Shape = Callable[[Sequence[Film]], bytes]


def _lines(films: Sequence[Film], end: str) -> str:
    return "".join(json.dumps(film, ensure_ascii=False) + end for film in films)


def _page(films: Sequence[Film]) -> str:
    return json.dumps({"page": 1, "results": list(films), "total_pages": 1, "total_results": len(films)})


def _halves(films: Sequence[Film]) -> tuple[Sequence[Film], Sequence[Film]]:
    return films[: len(films) // 2], films[len(films) // 2 :]


SHAPES: dict[str, Shape] = {
    "one_line_array.json": lambda films: json.dumps(list(films)).encode(),
    "compact_array.json": lambda films: json.dumps(list(films), separators=(",", ":")).encode(),
    "pretty_array_utf8.json": lambda films: json.dumps(list(films), indent=4, ensure_ascii=False).encode(),
    "pretty_array_escaped.json": lambda films: json.dumps(list(films), indent=2).encode(),
    "array_with_mark.json": lambda films: b"\xef\xbb\xbf" + json.dumps(list(films)).encode(),
    "array_compressed.json.gz": lambda films: gzip.compress(json.dumps(list(films)).encode()),
    "lines.json": lambda films: _lines(films, "\n").encode(),
    "lines_crlf.json": lambda films: _lines(films, "\r\n").encode(),
    "lines_blank.json": lambda films: b"\n \n" + _lines(films, "\n\n  \n").encode(),
    "lines_no_last_end.json": lambda films: _lines(films, "\n").rstrip("\n").encode(),
    "lines_compressed.json.gz": lambda films: gzip.compress(_lines(films, "\n").encode()),
    "page.json": lambda films: _page(films).encode(),
    "pages.json": lambda films: "\n".join(map(_page, _halves(films))).encode(),
    "arrays.json": lambda films: "\n".join(json.dumps(list(half), indent=1) for half in _halves(films)).encode(),
    "pretty_documents.json": lambda films: "\n".join(json.dumps(film, indent=2) for film in films).encode(),
    "documents_side_by_side.json": lambda films: "".join(map(json.dumps, films)).encode(),
}
"""File name -> the shape's bytes."""

OBJECT: Shape = lambda films: json.dumps(films[0]).encode()  # noqa: E731 - one more shape, for one film


def real_films() -> list[dict[str, Any]]:
    """3,201 real films from 1940 to 2014 with the contract's keys, those of their collection, and loose writers' dirt.

    Titles that look like numbers are numbers, whole ratings are integers, some titles and much else is null, and
    some dates are written in words.
    """
    package = find_spec("bokeh_sampledata")
    assert package, "bokeh-sampledata is a development dependency: make install"
    assert package.origin
    database = Path(package.origin).parent / "_data" / "movies.db"
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(REAL_FILMS)]
    return [_as_loose_writers_do(number, film) for number, film in enumerate(found, start=1)]


REAL_FILMS = """
select omdb.Title, omdb.Released, omdb.Year, omdb.Runtime "Running Time min", omdb.Genre "Major Genre", omdb.Director,
       omdb.Country, tomatoes.Rating, tomatoes.Reviews, tomatoes.BoxOffice "Worldwide Gross",
       tomatoes.Production "Distributor"
from omdb join tomatoes using (ID)
order by omdb.Title glob '[0-9]*' desc, ID
limit 3201
"""
"""Those whose title begins with a digit come first: they are the odd ones."""


def _as_loose_writers_do(number: int, film: dict[str, Any]) -> dict[str, Any]:
    title, rating, released = film.pop("Title"), film.pop("Rating"), date.fromisoformat(film.pop("Released"))
    return {
        "movie_id": number,
        "title": None if number % 800 == 0 else int(title) if title.isdecimal() else title,
        "vote_average": int(rating) if rating in range(11) else rating,
        "vote_count": film.pop("Reviews"),
        "release_date": None if number % 90 == 0 else f"{released:%b %d %Y}" if number % 70 == 0 else str(released),
        **film,
    }
