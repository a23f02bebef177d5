"""Folders as people have them: path templates, the partition that a file belongs to, names of partition folders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_PLACEHOLDER = re.compile(r"\{(\w+)(?::0([24])d)?\}")
_DIGITS = {"4": "[0-9]{4}", "2": "[0-9]{1,2}"}
_EXTENSIONS = (".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt", ".gz")
_DATES = (("ano", "mes", "dia"), ("year", "month", "day"))
"""Placeholders that together must be a date."""

_ESCAPED = re.compile(r"[\x00-\x1f\x7f\"#%'*/:=?\\{\[\]^]")
"""Characters that Hive and Spark escape in the name of a partition folder."""

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


class BadTemplateError(ValueError):
    """A path template that no folder can match."""


class Placed(NamedTuple):
    """Where a file belongs.

    Attributes:
        template: number of the path template that found it.
        values: of the partition columns, in their order; digits zero-padded.
    """

    template: int
    values: tuple[str, ...]


class _Part(NamedTuple):
    """One folder of a template, or its file name.

    Attributes:
        pattern: what the folder is called; groups are placeholders.
        digits: it holds placeholders of digits only, and such folders follow one another at once.
        literal: its name, if it holds no placeholder.
    """

    pattern: re.Pattern[str]
    digits: bool
    literal: str | None


@dataclass(frozen=True)
class Template:
    """A path template, relative to the lake: `Raw/TMDB/JSON/{tema}/{ano:04d}/{mes:02d}/{dia:02d}`."""

    text: str

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its placeholders, in order."""
        return tuple(match[1] for match in _PLACEHOLDER.finditer(self.text))

    @cached_property
    def widths(self) -> dict[str, int]:
        """Placeholder -> digits that its value is padded to; 0 for text."""
        return {match[1]: int(match[2] or 0) for match in _PLACEHOLDER.finditer(self.text)}

    @cached_property
    def prefix(self) -> tuple[str, ...]:
        """The folders before the first that holds a placeholder, and before a file name."""
        folders = [part.literal for part in self._folders]
        end = next((place for place, name in enumerate(folders) if name is None), len(folders))
        return tuple(name for name in folders[:end] if name is not None)

    @cached_property
    def literals(self) -> frozenset[str]:
        """Every folder that it names, in lower case."""
        return frozenset(part.literal.casefold() for part in self._folders if part.literal is not None)

    @cached_property
    def _split(self) -> tuple[list[_Part], _Part | None]:
        texts = [text for text in self.text.split("/") if text]
        file = None
        if len(texts) > 1 and texts[-1].endswith(_EXTENSIONS):
            file = _part(texts.pop(), in_folder=False)
        return [_part(text, in_folder=True) for text in texts], file

    @property
    def _folders(self) -> list[_Part]:
        return self._split[0]

    def match(self, folders: Sequence[str], name: str, stops: frozenset[str]) -> dict[str, str] | None:
        """Placeholder -> value, for a file `name` in these folders below the lake; None if it does not fit.

        Folders may lie between those of the template, and below, but for `stops`: names that other tables have.
        The first folder may be written in any case.
        """
        start = len(self.prefix)
        given = list(folders[:start])
        if given[:1] and given[0].casefold() == self.prefix[:1][0].casefold():
            given[0] = self.prefix[0]
        if tuple(given) != self.prefix:
            return None
        return self._tail(folders[start:], name, stops)

    def match_tail(self, folders: Sequence[str], name: str) -> dict[str, str] | None:
        """The same for folders that begin anywhere: only what stands behind the template's prefix must fit."""
        return self._tail(folders, name, frozenset())

    def _tail(self, folders: Sequence[str], name: str, stops: frozenset[str]) -> dict[str, str] | None:
        parts, file = self._split
        values: dict[str, str] = {}
        if file is not None:
            found = file.pattern.fullmatch(name)
            if found is None:
                return None
            values = found.groupdict()
        matched = self._search(parts[len(self.prefix) :], folders, 0, stops, values)
        if matched is None:
            return None
        return {key: value.zfill(self.widths[key]) for key, value in matched.items()}

    def _search(
        self, parts: Sequence[_Part], folders: Sequence[str], start: int, stops: frozenset[str], values: dict[str, str]
    ) -> dict[str, str] | None:
        """Place the parts in the folders from `start` on: a run of digits as late as it fits, all else as early."""
        if not parts:
            below = any(folder.casefold() in stops for folder in folders[start:])
            return values if not below and _are_dates(values) else None
        run = 1
        while parts[0].digits and run < len(parts) and parts[run].digits:
            run += 1
        places: Iterable[int] = range(start, len(folders) - run + 1)
        for place in reversed(list(places)) if parts[0].digits else places:
            if any(folder.casefold() in stops for folder in folders[start:place]):
                continue
            found = [
                part.pattern.fullmatch(folder)
                for part, folder in zip(parts[:run], folders[place : place + run], strict=True)
            ]
            if not all(found):
                continue
            mine = {key: value for match in found if match for key, value in match.groupdict().items()}
            rest = self._search(parts[run:], folders, place + run, stops, values | mine)
            if rest is not None:
                return rest
        return None


