"""Path templates, and the partition that a file belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from trustedlake.core.file_names import is_file_name
from trustedlake.core.partition_name import are_dates
from trustedlake.types.path_template import PLACEHOLDER, placeholders

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DIGITS = {"4": "[0-9]{4}", "2": "[0-9]{1,2}"}


class BadTemplateError(ValueError):
    """No folder can match this path template."""


class Placed(NamedTuple):
    """The partition that a file belongs to.

    Attributes:
        template: index of the path template that matched.
        values: values of the partition columns, in their order; digits are zero-padded.
    """

    template: int
    values: tuple[str, ...]


class _Part(NamedTuple):
    """One folder of a template, or its file name.

    Attributes:
        pattern: matches the folder's name; its groups are the placeholders.
        digits: all its placeholders are digits; such folders must follow one another directly.
        literal: its name if it has no placeholder.
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
        return placeholders(self.text)

    @cached_property
    def widths(self) -> dict[str, int]:
        """Placeholder -> number of digits that its value is padded to; 0 for text."""
        return {match[1]: int(match[2] or 0) for match in PLACEHOLDER.finditer(self.text)}

    @cached_property
    def prefix(self) -> tuple[str, ...]:
        """The folders before the first one with a placeholder, and before a file name."""
        folders = [part.literal for part in self._folders]
        end = next((place for place, name in enumerate(folders) if name is None), len(folders))
        return tuple(name for name in folders[:end] if name is not None)

    @cached_property
    def literals(self) -> frozenset[str]:
        """All folders without a placeholder, in lower case."""
        return frozenset(part.literal.casefold() for part in self._folders if part.literal is not None)

    @cached_property
    def _split(self) -> tuple[list[_Part], _Part | None]:
        texts = [text for text in self.text.split("/") if text]
        file = None
        if len(texts) > 1 and is_file_name(texts[-1]):
            file = _part(texts.pop(), in_folder=False)
        return [_part(text, in_folder=True) for text in texts], file

    @property
    def _folders(self) -> list[_Part]:
        return self._split[0]

    @property
    def has_file(self) -> bool:
        """Whether the file's name must match, too."""
        return self._split[1] is not None

    def match(self, folders: Sequence[str], name: str, stops: frozenset[str]) -> dict[str, str] | None:
        """Return placeholder -> value for a file `name` in these folders below the lake; None if it doesn't match.

        Extra folders may be between and below those of the template, unless they are `stops`: names of other tables'
        folders. The first folder may be written in upper or lower case.
        """
        start = len(self.prefix)
        given = list(folders[:start])
        if given[:1] and given[0].casefold() == self.prefix[:1][0].casefold():
            given[0] = self.prefix[0]
        if tuple(given) != self.prefix:
            return None
        return self._tail(folders[start:], name, stops)

    def match_tail(self, folders: Sequence[str], name: str) -> dict[str, str] | None:
        """Match folders that begin anywhere: only what comes after the template's prefix must match."""
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
        """Match the parts to folders from `start` on: parts of digits as late as possible, others as early."""
        if not parts:
            below = any(folder.casefold() in stops for folder in folders[start:])
            return values if not below and are_dates(values) else None
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
    holes = list(PLACEHOLDER.finditer(text))
    if not holes:
        if "{" in text or "}" in text:
            raise BadTemplateError(f"{text!r}: a placeholder is {{name}}, {{name:02d}} or {{name:04d}}")
        return _Part(re.compile(re.escape(text)), digits=False, literal=text)
    pattern, position = "", 0
    for found in holes:
        pattern += re.escape(text[position : found.start()])
        pattern += f"(?P<{found[1]}>{_DIGITS[found[2]] if found[2] else '.+'})"
        position = found.end()
    pattern += re.escape(text[position:])
    if in_folder and len(holes) == 1 and holes[0][0] == text:
        pattern = f"(?:{holes[0][1]}=)?{pattern}"
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise BadTemplateError(f"{text!r}: {error}") from error
    return _Part(compiled, digits=all(found[2] for found in holes), literal=None)


class Partitioning:
    """Maps the raw files of one table to its partitions.

    Args:
        templates: path templates; all have the same placeholders.
        columns: the partition columns.
        stops: folder names in other tables' templates, in lower case.
    """

    def __init__(self, templates: Iterable[str], columns: Sequence[str], stops: frozenset[str] = frozenset()) -> None:
        self.templates = tuple(map(Template, templates))
        self.columns = tuple(columns)
        self._stops = [stops - template.literals for template in self.templates]
        self._in_folder: dict[str, Placed | None] = {}

    def place(self, folder: str, name: str) -> Placed | None:
        """Find the partition of a file `name` in this folder of the lake (`a/b/c`); None if no template matches."""
        if self.go_by_name:
            return self._place(folder, name)
        if folder not in self._in_folder:  # a folder has many files
            self._in_folder[folder] = self._place(folder, name)
        return self._in_folder[folder]

    @cached_property
    def go_by_name(self) -> bool:
        """Whether the partition depends on the file's name, too."""
        return any(template.has_file for template in self.templates)

    def _place(self, folder: str, name: str) -> Placed | None:
        folders = _names(folder)
        for number, (template, stops) in enumerate(zip(self.templates, self._stops, strict=True)):
            found = template.match(folders, name, stops)
            if found is not None:
                return Placed(number, tuple(found[column] for column in self.columns))
        return None

    def place_anywhere(self, folder: str, name: str) -> Placed | None:
        """Find the partition for a folder that the user named: the folders before the placeholders may be missing."""
        for number, template in enumerate(self.templates):
            found = template.match_tail(_names(folder), name)
            if found is not None:
                return Placed(number, tuple(found[column] for column in self.columns))
        return None

    @cached_property
    def widths(self) -> dict[str, int]:
        """Partition column -> number of digits in its values; 0 for text."""
        return {column: self.templates[0].widths[column] for column in self.columns}

    @property
    def shown(self) -> str:
        """The folders of a template after its prefix, for messages: `{ano:04d}/{mes:02d}/{dia:02d}`."""
        text = self.templates[0].text
        return "/".join([part for part in text.split("/") if part][len(self.templates[0].prefix) :])


def _names(folder: str) -> list[str]:
    return folder.split("/") if folder else []
