"""Translate finished messages: the page shows texts that were written in English by this or an earlier version."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from trustedlake.core.page.portuguese.about_files import ABOUT_FILES
from trustedlake.core.page.portuguese.about_partitions import ABOUT_PARTITIONS
from trustedlake.core.page.portuguese.about_runs import ABOUT_RUNS
from trustedlake.core.page.portuguese.about_surroundings import ABOUT_SURROUNDINGS

MESSAGES = {**ABOUT_PARTITIONS, **ABOUT_FILES, **ABOUT_RUNS, **ABOUT_SURROUNDINGS}
"""English template -> Portuguese template.

Both have the same placeholders. The letters of a placeholder's name say what it stands for:

    {n}       a number; it gets the commas and points of Portuguese
    {say}     a message, which has to have a translation, too
    {any}     a message or any other text; without a translation it stays as it is
    {some}    several of those, separated by commas
    others    a name from the lake, a command, a value: it stays as it is

`[record|records]` in a Portuguese template is the form for one and the form for several; the number before it decides,
or the first one if none stands before it.

The parts of a message that are separated by semicolons are translated one by one, so most templates are one part.
"""

LONGEST = 4_000
MOST_PARTS = 40
DEEPEST = 8
"""A message with more characters, more parts, or more messages inside of messages is not one of ours: it stays English,
because a file name may be anything, and the page must not take long."""

BREAK = "; "
"""What separates the parts of a message."""

_HOLE = re.compile(r"\{([a-z]+)[0-9]*\}")
_FORMS = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_FIRST_LINE_END = re.compile(r":\s*\n\s*")
_LINE_END = re.compile(r"\s*\n\s*")
_SWAPPED = str.maketrans(",.", ".,")


class Translation:
    """An English template and its Portuguese one."""

    def __init__(self, english: str, portuguese: str) -> None:
        self.english = english
        self.portuguese = portuguese
        self.literals = [part for part in _HOLE.sub("\0", english).split("\0") if part]
        self.weight = sum(map(len, self.literals))

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What fits the English template; a group for each placeholder.

        Each text ends where what follows it stands first, and nothing is tried twice (atomic groups), so that matching
        takes no longer than reading, whatever the text is.
        """
        parts, place, is_open = [], 0, False
        for hole in _HOLE.finditer(self.english):
            name, kind = hole[0][1:-1], hole[1]
            parts.append(re.escape(self.english[place : hole.start()]))
            place = hole.end()
            if kind == "n":
                parts.append(f"(?P<{name}><?[0-9][0-9,.]*%?)")
                continue
            parts.append(f"{')' if is_open else ''}(?>(?P<{name}>(?:(?!{BREAK}).)+?)")
            is_open = True
        end = re.escape(self.english[place:]) + r"\Z"
        return re.compile("".join(parts) + end + (")" if is_open else ""), re.DOTALL)

    def render(self, text: str, depth: int) -> str | None:
        """Say the text in Portuguese; None if it does not fit the template. `depth`: as in `_parts`."""
        if not all(part in text for part in self.literals):
            return None
        found = self.pattern.match(text)
        if found is None:
            return None
        values = found.groupdict()
        spoken = {name: _spoken(name, value, depth - 1) for name, value in values.items()}
        if any(name.startswith("say") and spoken[name] == value for name, value in values.items()):
            return None
        words = _FORMS.sub(lambda forms: forms[1 if self._is_one(forms.start(), values) else 2], self.portuguese)
        return _HOLE.sub(lambda hole: spoken[hole[0][1:-1]], words)

    def _is_one(self, place: int, values: dict[str, str]) -> bool:
        numbers = [hole for hole in _HOLE.finditer(self.portuguese) if hole[1] == "n"]
        before = [hole for hole in numbers if hole.start() < place]
        return values[(before[-1] if before else numbers[0])[0][1:-1]] == "1"


_SPOKEN = ("say", "any", "some")


def _spoken(name: str, value: str, depth: int) -> str:
    kind = name.rstrip("0123456789")
    if kind == "n":
        return value.translate(_SWAPPED)
    if kind == "some":
        return ", ".join(_parts(one, depth) or one for one in value.split(", "))
    return (_parts(value, depth) or value) if kind in _SPOKEN else value


TRANSLATIONS = sorted(
    (Translation(english, portuguese) for english, portuguese in MESSAGES.items()), key=lambda one: -one.weight
)
"""Those with the most text of their own first: what fits two of them is what the longer one says."""


_LONG = max(english.count(BREAK) for english in MESSAGES) + 1


def one_line(message: str) -> str:
    """Write a message of several lines in one, as parts."""
    return _LINE_END.sub("; ", _FIRST_LINE_END.sub(": ", message))


def translated(message: str) -> str | None:
    """Say a message of one line in Portuguese; None if no part of it is known.

    A part without a translation stays English between the others.
    """
    return _parts(message, DEEPEST) if len(message) <= LONGEST else None


def _parts(message: str, depth: int) -> str | None:
    """Translate the parts of a message one by one; `depth`: how many messages may be inside of one another."""
    parts = message.split(BREAK)
    if not depth or len(parts) > MOST_PARTS:
        return None
    found: list[str] = []
    is_known = False
    while parts:
        ends = range(1, min(_LONG, len(parts)) + 1)  # a few templates are several parts
        known = next(((end, said) for end in ends if (said := _part(BREAK.join(parts[:end]), depth))), None)
        is_known = is_known or known is not None
        end, said = known or (1, parts[0])
        found.append(said)
        del parts[:end]
    return BREAK.join(found) if is_known else None


@lru_cache(maxsize=10_000)
def _part(text: str, depth: int) -> str | None:
    return next((said for one in TRANSLATIONS if (said := one.render(text, depth)) is not None), None)
