"""What the name of a raw file says: the format of its content, and whether it is compressed."""

from __future__ import annotations

JSON = (".json", ".ndjson", ".jsonl")
"""Endings of JSON files."""

CSV = (".csv", ".tsv", ".psv")
"""Endings of CSV files."""

TEXT = (".txt", ".dat")
"""Endings of files that are CSV if they look like it."""

ENDINGS = (*JSON, *CSV, *TEXT)
"""Endings of all files that can hold records, before `COMPRESSED`."""

COMPRESSED = ".gz"
"""Ending of a file whose content is compressed with gzip."""


def is_compressed(name: str) -> bool:
    """Whether the content is compressed. Upper and lower case are the same here, as in all of these functions."""
    return name.lower().endswith(COMPRESSED)


def has_ending(name: str, endings: tuple[str, ...] = ENDINGS) -> bool:
    """Whether the name, without the ending of compressed files, has one of the endings.

    a.csv, a.CSV.gz, Raw/a.json -> True        a.csv.zip, a.gz, csv -> False
    """
    return _uncompressed(name.lower()).endswith(endings)


def is_file_name(name: str) -> bool:
    """Whether the name has an ending of raw files: a.csv, a.json.gz, a.gz."""
    return has_ending(name) or is_compressed(name)


def ending_of(name: str) -> str:
    """Return how the name ends, in its own writing: `.json`, `.csv.GZ`, `.xml`; empty if there is no dot.

    a.b.json -> .json        Raw/a.csv.gz -> .csv.gz        a.gz -> .gz        2025.06.17, README -> ""
    """
    file = name.rpartition("/")[2]
    bare = _uncompressed(file)
    stem, dot, ending = bare.rpartition(".")
    is_ending = dot and ending[:1].isalpha() and ending.isalnum() and ending.isascii()
    return file[len(stem if is_ending else bare) :]


def _uncompressed(name: str) -> str:
    return name[: -len(COMPRESSED)] if is_compressed(name) else name
