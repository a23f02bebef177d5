"""Films in every raw shape that the lake meets, made from one list of them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

Film = Mapping[str, Any]
Shape = Callable[[Sequence[Film]], bytes]

REAL_FILMS = Path(__file__).parents[3] / "shared" / "real" / "vega-movies.json"
OPENAPI = Path(__file__).parents[3] / "shared" / "tmdb-openapi.json"


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
    """The 3,201 real films with the contract's keys; the test is skipped where they are not at hand."""
    if not REAL_FILMS.exists():
        pytest.skip(f"the real films are not at {REAL_FILMS}")
    return list(_with_contract_keys(json.loads(REAL_FILMS.read_bytes())))


def _with_contract_keys(films: Sequence[Film]) -> Iterator[dict[str, Any]]:
    renamed = {"Title": "title", "IMDB Rating": "vote_average", "IMDB Votes": "vote_count"}
    for number, film in enumerate(films, start=1):
        mapped = {renamed.get(key, key): value for key, value in film.items()}
        mapped["release_date"] = _iso_date(mapped.pop("Release Date"))
        yield {"movie_id": number, **mapped}


def _iso_date(text: object) -> object:
    try:
        return datetime.strptime(str(text), "%b %d %Y").date().isoformat()  # noqa: DTZ007 - a date, no time
    except ValueError:
        return text
