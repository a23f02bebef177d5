"""The same records in each way that sources write them: dialects (which keys) and shapes (which framing)."""

from __future__ import annotations

import json
import struct
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

Record = dict[str, Any]

BOM = b"\xef\xbb\xbf"
_DATES = ("release_date", "first_air_date", "last_air_date")
_NOT_IN_TMDB = ("cast", "minutes")


class Dialects:
    """Writes a catalogue entry under the keys of one source.

    Args:
        genres: name -> TMDB's number.
        keywords: name -> number.
    """

    def __init__(self, genres: dict[str, int], keywords: dict[str, int]) -> None:
        self._genres = genres
        self._keywords = keywords

    def flat(self, entry: Record) -> Record:
        """What the lake's own Lambda writes: names in lists, the numbers beside them."""
        record = _without(entry, *_NOT_IN_TMDB, "tagline", *(["imdb_id"] if "series_id" in entry else []))
        if "movie_id" in entry:
            collection = entry["collection"] or {}
            record["collection"] = collection.get("name")
            record["id_collection"] = collection.get("id")
        record["id_genres"] = [self._genres[name] for name in entry["genres"]]
        return record | _tagline(entry)

    def details(self, entry: Record) -> Record:
        """What TMDB's `/movie/{id}?append_to_response=keywords` (or `/tv/{id}`) answers."""
        is_movie = "movie_id" in entry
        record = {"id": entry["movie_id" if is_movie else "series_id"]}
        record |= _without(self.flat(entry), "movie_id", "series_id", "collection", "id_collection", "id_genres")
        record["genres"] = [{"id": self._genres[name], "name": name} for name in entry["genres"]]
        keywords = [{"name": name, "id": self._keywords[name]} for name in entry["keywords"]]
        record["keywords"] = {"keywords" if is_movie else "results": keywords}
        if is_movie:
            collection = entry["collection"]
            record["belongs_to_collection"] = collection and {**collection, "poster_path": None}
        return record

    def discover(self, entry: Record) -> Record:
        """What `/discover` lists: few keys, genres as numbers."""
        kept = {"overview", "popularity", "vote_average", "vote_count", "original_language"}
        kept |= {"title", "release_date", "original_title"} if "movie_id" in entry else set()
        kept |= {"name", "first_air_date", "original_name"} if "series_id" in entry else set()
        record = {"id": entry.get("movie_id", entry.get("series_id"))}
        record |= {key: value for key, value in entry.items() if key in kept}
        return record | {"genre_ids": [self._genres[name] for name in entry["genres"]]}

    def pandas(self, entry: Record) -> Record:
        """What a data frame's `to_json(lines=True)` makes of it: dates are epoch milliseconds, votes are floats."""
        record = self.flat(entry) | {"vote_average": float(entry["vote_average"])}
        for key in _DATES:
            if key in record:
                record[key] = _epoch_milliseconds(record[key])
        return record


def one_line(value: object) -> bytes:
    """JSON on one line, UTF-8."""
    return json.dumps(value, ensure_ascii=False).encode()


def pretty(value: object, *, ascii_only: bool = False) -> bytes:
    r"""JSON over many lines, UTF-8 or `\uXXXX`."""
    return json.dumps(value, indent=4, ensure_ascii=ascii_only).encode() + b"\n"


def ndjson(records: Sequence[Record], *, end: bytes = b"\n") -> bytes:
    """One record a line; with CRLF also blank lines and no end of the last line."""
    lines = end.join(one_line(record) for record in records)
    return lines + end if end == b"\n" else lines.replace(end, end + end, 2)


def page(records: Sequence[Record]) -> bytes:
    """A page of an API's answer."""
    return one_line({"page": 1, "results": list(records), "total_pages": 1, "total_results": len(records)})


def gzipped(data: bytes) -> bytes:
    """A gzip file that holds `data` as it is: what a compressor makes of it differs between zlib versions."""
    size = len(data)
    block = b"\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + data
    return b"\x1f\x8b\x08" + bytes(6) + b"\xff" + block + struct.pack("<II", zlib.crc32(data), size)


