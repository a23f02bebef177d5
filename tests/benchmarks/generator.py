"""Deterministic raw files for benchmarks: the same arguments give the same bytes, on every machine."""

from __future__ import annotations

import json
import os
import random
import shutil
from datetime import date, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

VERSION = 1
"""Raised when the bytes change, so that no cached lake is taken for a new one."""

MOVIES = "Raw/TMDB/JSON/Movies"
CSV = "Raw/Local/CSV/Movies"
FIRST_DAY = date(2025, 1, 1)
LINES_PER_WRITE = 10_000

HEADER = (
    "id|tituloPincipal|tituloOriginal|anoLancamento|tempoMinutos|genero|notaMedia|numeroVotos|generoArtista|personagem"
    "|nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos\n"
)

# fmt: off
_WORDS = (
    "harbour", "lantern", "widow", "captain", "border", "letter", "winter", "orchard", "judge", "mirror", "signal",
    "train", "brother", "detective", "fire", "silence", "bridge", "village", "doctor", "river", "promise",
    "stranger", "rebel", "engine", "garden", "soldier", "secret", "morning", "debt", "island", "choir", "smuggler",
    "archive", "storm", "daughter", "verdict", "tunnel", "coração", "fundição", "niño", "señal", "façade", "cliché",
    "über",
)
# fmt: on
_GENRES = ("Crime", "War", "Drama", "Thriller", "History", "Action", "Mystery", "Comedy", "Adventure", "Romance")
_GENRE_IDS = (80, 10752, 18, 53, 36, 28, 9648, 35, 12, 10749)
_PROFESSIONS = ("actor", "actress", "actor,producer", "actress,writer", "actor,director,writer", "")


def films(
    lake: Path,
    *,
    movies: int = 200_000,
    files: int = 2_000,
    days: int = 30,
    first: date = FIRST_DAY,
    clean: bool = False,
) -> None:
    """Write films as one-line arrays, as many in each file, the files spread over consecutive days.

    Of 200 films one is rejected and one repeats the film before it in its file, but for `clean` ones. Of twenty one has
    TMDB's full body, the others the ten fields of the source.
    """
    texts = _Texts(movies, clean=clean)
    for number in range(files):
        day = first + timedelta(days=number * days // files)
        start, end = number * movies // files, (number + 1) * movies // files
        folder = lake / MOVIES / f"{day:%Y/%m/%d}"
        folder.mkdir(parents=True, exist_ok=True)
        array = ", ".join(texts.film(index) for index in range(start, end))
        (folder / f"filmes_{number:06}.json").write_text(f"[{array}]", encoding="utf-8")


def csv_lines(lake: Path, *, lines: int = 1_000_000) -> None:
    r"""Write one pipe-separated file, one line for each (film, artist): about 150 bytes a line, nulls as `\N`.

    Of 200 lines one is rejected, and one repeats the line before it.
    """
    folder = lake / CSV / f"{FIRST_DAY:%Y/%m/%d}"
    folder.mkdir(parents=True, exist_ok=True)
    content = islice(_Texts(lines).csv_lines(), lines)
    with (folder / "movies.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        while block := "".join(islice(content, LINES_PER_WRITE)):
            file.write(block)


def cached(cache: Path, name: str, make: Callable[[Path], None]) -> Path:
    """The lake of that name below `cache`; made by `make` if it isn't there, whole or not at all."""
    lake = cache / f"{name}-v{VERSION}"
    if not lake.exists():
        unfinished = lake.with_name(f"{lake.name}.unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        make(unfinished)
        unfinished.rename(lake)
    return lake


def linked(lake: Path, copy: Path) -> Path:
    """A lake with the same raw files, as hard links: a fresh one for each run costs next to nothing."""
    shutil.copytree(lake / "Raw", copy / "Raw", copy_function=os.link)
    return copy


class _Texts:
    """The texts that films are put together from; drawn once, as drawing is what takes time."""

    def __init__(self, seed: int, *, clean: bool = False) -> None:
        self._clean = clean
        self._draw = random.Random(seed)
        self._sentences = [self._sentence(self._draw.randint(8, 20)) for _ in range(2_000)]
        self._names = [self._sentence(2).rstrip(".").title() for _ in range(2_000)]

    def film(self, index: int) -> str:
        """A film as JSON, on one line."""
        draw = self._draw
        odd = -1 if self._clean else index % 200
        identity = index if odd == 7 else index + 1  # the number of the film before it
        title = "" if odd == 11 else f"{draw.choice(self._names)} {identity}"
        chosen = draw.sample(range(len(_GENRES)), draw.randint(0, 3))
        released = f"{draw.randint(1920, 2025)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
        collection = f'"{draw.choice(self._names)} Collection"' if index % 6 == 0 else "null"
        ten = (
            f'"movie_id": {identity}, "title": "{title}",'
            f' "overview": "{" ".join(draw.choices(self._sentences, k=draw.randint(1, 5)))}",'
            f' "release_date": "{"" if index % 90 == 0 else released}", "popularity": {draw.random() * 90:.3f},'
            f' "vote_average": {draw.randint(0, 100) / 10:g}, "vote_count": {int(draw.paretovariate(0.6))},'
            f' "collection": {collection}, "genres": {_json([_GENRES[place] for place in chosen])},'
            f' "keywords": {_json(draw.choices(_WORDS, k=draw.randint(0, 6)))}'
        )
        if index % 20:
            return f"{{{ten}}}"
        ids = _json([_GENRE_IDS[place] for place in chosen])
        return (
            f'{{{ten}, "imdb_id": "tt{identity:07}", "original_title": "{title}", "original_language": "en",'
            f' "status": "Released", "runtime": {draw.randint(0, 200)}, "budget": {draw.randint(0, 9) * 1_000_000},'
            f' "revenue": {draw.randint(0, 3_000_000_000)}, "id_collection": null, "id_genres": {ids},'
            f' "tagline": "{draw.choice(self._sentences)}"}}'
        )

    def csv_lines(self) -> Iterator[str]:
        """Endless lines: films with one to ten artists each."""
        return chain.from_iterable(map(self._cast, range(10**9)))

    def _cast(self, film: int) -> Iterator[str]:
        draw = self._draw
        identity = f"nm{film:07}" if film % 200 == 13 else f"tt{film:07}"
        title = f"{draw.choice(self._names)} {film}"
        genre = ",".join(draw.sample(_GENRES, draw.randint(1, 3)))
        year, minutes = draw.randint(1920, 2025), draw.choice((r"\N", *range(40, 200, 7)))
        start = (
            f"{identity}|{title}|{title}|{year}|{minutes}|{genre}|{draw.randint(10, 99) / 10}|{draw.randint(5, 10**6)}"
        )
        line = ""
        for place in range(draw.randint(1, 10)):
            if film % 40 == 0 and place == 1:
                yield line
            born = draw.randint(1890, 2005)
            died = born + 70 if place % 3 == 0 and born < 1950 else r"\N"
            known = ",".join(f"tt{draw.randrange(10**7):07}" for _ in range(draw.randint(1, 4)))
            line = (
                f"{start}|{'actress' if place % 2 else 'actor'}|{draw.choice(self._names)}|{draw.choice(self._names)}"
                f"|{born}|{died}|{draw.choice(_PROFESSIONS)}|{known}\n"
            )
            yield line

    def _sentence(self, words: int) -> str:
        return " ".join(self._draw.choices(_WORDS, k=words)).capitalize() + "."


def _json(texts: Sequence[object]) -> str:
    return json.dumps(texts, ensure_ascii=False)
