"""One defect a file; the file's name says which."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from shapes import BOM, csv, csv_lines, gzipped, ndjson, one_line, page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapes import Record

DEEPER_THAN_ANY_PARSER = 5_000

Fate = dict[str, object]
"""`{"unreadable": true}`, or the number of records and the reasons by record index."""

_UNREADABLE: Fate = {"unreadable": True}


def _readable(records: int, problems: dict[int, str] | None = None) -> Fate:
    return {"unreadable": False, "records": records, "problems": {str(k): v for k, v in (problems or {}).items()}}


def hostile_json(films: Sequence[Record]) -> dict[str, tuple[bytes, Fate]]:
    """File name -> bytes and how framing must take them; `films` are flat, at least three."""
    first, second, third = (one_line(film) for film in films[:3])
    array = one_line(list(films))
    deep = b'{"movie_id": 1, "title": "deep", "nested": ' + b"[" * DEEPER_THAN_ANY_PARSER
    deep += b"]" * DEEPER_THAN_ANY_PARSER + b"}"
    changes = [{"id": film["movie_id"], "adult": False} for film in films]
    renamed = [{"ID": film["movie_id"], "Título": film["title"], "Média de votos": 7} for film in films]
    error = {"success": False, "status_code": 34, "status_message": "The resource you requested could not be found."}
    return {
        # Refused whole.
        "truncated_array.json": (array[: len(array) // 2], _UNREADABLE),
        "truncated_page.json": (page(films)[:-40], _UNREADABLE),
        "truncated_object.json": (first[: len(first) // 2], _UNREADABLE),
        "truncated_gzip.json.gz": (gzipped(array)[:-200], _UNREADABLE),
        "not_gzip.json.gz": (array, _UNREADABLE),
        "trailing_garbage.json": (array + b" garbage", _UNREADABLE),
        "trailing_comma.json": (array[:-1] + b",]", _UNREADABLE),
        "invalid_utf8.json": (array.replace("á".encode(), b"\xe1"), _UNREADABLE),
        "utf16.json": (b"\xff\xfe" + array.decode().encode("utf-16-le"), _UNREADABLE),
        "utf16_without_bom.json": (array.decode().encode("utf-16-le"), _UNREADABLE),
        "empty.json": (b"", _UNREADABLE),
        "blank.json": (b" \n\n", _UNREADABLE),
        "bom_only.json": (BOM, _UNREADABLE),
        "nan.json": (b"[" + first.replace(b'"vote_average": 7,', b'"vote_average": NaN,') + b"]", _UNREADABLE),
        "infinity.json": (
            b"[" + first.replace(b'"vote_average": 7,', b'"vote_average": -Infinity,') + b"]",
            _UNREADABLE,
        ),
        "error_body.json": (one_line(error), _UNREADABLE),
        "html_page.json": (b"<html><body><h1>502 Bad Gateway</h1></body></html>\n", _UNREADABLE),
        "genres_list.json": (
            one_line({"genres": [{"id": 80, "name": "Crime"}, {"id": 18, "name": "Drama"}]}),
            _UNREADABLE,
        ),
        "changes_page.json": (page(changes), _UNREADABLE),
        "collection_wrapper.json": (one_line({"Crime": list(films)}), _UNREADABLE),
        "renamed_keys.json": (one_line(renamed), _UNREADABLE),
        "bare_string.json": (b'"no films today"', _UNREADABLE),
        # Read, but for the records that are wrong.
        "empty_array.json": (b"[]", _readable(0)),
        "non_object_elements.json": (
            b"[" + first + b", null, 7, " + second + b', "x", []]',
            _readable(6, dict.fromkeys((1, 2, 4, 5), "record|not_object")),
        ),
        "deep_nesting.json": (b"[" + first + b"," + deep + b"," + second + b"]", _readable(3, {1: "record|depth"})),
        "ndjson_bad_line.json": (
            first + b"\n" + second.removesuffix(b"}") + b"\n" + third + b"\n",
            _readable(3, {1: "record|not_json"}),
        ),
        "ndjson_error_line.json": (ndjson([films[0], error, films[1]]), _readable(3, {1: "record|not_tmdb_movies"})),
        "duplicate_keys.json": (
            b"[" + first.replace(b"{", b'{"title": "the first is not it", ', 1) + b"]",
            _readable(1),
        ),
        "lone_surrogate.json": (b"[" + first.replace(b"O Farol", b"\\ud83d Farol", 1) + b"]", _readable(1)),
        "wrong_types.json": (
            json.dumps(_wrong_types(films)).encode(),
            _readable(len(films), {place: _FAULTS[place % len(_FAULTS)][1] for place in range(len(films))}),
        ),
    }


_FAULTS: list[tuple[Record, str]] = [
    ({"vote_count": "5k"}, "vote_count|type"),
    ({"vote_count": 10.7}, "vote_count|type"),
    ({"popularity": "1d"}, "popularity|type"),
    ({"release_date": "2024-3-1"}, "release_date|type"),
]


def _wrong_types(films: Sequence[Record]) -> list[Record]:
    """Values that look like numbers or dates and are none."""
    return [film | _FAULTS[index % len(_FAULTS)][0] for index, film in enumerate(films)]


def hostile_csv(films: Sequence[Record]) -> dict[str, tuple[bytes, Fate]]:
    """File name -> bytes and how framing must take them; record numbers are the file's lines."""
    lines = csv_lines(films)
    header, first, second, third = lines[:4]
    cells = [line.split("|") for line in lines]
    return {
        # Refused whole.
        "empty.csv": (b"", _UNREADABLE),
        "utf16.csv": (b"\xff\xfe" + csv(lines).decode().encode("utf-16-le"), _UNREADABLE),
        "no_header.csv": (csv(lines[1:]), _UNREADABLE),
        "wrong_delimiter.csv": (csv([line.replace("|", ";") for line in lines]), _UNREADABLE),
        "no_id_column.csv": (csv(["|".join(row[1:]) for row in cells]), _UNREADABLE),
        # Read, but for the lines that are wrong; of two fields for one column the other is rescued.
        "two_columns_with_one_name.csv": (csv([header.replace("personagem", "nomeArtista"), first]), _readable(1)),
        "both_spellings.csv": (csv([header.replace("tituloOriginal", "tituloPrincipal"), first]), _readable(1)),
        "missing_column.csv": (csv(["|".join(row[:-2]) for row in cells]), _readable(len(lines) - 1)),
        "header_with_leading_blank.csv": (csv([header.replace("|", "| "), first]), _readable(1)),
        "header_only.csv": (csv([header]), _readable(0)),
        "short_line.csv": (csv([header, first, second.rpartition("|")[0], third]), _readable(3, {3: "line|short"})),
        "long_line.csv": (csv([header, first, second + "|more", third]), _readable(3, {3: "line|long"})),
        "repeated_header.csv": (csv([header, first, header, second]), _readable(3, {3: "line|header"})),
        "undecodable_bytes.csv": (
            csv([header, first, second]) + third.encode().replace(b"Clock", b"Cl\xf3ck") + b"\n",
            _readable(3, {4: "line|encoding"}),
        ),
        "literal_null.csv": (csv([header, first.replace("|1961|", "|null|")]), _readable(1, {2: "anoNascimento|type"})),
    }
