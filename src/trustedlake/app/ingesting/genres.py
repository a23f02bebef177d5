"""Translate genres from the user's names to TMDB's numbers."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from trustedlake.errors import ConfigError
from trustedlake.models.genres import GENRES, WAR, WAR_AND_POLITICS
from trustedlake.models.lake import Entity

if TYPE_CHECKING:
    from collections.abc import Mapping

_LIKELY = 0.6


def genre_numbers(text: str, entity: Entity) -> tuple[tuple[int, ...], list[str]]:
    """Return the numbers of comma-separated names or numbers, and notes for the user.

    For series, `War` means `War & Politics`, the only such genre that TMDB has for them.

    Raises:
        ConfigError: there is no such genre.
    """
    asked = [word.strip() for word in text.split(",") if word.strip()]
    if not asked:
        raise ConfigError("--genres names no genre", hint=f"give names or numbers: {_all_names(entity)}")
    notes = []
    numbers = set()
    for word in asked:
        if entity is Entity.SERIES and word.casefold() in {"war", str(WAR)}:
            notes.append(f"War is {GENRES[entity][WAR_AND_POLITICS]!r} ({WAR_AND_POLITICS}) for series")
            numbers.add(WAR_AND_POLITICS)
        else:
            numbers.add(_number(word, entity))
    return tuple(sorted(numbers)), notes


def _number(word: str, entity: Entity) -> int:
    genres = GENRES[entity]
    if word.isascii() and word.isdigit() and int(word) in genres:
        return int(word)
    by_name = {name.casefold(): number for number, name in genres.items()}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    raise ConfigError(f"TMDB has no genre {word!r} for {entity}", hint=_guess(word, genres) or _all_names(entity))


def _guess(word: str, genres: Mapping[int, str]) -> str:
    names = {name.casefold(): name for name in genres.values()}
    holding = [name for name in names if word.casefold() in name.replace("&", " ").split()]
    close = holding or get_close_matches(word.casefold(), names, n=2, cutoff=_LIKELY)
    return f"did you mean {' or '.join(repr(names[name]) for name in close)}?" if close else ""


def _all_names(entity: Entity) -> str:
    return ", ".join(f"{name} ({number})" for number, name in GENRES[entity].items())