def _part(text: str, *, in_folder: bool) -> _Part:
    placeholders = list(_PLACEHOLDER.finditer(text))
    if not placeholders:
        if "{" in text or "}" in text:
            raise BadTemplateError(f"{text!r}: a placeholder is {{name}}, {{name:02d}} or {{name:04d}}")
        return _Part(re.compile(re.escape(text)), digits=False, literal=text)
    pattern, position = "", 0
    for found in placeholders:
        pattern += re.escape(text[position : found.start()])
        pattern += f"(?P<{found[1]}>{_DIGITS[found[2]] if found[2] else '.+'})"
        position = found.end()
    pattern += re.escape(text[position:])
    if in_folder and len(placeholders) == 1 and placeholders[0][0] == text:
        pattern = f"(?:{placeholders[0][1]}=)?{pattern}"
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise BadTemplateError(f"{text!r}: {error}") from error
    return _Part(compiled, digits=all(found[2] for found in placeholders), literal=None)


def _are_dates(values: Mapping[str, str]) -> bool:
    for names in _DATES:
        if all(name in values for name in names):
            try:
                date(*(int(values[name]) for name in names))
            except ValueError:
                return False
    return True


class Partitioning:
    """The folders of one table: which raw file belongs to which partition.

    Args:
        templates: path templates with the same placeholders.
        columns: the partition columns.
        stops: names of folders that other tables' templates have, in lower case.
    """

    def __init__(self, templates: Iterable[str], columns: Sequence[str], stops: frozenset[str] = frozenset()) -> None:
        self.templates = tuple(map(Template, templates))
        self.columns = tuple(columns)
        self._stops = [stops - template.literals for template in self.templates]

    def place(self, folders: Sequence[str], name: str) -> Placed | None:
        """Where a file `name` in these folders below the lake belongs; None if no template fits."""
        for number, (template, stops) in enumerate(zip(self.templates, self._stops, strict=True)):
            found = template.match(folders, name, stops)
            if found is not None:
                return Placed(number, tuple(found[column] for column in self.columns))
        return None

    def place_anywhere(self, folders: Sequence[str], name: str) -> Placed | None:
        """The same for a folder that the user named: what stands before the placeholders need not be there."""
        for number, template in enumerate(self.templates):
            found = template.match_tail(folders, name)
            if found is not None:
                return Placed(number, tuple(found[column] for column in self.columns))
        return None

    @cached_property
    def widths(self) -> dict[str, int]:
        """Partition column -> digits that its values have; 0 for text."""
        return {column: self.templates[0].widths[column] for column in self.columns}

    @property
    def shown(self) -> str:
        """The folders before a file name, for messages: `{ano:04d}/{mes:02d}/{dia:02d}`."""
        text = self.templates[0].text
        return "/".join([part for part in text.split("/") if part][len(self.templates[0].prefix) :])


def partition_name(columns: Sequence[str], values: Sequence[str]) -> str:
    """Name of a partition's folder, as Hive and Spark write it: `ano=2025/mes=06/dia=17`; empty without columns."""
    return "/".join(f"{column}={escaped(value)}" for column, value in zip(columns, values, strict=True))


def partition_values(name: str) -> dict[str, str]:
    """Column -> value of a partition folder's name.

    Raises:
        ValueError: it is no such name.
    """
    values: dict[str, str] = {}
    for part in name.split("/") if name else ():
        column, sign, value = part.partition("=")
        if not (column and sign and value) or column in values:
            raise ValueError(f"{name!r} is no partition folder: it must be column=value/column=value")
        values[column] = unescaped(value)
    return values


def date_of(name: str) -> date | None:
    """The day that a partition folder's name tells: `ano=2025/mes=06/dia=17`, `dt=2025-06-17`; None if it is no day."""
    try:
        values = partition_values(name)
        for names in _DATES:
            if all(one in values for one in names):
                return date(*(int(values[one]) for one in names))
        return date.fromisoformat(next(iter(values.values()))) if len(values) == 1 else None
    except ValueError:
        return None


def escaped(value: str) -> str:
    """A partition value as it stands in a folder's name."""
    return _ESCAPED.sub(lambda match: f"%{ord(match[0]):02X}", value) if value else NO_VALUE


def unescaped(text: str) -> str:
    """The value that a folder's name holds."""
    return re.sub(r"%([0-9A-Fa-f]{2})", lambda match: chr(int(match[1], 16)), text)


def canonical_twin(name: str, widths: Mapping[str, int]) -> str | None:
    """The proper name of a partition folder that was written with integers; None for any other folder.

    `widths`: partition column -> digits that its values have; 0 for text.

        ano=2025/mes=6/dia=17   -> ano=2025/mes=06/dia=17
        ano=2025/mes=06/dia=17  -> None, it is the proper one
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
    if not all(digits.values()) or not _are_dates(proper):
        return None
    twin = partition_name(tuple(proper), tuple(proper.values()))
    return None if twin == name else twin
