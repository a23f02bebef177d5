"""Ingestion dates in paths, and the names of partition folders."""

from __future__ import annotations

import re
from datetime import date

_DATE_FOLDERS = re.compile(r"(?=(?:^|/)(?:ano=)?([0-9]{4})/(?:mes=)?([0-9]{1,2})/(?:dia=)?([0-9]{1,2})/)")
_PARTITION = re.compile(r"ano=([0-9]{4})/mes=([0-9]{2})/dia=([0-9]{2})")
_LOOSE_PARTITION = re.compile(r"ano=([0-9]+)/mes=([0-9]+)/dia=([0-9]+)")


def ingestion_date(path: str) -> tuple[str, str, str] | None:
    """Year, month and day (`2025`, `06`, `17`) of the last date folders before the file name; None if none.

    Raw/TMDB/JSON/Movies/2025/06/17/filmes_001.json   -> 2025, 06, 17
    Movies/ano=2025/mes=1/dia=20/1894/film.json       -> 2025, 01, 20
    s3://bucket-2024/01/02/Movies/2025/13/40/a.json   -> 2024, 01, 02 (no month 13)
    """
    for year, month, day in reversed(_DATE_FOLDERS.findall(path)):
        if _is_date(year, month, day):
            return year, month.zfill(2), day.zfill(2)
    return None


def partition_name(ano: str, mes: str, dia: str) -> str:
    """Name of a partition's folder: `ano=2025/mes=06/dia=17`.

    Raises:
        ValueError: these are no zero-padded calendar date.
    """
    name = f"ano={ano}/mes={mes}/dia={dia}"
    partition_values(name)
    return name


def partition_values(name: str) -> tuple[str, str, str]:
    """Year, month and day of a partition folder's name.

    Raises:
        ValueError: the name is not `ano=YYYY/mes=MM/dia=DD` with a calendar date.
    """
    match = _PARTITION.fullmatch(name)
    if match is None or not _is_date(*match.groups()):
        raise ValueError(f"{name!r} is no partition folder: it must be ano=YYYY/mes=MM/dia=DD, zero-padded")
    year, month, day = match.groups()
    return year, month, day


def canonical_twin(name: str) -> str | None:
    """The proper name of a partition folder that was written with integers; None for any other folder.

    ano=2025/mes=6/dia=17   -> ano=2025/mes=06/dia=17
    ano=2025/mes=06/dia=17  -> None, it is the proper one
    """
    match = _LOOSE_PARTITION.fullmatch(name)
    if match is None:
        return None
    year, month, day = (str(int(digits)) for digits in match.groups())
    twin = f"ano={year.zfill(4)}/mes={month.zfill(2)}/dia={day.zfill(2)}"
    return None if twin == name or _PARTITION.fullmatch(twin) is None else twin


def _is_date(year: str, month: str, day: str) -> bool:
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True
