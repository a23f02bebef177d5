"""Names: column names from keys, words for comparing keys, and texts that are safe to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from trustedlake.terminal import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_SHOWN_CHARS = 60


def ascii_text(text: str) -> str:
    """Remove accents, and characters that have no ASCII form."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def words_of(key: str) -> list[str]:
    """Split a key into lower-case words without accents: `Data de Lançamento`, `dataDeLancamento` -> three words."""
    plain = ascii_text(key).replace("IMDb", "Imdb")
    return [word.lower() for part in _OTHER.split(plain) for word in _CAMEL.split(part) if word]


def word_set(text: str) -> frozenset[str]:
    """Split a text into a set of words."""
    return frozenset(text.split())


def column_name(key: str) -> str:
    """Make a valid column name from a key: the key itself if it is valid, else its words joined by `_`."""
    if _PLAIN.fullmatch(key):
        return key
    name = "_".join(words_of(key)) or "column"
    return name if _PLAIN.fullmatch(name) else f"c_{name}"


def distinct_name(name: str, taken: Iterable[str]) -> str:
    """Return the name, with a number appended if it is taken; upper and lower case count as equal."""
    folded = {one.casefold() for one in taken}
    number, result = 1, name
    while result.casefold() in folded:
        number += 1
        result = f"{name}_{number}"
    return result


def is_nameable(key: str) -> bool:
    """Whether a contract can name the key: it has no control characters and no backtick (the quote character)."""
    return bool(key) and "`" not in key and not any(unicodedata.category(one) in {"Cc", "Cs"} for one in key)


def counted(number: int, what: str) -> str:
    """Format a number with its noun: `1 file`, `2 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def shown(text: str) -> str:
    """Truncate a text from the data and remove control characters, for comments and messages."""
    return printable(text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…")