def json_shapes(entries: Sequence[Record], dialects: Dialects) -> dict[str, bytes]:
    """File name -> bytes; each shape (the files of `objects/` together) holds exactly `entries`."""
    flat = [dialects.flat(entry) for entry in entries]
    details = [dialects.details(entry) for entry in entries]
    half = len(entries) // 2
    return {
        "array.json": one_line(flat),
        "pretty.json": pretty(flat),
        "pretty_ascii.json": pretty(details, ascii_only=True),
        "ndjson.json": ndjson([dialects.pandas(entry) for entry in entries]),
        "ndjson_crlf.json": ndjson(details, end=b"\r\n"),
        "page.json": page(details),
        "documents.json": b"".join(pretty(record) for record in details),
        "two_arrays.json": one_line(flat[:half]) + pretty(details[half:]),
        "bom.json": BOM + one_line(flat),
        "array.json.gz": gzipped(one_line(flat)),
        **{f"objects/{record['id']}.json": pretty(record) for record in details},
    }


def csv_lines(entries: Sequence[Record], *, corrected: bool = False) -> list[str]:
    """The header, then one line per (film or series, artist)."""
    series = "series_id" in entries[0]
    header = (
        f"id|{'tituloPrincipal' if corrected else 'tituloPincipal'}|tituloOriginal|anoLancamento|"
        f"{'anoTermino|' if series else ''}tempoMinutos|genero|notaMedia|numeroVotos|generoArtista|personagem|"
        "nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos"
    )
    rows = [row.values() for row in csv_rows(entries)]
    return [header, *("|".join(r"\N" if value is None else str(value) for value in row) for row in rows)]


def csv_rows(entries: Sequence[Record]) -> list[Record]:
    """One row per (film or series, artist), under the CSV's own column names."""
    return [
        {
            "id": entry["imdb_id"],
            "tituloPincipal": entry.get("title", entry.get("name")),
            "tituloOriginal": entry.get("original_title", entry.get("original_name")),
            "anoLancamento": _year(entry.get("release_date", entry.get("first_air_date"))),
            **({"anoTermino": _year(entry["last_air_date"])} if "series_id" in entry else {}),
            "tempoMinutos": entry.get("runtime", entry.get("minutes")),
            "genero": ",".join(entry["genres"]) or None,
            "notaMedia": entry["vote_average"],
            "numeroVotos": entry["vote_count"],
            **dict(zip(_ARTIST, artist, strict=True)),
        }
        for entry in entries
        for artist in entry["cast"]
    ]


_ARTIST = (
    "generoArtista",
    "personagem",
    "nomeArtista",
    "anoNascimento",
    "anoFalecimento",
    "profissao",
    "titulosMaisConhecidos",
)


def csv_shapes(entries: Sequence[Record]) -> dict[str, bytes]:
    """File name -> bytes; each file holds the same rows."""
    lines, corrected = csv_lines(entries), csv_lines(entries, corrected=True)
    return {
        "lf.csv": csv(lines),
        "crlf.csv": csv(lines, end="\r\n"),
        "corrected_header.csv": csv(corrected),
        "bom.csv": BOM + csv(lines),
        "no_last_line_end.csv": csv(lines).removesuffix(b"\n"),
        "blank_lines.csv": csv([lines[0], "", *lines[1:3], "", "", *lines[3:], ""]),
        "lf.csv.gz": gzipped(csv(lines)),
    }


def csv(lines: Sequence[str], *, end: str = "\n") -> bytes:
    """The lines, each with its end."""
    return "".join(line + end for line in lines).encode()


def _tagline(entry: Record) -> Record:
    """A key that no contract knows, on the few that have one."""
    return {"tagline": entry["tagline"]} if entry["tagline"] else {}


def _without(record: Record, *keys: str) -> Record:
    return {key: value for key, value in record.items() if key not in keys}


def _year(date: str | None) -> int | None:
    return int(date[:4]) if date else None


def _epoch_milliseconds(date: str | None) -> int | None:
    day = 86_400_000
    return (
        (datetime.fromisoformat(date).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).days * day
        if date
        else None
    )
