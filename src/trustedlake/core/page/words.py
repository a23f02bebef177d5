"""Texts of the page in English and Portuguese: its own phrases, messages, numbers, and names from the lake."""

from __future__ import annotations

from trustedlake.core.page.portuguese.phrases import PHRASES
from trustedlake.core.page.portuguese.translate import one_line, translated
from trustedlake.markup import Markup, tag


def say(phrase: str) -> Markup:
    """Make a phrase of the page, for use inside a text."""
    return said("span", phrase)


def said(element: str, phrase: str, **attributes: object) -> Markup:
    """Make an element that contains one phrase of the page and nothing else."""
    if phrase not in PHRASES:
        raise KeyError(phrase)
    return tag(element, phrase, data_t=True, **attributes)


def message(text: str, *, lang: str | None = "en") -> Markup:
    """Make a finished message, in one line, and its translation, if there is one; `lang`: its language, if known."""
    line = one_line(text)
    portuguese = translated(line)
    return tag("bdi", line, data_pt=portuguese, lang=None if portuguese else lang)


def number(value: float, *, digits: int = 0, unit: str = "") -> Markup:
    """Make a number that the script formats for the reader's language."""
    return formatted(f"{value:,.{digits}f}{unit}")


def formatted(amount: str) -> Markup:
    """Make the same of a number, size or share that is formatted for English readers."""
    return tag("span", amount, class_="n")


def told(first: str, *segments: str | tuple[int, str]) -> str:
    """Make the text of a picture: its name, then what it shows; the script translates each segment by itself."""
    pairs = [("", one) if isinstance(one, str) else (f"{one[0]:,} ", one[1]) for one in segments]
    for _, phrase in pairs:
        if phrase not in PHRASES:
            raise KeyError(phrase)
    return " · ".join([first, *(count + phrase for count, phrase in pairs)])


def name(value: str) -> Markup:
    """Make a name from the lake; it keeps its own writing direction."""
    return tag("bdi", value)
