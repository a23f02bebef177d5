"""Names: keys as people write them -> column names, words for comparing, texts that are safe to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_SHOWN_CHARS = 60


def ascii_text(text: str) -> str:
    """The text without accents, and without characters that ASCII lacks."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def words_of(key: str) -> list[str]:
    """The words of a key, in lower case and without accents: `Data de Lançamento`, `dataDeLancamento` -> three."""
    plain = ascii_text(key).replace("IMDb", "Imdb")
    return [word.lower() for part in _OTHER.split(plain) for word in _CAMEL.split(part) if word]


def word_set(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def column_name(key: str) -> str:
    """A valid column name for a key: the key itself where it is one, else its words joined by `_`."""
    if _PLAIN.fullmatch(key):
        return key
    name = "_".join(words_of(key)) or "column"
    return name if _PLAIN.fullmatch(name) else f"c_{name}"


def distinct_name(name: str, taken: Iterable[str]) -> str:
    """The name, with a number behind it where one of the taken names differs from it in case at most."""
    folded = {one.casefold() for one in taken}
    number, result = 1, name
    while result.casefold() in folded:
        number += 1
        result = f"{name}_{number}"
    return result


def is_nameable(key: str) -> bool:
    """Whether a contract can name the key: it has no control characters, and no backtick, which quotes it."""
    return bool(key) and "`" not in key and not any(unicodedata.category(one) in {"Cc", "Cs"} for one in key)


def counted(number: int, what: str) -> str:
    """A number and what there is of it: `1 file`, `2 files`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def shown(text: str) -> str:
    """A text from data, cut and without control characters, for comments and messages."""
    cut = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in cut)
