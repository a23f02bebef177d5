"""The names of partition folders, `ano=2025/mes=06/dia=17`: their values, the day in them, and how people name them."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATES = (("ano", "mes", "dia"), ("year", "month", "day"))
"""Placeholders that must form a date together."""

_ESCAPED = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
"""Characters that Hive and Spark escape in the names of partition folders."""

WHOLE = "-"
"""What commands take for a table as a whole, which has no partitions or whose warning belongs to none."""

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def partition_name(columns: Sequence[str], values: Sequence[str]) -> str:
    """Name a partition's folder as Hive and Spark do: `ano=2025/mes=06/dia=17`; empty without columns."""
    return "/".join(f"{column}={escaped(value)}" for column, value in zip(columns, values, strict=True))


def partition_values(name: str) -> dict[str, str]:
    """Parse a partition folder's name into column -> value.

    Raises:
        ValueError: it is not the name of a partition folder.
    """
    values: dict[str, str] = {}
    for part in name.split("/") if name else ():
        column, sign, value = part.partition("=")
        if not (column and sign and value) or column in values:
            raise ValueError(f"{name!r} is not a partition folder: it must be column=value/column=value")
        values[column] = unescaped(value)
    return values


def date_of(name: str) -> date | None:
    """Parse the date in a partition folder's name; None if there is none, or more than one.

    It may be in several folders or in one of them: `ano=2025/mes=06/dia=17`, `region=sul/day=2025-06-17`.
    """
    try:
        values = partition_values(name)
        for names in _DATES:
            if all(one in values for one in names):
                return date(*(int(values[one]) for one in names))
        days = [value for value in values.values() if len(values) == 1 or _DAY.fullmatch(value)]
        return date.fromisoformat(days[0]) if len(days) == 1 else None
    except ValueError:
        return None


def is_selected(name: str, given: str) -> bool:
    """Return whether `given` means the partition: its name, its first folders, its day as `2025-06-17`, or `WHOLE`."""
    if given == WHOLE:
        return not name
    return f"{name}/".startswith(f"{given.rstrip('/')}/") or str(date_of(name)) == given.rstrip("/")


def escaped(value: str) -> str:
    """Escape a partition value for a folder's name."""
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", value) if value else NO_VALUE


def unescaped(text: str) -> str:
    """Unescape a value from a folder's name."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def canonical_twin(name: str, widths: Mapping[str, int]) -> str | None:
    """Return the canonical name of a partition folder whose values were written as integers; None for other folders.

    `widths`: partition column -> number of digits in its values; 0 for text.

        ano=2025/mes=6/dia=17   -> ano=2025/mes=06/dia=17
        ano=2025/mes=06/dia=17  -> None, it is canonical already
    """
    try:
        values = partition_values(name)
    except ValueError:
        return None
    if tuple(values) != tuple(widths):
        return None
    proper = {
        column: str(int(value)).zfill(widths[column])
        if widths[column] and value.isascii() and value.isdigit()
        else value
        for column, value in values.items()
    }
    digits = {column: re.fullmatch(f"[0-9]{{{width}}}", proper[column]) for column, width in widths.items() if width}
    if not all(digits.values()) or not are_dates(proper):
        return None
    twin = partition_name(tuple(proper), tuple(proper.values()))
    return None if twin == name else twin


def are_dates(values: Mapping[str, str]) -> bool:
    """Return whether year, month and day of `values`, if they are all there, are a date."""
    for names in _DATES:
        if all(name in values for name in names):
            try:
                date(*(int(values[name]) for name in names))
            except ValueError:
                return False
    return True
